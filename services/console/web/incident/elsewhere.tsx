// The same fault before, here and elsewhere, with what people wrote and what resolved it; and now.
import type { JSX } from 'preact';
import type { IncidentContext, IncidentView } from '../api/types.ts';
import { incidentPath } from '../routes.ts';
import { Age } from '../ui/marks.tsx';

interface ElsewhereProps {
  readonly incident: IncidentView;
  readonly context: IncidentContext;
}

type Earlier = IncidentContext['earlierHere'][number];

const SHOWN = 5;

/** Earlier episodes here, and resolved incidents of the rule elsewhere: those with notes first. */
export function Before({ incident, context }: ElsewhereProps): JSX.Element | null {
  const { earlierHere, earlierElsewhere } = context;
  if (earlierHere.length === 0 && earlierElsewhere.length === 0) return null;
  const elsewhere = earlierElsewhere.toSorted((left, right) => worth(right) - worth(left)).slice(0, SHOWN);
  return (
    <section class="before" aria-labelledby="before">
      <h2 id="before">Before</h2>
      <ul>
        {earlierHere.map((earlier) => (
          <li key={`${earlier.episode}`}>
            Episode {earlier.episode} on {incident.host}
            <Ending earlier={earlier} />
          </li>
        ))}
        {elsewhere.map((earlier) => (
          <li key={`${earlier.incidentId} ${earlier.episode}`}>
            <a href={incidentPath(earlier.incidentId)}>{earlier.host}</a>
            <Ending earlier={earlier} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function worth({ notes = [], stepsDone = [], resolution = '' }: Earlier): number {
  return Number(notes.length > 0) * 2 + Number(stepsDone.length > 0) * 2 + Number(resolution !== '');
}

/** What ended it, and what people left. */
function Ending({ earlier }: { readonly earlier: Earlier }): JSX.Element {
  const { resolved, resolvedBy, resolution = '', notes = [], stepsDone = [] } = earlier;
  return (
    <>
      {resolved !== undefined && (
        <>
          , resolved <Age at={resolved} /> ago by {resolvedBy ?? 'the system'}
          {resolution !== '' && `: ${resolution}`}
        </>
      )}
      {stepsDone.map(({ step, text, by }) => (
        <span class="quote" key={step}>
          {by} did: {text}
        </span>
      ))}
      {notes.map(({ at, author, text }) => (
        <span class="quote" key={at}>
          {author}: {text}
        </span>
      ))}
    </>
  );
}

/** Unresolved incidents of the same rule, port and likely holder, this one among them. */
export function SameNow({ incident, context }: ElsewhereProps): JSX.Element | null {
  const { incidents, hosts, q } = context.sameNow;
  const others = incidents - (incident.state === 'resolved' ? 0 : 1);
  if (others < 1) return null;
  return (
    <section class="same-now" aria-labelledby="same-now">
      <h2 id="same-now">The same now</h2>
      <p>
        {others.toLocaleString('en')} more of the same fault, port and likely holder; with this one on{' '}
        {hosts.toLocaleString('en')} {hosts === 1 ? 'host' : 'hosts'}.{' '}
        <a class="button" href={`/incidents?q=${encodeURIComponent(q)}`}>
          Work on all {incidents.toLocaleString('en')}
        </a>
      </p>
    </section>
  );
}
