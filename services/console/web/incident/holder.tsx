// Who probably holds the port, and by what evidence.
import type { JSX } from 'preact';
import type { IncidentView, Remedy } from '../api/types.ts';
import { portOf } from '../model/incident-text.ts';
import { Command } from '../ui/boxes.tsx';

interface HolderProps {
  readonly incident: IncidentView;
  readonly remedy: Remedy;
}

/** The holder of the port; for a fault without one the likely causes alone. */
export function Holder({ incident, remedy }: HolderProps): JSX.Element | null {
  const port = portOf(incident);
  const { likelyHolder } = incident;
  if (port === undefined)
    return remedy.causes.length === 0 ? null : (
      <section class="holder" aria-labelledby="causes">
        <h2 id="causes">Likely causes</h2>
        <Causes remedy={remedy} />
      </section>
    );
  return (
    <section class="holder" aria-labelledby="holder">
      <h2 id="holder">Who holds port {port}</h2>
      {likelyHolder === undefined ? (
        <p>Not known: no other event of the host names it. Look on {incident.host}:</p>
      ) : (
        <p>
          Probably: <strong>{likelyHolder.replace(/\.$/u, '')}</strong>. To be sure, look on {incident.host}:
        </p>
      )}
      <Causes remedy={remedy} />
    </section>
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
