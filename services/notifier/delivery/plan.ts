// From transitions to what has to be written and sent: actions for Kafka, deliveries for the queues. Pure.
import { deliveryIdOf, digestId } from '../../../shared/contracts/ids.ts';
import type { Action, Incident } from '../../../shared/contracts/incident.ts';
import { actionOf } from '../../../shared/contracts/incident-reducer.ts';
import type { NotificationReason } from '../../../shared/contracts/notification.ts';
import type { OutboxEntry } from '../incidents/store.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';

/** One delivery to be made: ids only, because a queue keeps it in clear text. */
export interface Delivery {
  /** See `deliveryIdOf`; the job's id. */
  readonly id: string;
  readonly incidentId: string;
  readonly episode: number;
  readonly revision: number;
  readonly receiver: string;
  readonly reason: NotificationReason;
  /** When the collector received the event, epoch milliseconds. */
  readonly receivedAtMs: number;
}

/** What follows from a list of transitions. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly deliveries: readonly Delivery[];
}

/** Plans outbox entries; `incidentOf` gives the snapshot a transition belongs to. */
export function plan(entries: readonly OutboxEntry[], incidentOf: (id: string) => Incident, policy: Policy): Plan {
  const actions: Action[] = [];
  const deliveries: Delivery[] = [];
  for (const { transition, receivedAtMs } of entries) {
    const incident = incidentOf(transition.incidentId);
    const row = actionOf(transition, incident);
    const decision = decide(transition, incident, policy);
    actions.push(row);
    if (decision.kind === 'unrouted') actions.push({ ...row, ...unroutedRow(row), reason: decision.reason });
    if (decision.kind !== 'notify') continue;
    const { reason } = decision;
    for (const { receiver } of decision.targets)
      deliveries.push(deliveryOf({ ...row, receiver, reason, receivedAtMs }));
  }
  return { actions, deliveries };
}

/** The delivery of an incident's revision to a receiver. */
export function deliveryOf(parts: Omit<Delivery, 'id'>): Delivery {
  const { incidentId, episode, revision, receiver, reason, receivedAtMs } = parts;
  const id = deliveryIdOf(incidentId, episode, revision, receiver);
  return { id, incidentId, episode, revision, receiver, reason, receivedAtMs };
}

function unroutedRow({ incidentId, revision }: Action): Pick<Action, 'id' | 'type'> {
  return { id: digestId(['unrouted', incidentId, String(revision)]), type: 'unrouted' };
}
