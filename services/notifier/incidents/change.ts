// One incident after the other, changed by a pure function until the change holds.
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Reduced } from '../../../shared/contracts/incident-reducer.ts';
import { endOf } from './episode-end.ts';
import type { IncidentStore, OutboxEntry } from './store.ts';

/** A change to make. Times are epoch milliseconds. */
export interface Wanted {
  readonly id: string;
  /** Of the command behind it: one that was done before is not done again. */
  readonly commandId?: string;
  /** Undefined: nothing to change. Called again when somebody else was faster. */
  apply(incident: Incident): Reduced | undefined | Promise<Reduced | undefined>;
  readonly nowMs: number;
  /** When the collector received what is behind it. */
  readonly receivedAtMs: number;
}

/**
 * The result: the change, `unknown` incident, `unchanged`, or `repeated` when the command was done
 * before.
 */
export type Changed =
  | { readonly kind: 'changed'; readonly reduced: Reduced }
  | { readonly kind: 'unknown' | 'unchanged' | 'repeated' };

/** Changes an incident; its transitions wait in the outbox. Throws Unavailable and StateLost. */
export async function changeIncident(store: IncidentStore, wanted: Wanted): Promise<Changed> {
  const { id, commandId, nowMs, receivedAtMs } = wanted;
  const eventIds = commandId === undefined ? [] : [commandId];
  for (;;) {
    const [loaded] = await store.load([{ id, eventIds }]);
    const incident = loaded?.incident;
    if (incident === undefined) return { kind: 'unknown' };
    if (commandId !== undefined && loaded?.seen.has(commandId) === true) return { kind: 'repeated' };
    const reduced = await wanted.apply(incident);
    if (reduced === undefined) return { kind: 'unchanged' };
    const outbox = outboxOf(reduced, receivedAtMs);
    const [isDone] = await store.commit([{ from: incident, to: reduced.incident, eventIds, outbox }], nowMs);
    if (isDone === true) return { kind: 'changed', reduced };
  }
}

/** What waits in the outbox after a change. */
export function outboxOf({ incident, transitions }: Reduced, receivedAtMs: number): readonly OutboxEntry[] {
  const { escalationStep } = incident;
  return transitions.map((transition) => ({
    transition,
    receivedAtMs,
    ...(escalationStep === undefined ? {} : { escalationStep }),
    ...(transition.kind === 'resolved' ? { end: endOf(incident) } : {}),
  }));
}
