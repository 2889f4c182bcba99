// The same fault elsewhere: earlier, with what people wrote and what resolved it; and now.
import type { JSX } from 'preact';
import { ask } from '../api/client.ts';
import type { IncidentPage, IncidentView } from '../api/types.ts';
import { portOf } from '../model/incident-text.ts';
import { useResource } from '../resource.ts';
import { incidentPath } from '../routes.ts';
import { Age, StateMark } from '../ui/marks.tsx';

interface ElsewhereProps {
  readonly incident: IncidentView;
}

const SHOWN = 5;
const BEFORE = 50;

function useIncidents(filter: string, limit: number): IncidentPage | undefined {
  const path = `/api/v1/incidents?${new URLSearchParams({ q: filter, limit: String(limit) })}`;
  return useResource(path, async (signal) => await ask<IncidentPage>(path, { signal })).data;
}

/** Resolved incidents of the same rule, this host's first. */
export function Before({ incident }: ElsewhereProps): JSX.Element | null {
  const data = useIncidents(`rule:${incident.rule.id} state:resolved`, BEFORE);
  const others = (data?.incidents ?? []).filter(({ id }) => id !== incident.id);
  if (others.length === 0 && incident.episode === 1) return null;
  const rank = (other: IncidentView): number =>
    Number(other.host !== incident.host) * 2 + Number(other.notes.length === 0);
  const shown = others.toSorted((left, right) => rank(left) - rank(right)).slice(0, SHOWN);
  return (
    <section class="before" aria-labelledby="before">
      <h2 id="before">Before</h2>
      {incident.episode > 1 && (
        <p>
          It has been here before: this is episode {incident.episode}. What resolved the earlier ones stands in the
          timeline.
        </p>
      )}
      <ul>
        {shown.map((other) => (
          <li key={other.id}>
            <a href={incidentPath(other.id)}>{other.host}</a> {portOf(other) !== undefined && `port ${portOf(other)}`},
            resolved <Age at={other.resolved ?? other.updated} /> ago by {other.resolvedBy ?? 'the system'}
            {other.clearedBy !== undefined && `: ${other.clearedBy}`}
            {other.notes.map(({ at, author, text }) => (
              <span class="quote" key={at}>
                {author}: {text}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Open incidents of the same rule and port on other hosts. */
export function SameNow({ incident }: ElsewhereProps): JSX.Element | null {
  const port = portOf(incident);
  const filter = `rule:${incident.rule.id} state:open,acknowledged${port === undefined ? '' : ` port:${port}`}`;
  const data = useIncidents(filter, SHOWN + 1);
  const others = (data?.incidents ?? []).filter(({ id }) => id !== incident.id);
  if (data === undefined || others.length === 0) return null;
  const count = data.total - (incident.state === 'resolved' ? 0 : 1);
  return (
    <section class="same-now" aria-labelledby="same-now">
      <h2 id="same-now">
        The same now on {count.toLocaleString('en')} other {count === 1 ? 'host' : 'hosts'}
      </h2>
      <ul>
        {others.slice(0, SHOWN).map((other) => (
          <li key={other.id}>
            <a href={incidentPath(other.id)}>{other.host}</a> <StateMark incident={other} /> for{' '}
            <Age at={other.opened} />
          </li>
        ))}
      </ul>
      <p>
        <a class="button" href={`/incidents?q=${encodeURIComponent(filter)}`}>
          Work on all {data.total.toLocaleString('en')}
        </a>
      </p>
    </section>
  );
}
