// Who probably holds the port, and by what evidence.
import type { JSX } from 'preact';
import type { IncidentContext, IncidentView, Remedy } from '../api/types.ts';
import { portOf } from '../model/incident-text.ts';
import { incidentPath } from '../routes.ts';
import { Command } from '../ui/boxes.tsx';
import { Moment } from '../ui/marks.tsx';
import { PortOwner } from './port-owner.tsx';

interface HolderProps {
  readonly incident: IncidentView;
  readonly remedy: Remedy;
  readonly evidence: IncidentContext['evidence'];
  reload(): void;
}

/** The holder of the port; for a fault without one the likely causes alone. */
export function Holder({ incident, remedy, evidence, reload }: HolderProps): JSX.Element | null {
  const port = portOf(incident);
  const { likelyHolder } = incident;
  if (port === undefined)
    return remedy.causes.length + evidence.length === 0 ? null : (
      <section class="holder" aria-labelledby="causes">
        <h2 id="causes">Likely causes</h2>
        <Evidence evidence={evidence} />
        <Causes remedy={remedy} />
      </section>
    );
  return (
    <section class="holder" aria-labelledby="holder">
      <h2 id="holder">Who holds port {port}</h2>
      {likelyHolder !== undefined && (
        <p>
          Probably: <strong>{likelyHolder.replace(/\.$/u, '')}</strong>
          {evidence.length === 0 && ', by the catalogue alone: no other event of the host names it'}.
        </p>
      )}
      <Evidence evidence={evidence} />
      <p>
        {likelyHolder === undefined ? 'Not known: no other event of the host names it. Look' : 'To be sure, look'} on{' '}
        {incident.host}:
      </p>
      <Causes remedy={remedy} />
      <PortOwner incident={incident} port={Number(port)} reload={reload} />
    </section>
  );
}

/** Other incidents of the host that name the cause. */
function Evidence({ evidence }: Pick<HolderProps, 'evidence'>): JSX.Element | null {
  if (evidence.length === 0) return null;
  return (
    <ul class="causes">
      {evidence.map(({ incidentId, text, event, lastSeen }) => (
        <li key={incidentId}>
          {text}{' '}
          <a href={incidentPath(incidentId)}>
            {event}, <Moment at={lastSeen} />
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The causes of this event's own values first; then those that apply to any. */
function Causes({ remedy }: Pick<HolderProps, 'remedy'>): JSX.Element {
  const causes = [...remedy.causes].toSorted(
    (left, right) => Number(right.isSpecific ?? false) - Number(left.isSpecific ?? false),
  );
  return (
    <ul class="causes">
      {causes.map(({ text, check, command }) => (
        <li key={text}>
          <p>{text}</p>
          {check !== undefined && <p class="muted">{check}</p>}
          {command !== undefined && <Command text={command} />}
        </li>
      ))}
    </ul>
  );
}
