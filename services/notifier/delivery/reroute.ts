// A delivery to a receiver that is gone: who gets it instead.
import { encodeAction, type Incident, type Transition } from '../../../shared/contracts/incident.ts';
import type { NotificationReason } from '../../../shared/contracts/notification.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import { joinUntold } from '../groups/retire.ts';
import type { GroupStore } from '../groups/store.ts';
import { type IncidentStore, StateLost } from '../incidents/store.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { type Decision, decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { passedRow, settledRows, undeliverableRow } from './delivery-rows.ts';
import type { Claim, Ledger } from './ledger.ts';
import { type Delivery, outcomeOf } from './plan.ts';
import type { DeliveryQueues } from './queue.ts';

/** What rerouting works with. */
export interface RerouteParts {
  readonly store: Pick<IncidentStore, 'snapshots'>;
  readonly ledger: Pick<Ledger, 'claim' | 'settle'>;
  readonly queues: Pick<DeliveryQueues, 'add' | 'redrive'>;
  readonly groups: Pick<GroupStore, 'change' | 'untell'>;
  readonly producer: RecordProducer;
  readonly metrics: Pick<NotifierMetrics, 'overtaken' | 'unrouted'>;
  readonly policy: Policy;
  readonly now: () => number;
}

/** What came of it. `waitMs`: not done, because another process is sending it; `failed`: nobody gets it, and why. */
export interface Rerouted {
  readonly waitMs: number;
  readonly failed?: string;
}

const LEASE_MS = 30_000;
const DONE: Rerouted = { waitMs: 0 };

/** What others are told of instead. Edits and acknowledgements only change a message that the receiver had. */
const KINDS: Readonly<Partial<Record<NotificationReason, Transition['kind']>>> = {
  opened: 'opened',
  reopened: 'reopened',
  repeated: 'snooze_ended',
  escalated: 'escalated',
  resolved: 'resolved',
};

/** Passes a delivery of one incident on. Throws Unavailable, and StateLost when Redis does not hold the incident. */
export async function reroute(parts: RerouteParts, delivery: Delivery): Promise<Rerouted> {
  const { ledger, store, now } = parts;
  const claim = await ledger.claim(delivery, { leaseMs: LEASE_MS });
  if (claim.kind === 'busy') return { waitMs: Math.max(1, Math.min(claim.waitMs, LEASE_MS)) };
  const [incident] = await store.snapshots([delivery.incidentId]);
  if (incident === undefined) throw new StateLost(`Redis does not hold incident ${delivery.incidentId}.`);
  if (claim.kind === 'sent') return await confirm(parts, { delivery, incident, claim });
  const result = await passOn(parts, delivery, incident);
  const { uncertainRevision: revision } = claim;
  await ledger.settle(delivery, claim.token, {
    kind: revision === undefined ? 'open' : 'unknown',
    detail: 'the receiver is gone',
    atMs: now(),
    ...(revision === undefined ? {} : { revision }),
  });
  return result;
}

/** The receiver took it while it was there; its row may be missing. */
async function confirm(
  { producer, now }: RerouteParts,
  {
    delivery,
    incident,
    claim,
  }: {
    readonly delivery: Delivery;
    readonly incident: Incident;
    readonly claim: Claim & { readonly kind: 'sent' };
  },
): Promise<Rerouted> {
  const { revision, reference, atMs } = claim;
  const rows =
    revision > delivery.revision
      ? [passedRow(delivery, { kind: 'overtaken', incident, reason: `revision ${revision} was told` }, now())]
      : settledRows(delivery, [incident], { kind: 'sent', reference, atMs, isOver: true });
  await producer.send(rows.map(encodeAction));
  return DONE;
}

async function passOn(parts: RerouteParts, delivery: Delivery, incident: Incident): Promise<Rerouted> {
  const { producer, metrics, now } = parts;
  const { receiver } = delivery;
  const decision = decisionFor(parts.policy, delivery, incident);
  if (decision?.kind === 'notify') {
    const to = await give(parts, { delivery, incident, decision });
    const reason = `the receiver ${receiver} is gone: it goes to ${to.join(', ')}`;
    await producer.send([encodeAction(passedRow(delivery, { kind: 'overtaken', incident, reason }, now()))]);
    metrics.overtaken.inc();
    return DONE;
  }
  if (decision === undefined || incident.episode > delivery.episode) {
    const reason = `the receiver ${receiver}, which had the message that it would change, is gone`;
    await producer.send([encodeAction(passedRow(delivery, { kind: 'overtaken', incident, reason }, now()))]);
    metrics.overtaken.inc();
    return DONE;
  }
  const why = decision.kind === 'unrouted' && decision.reason !== '' ? ` (${decision.reason})` : '';
  const failed = `the receiver ${receiver} is gone, and no route leads to another${why}; correct the routes and redrive ${receiver}`;
  await producer.send([encodeAction(undeliverableRow(delivery, incident, { detail: failed, atMs: now() }))]);
  metrics.unrouted.inc();
  return { waitMs: 0, failed };
}

/** Undefined when only the receiver itself had something of it. */
function decisionFor(
  policy: Policy,
  { reason, episode, revision }: Delivery,
  incident: Incident,
): Decision | undefined {
  const kind = KINDS[reason];
  if (kind === undefined) return undefined;
  const to = kind === 'resolved' ? 'resolved' : 'open';
  const common = {
    incidentId: incident.id,
    episode,
    revision,
    from: 'none',
    to,
    at: 0,
    actor: '',
    reason: '',
  } as const;
  const decision = decide({ ...common, kind }, incident, policy);
  // No step of escalation is configured any more: the alert itself still has to reach somebody.
  return kind === 'escalated' && decision.kind !== 'notify'
    ? decide({ ...common, kind: 'opened' }, incident, policy)
    : decision;
}

/** Queues it for the others; one that failed there under the same id is tried again. Gives their names. */
async function give(
  { queues, groups, now }: RerouteParts,
  {
    delivery,
    incident,
    decision,
  }: {
    readonly delivery: Delivery;
    readonly incident: Incident;
    readonly decision: Decision & { readonly kind: 'notify' };
  },
): Promise<readonly string[]> {
  const { episode, revision, receivedAtMs, end } = delivery;
  const { deliveries, groupChanges } = outcomeOf(decision, incident, {
    episode,
    revision,
    receivedAtMs,
    at: now(),
    ...(end === undefined ? {} : { end }),
  });
  await queues.add(deliveries);
  for (const { receiver, id } of deliveries) await queues.redrive(receiver, id);
  await joinUntold(groups, groupChanges, now());
  return [
    ...new Set([...deliveries.map(({ receiver }) => receiver), ...groupChanges.map(({ group }) => group.receiver)]),
  ];
}
