// A delivery to a receiver that is gone: who gets it instead.
import { encodeActivityEntry } from '../../../shared/contracts/activity.ts';
import { type Incident, type Transition } from '../../../shared/contracts/incident.ts';
import type { NotificationReason } from '../../../shared/contracts/notification.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import { passOn, type PassOnParts } from '../groups/retire.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { StateLost } from '../redis/state-lost.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { type Decision, decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { skippedEntry, settledEntries, undeliverableEntry } from '../delivery/activity-entries.ts';
import type { Claim, NotificationLog } from '../delivery/notification-log.ts';
import type { PassedOn } from '../delivery/gone-receiver-worker.ts';
import { type Delivery, outcomeOf } from '../delivery/plan.ts';

/** Dependencies of rerouting. */
export interface RerouteParts extends PassOnParts {
  readonly store: Pick<IncidentStore, 'snapshots'>;
  readonly notificationLog: Pick<NotificationLog, 'claim' | 'settle'>;
  readonly producer: RecordProducer;
  readonly metrics: Pick<NotifierMetrics, 'superseded' | 'unrouted'>;
  readonly policy: Policy;
  readonly now: () => number;
}

const LEASE_MS = 30_000;
const DONE: PassedOn = { kind: 'done' };

/**
 * The reasons that are passed on. Edits and acknowledgements only change a message that the
 * receiver had.
 */
const KINDS: Readonly<Partial<Record<NotificationReason, Transition['kind']>>> = {
  opened: 'opened',
  reopened: 'reopened',
  repeated: 'snooze_ended',
  escalated: 'escalated',
  resolved: 'resolved',
};

/**
 * Passes a delivery of one incident on. Throws Unavailable, and StateLost when Redis does not hold
 * the incident.
 */
export async function reroute(parts: RerouteParts, delivery: Delivery): Promise<PassedOn> {
  const { notificationLog, store, now } = parts;
  const claim = await notificationLog.claim(delivery, { leaseMs: LEASE_MS });
  if (claim.kind === 'in_progress') return { kind: 'wait', forMs: Math.max(1, Math.min(claim.waitMs, LEASE_MS)) };
  const [incident] = await store.snapshots([delivery.subjectId]);
  if (incident === undefined) throw new StateLost(`Redis does not hold incident ${delivery.subjectId}.`);
  if (claim.kind === 'sent') return await confirm(parts, { delivery, incident, claim });
  const result = await goElsewhere(parts, delivery, incident);
  const { unconfirmedRevision: revision } = claim;
  await notificationLog.settle(delivery, claim.token, {
    kind: revision === undefined ? 'open' : 'unknown',
    detail: 'the receiver is gone',
    atMs: now(),
    ...(revision === undefined ? {} : { revision }),
  });
  return result;
}

/** The receiver took it while it was there; its entry may be missing. */
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
): Promise<PassedOn> {
  const { revision, reference, atMs } = claim;
  const entries =
    revision > delivery.revision
      ? [skippedEntry(delivery, { kind: 'superseded', incident, reason: `revision ${revision} was notified` }, now())]
      : settledEntries(delivery, [incident], { kind: 'sent', reference, atMs, isOver: true });
  await producer.send(entries.map(encodeActivityEntry));
  return DONE;
}

async function goElsewhere(parts: RerouteParts, delivery: Delivery, incident: Incident): Promise<PassedOn> {
  const { producer, metrics, now } = parts;
  const { receiver, episode, revision, receivedAtMs, end } = delivery;
  const decision = decisionFor(parts.policy, delivery, incident);
  const ended = end === undefined ? {} : { end: end.incident };
  const place = { episode, revision, receivedAtMs, atMs: now(), ...ended };
  const to = decision?.kind === 'notify' ? await passOn(parts, outcomeOf(decision, incident, place), now()) : undefined;
  if (to !== undefined || decision === undefined || incident.episode > episode) {
    const reason =
      to === undefined
        ? `the receiver ${receiver}, which had the message that it would change, is gone`
        : `the receiver ${receiver} is gone: it goes to ${to.join(', ')}`;
    await producer.send([encodeActivityEntry(skippedEntry(delivery, { kind: 'superseded', incident, reason }, now()))]);
    metrics.superseded.inc();
    return DONE;
  }
  const why = decision.kind === 'unrouted' && decision.reason !== '' ? ` (${decision.reason})` : '';
  const detail = `the receiver ${receiver} is gone, and no route leads to another${why}; correct the routes and redrive ${receiver}`;
  await producer.send([encodeActivityEntry(undeliverableEntry(delivery, incident, { detail, atMs: now() }))]);
  metrics.unrouted.inc();
  return { kind: 'failed', detail };
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
    atMs: 0,
    actor: '',
    reason: '',
  } as const;
  const decision = decide({ ...common, kind }, incident, policy);
  // No step of escalation is configured any more: the alert itself still has to reach somebody.
  return kind === 'escalated' && decision.kind !== 'notify'
    ? decide({ ...common, kind: 'opened' }, incident, policy)
    : decision;
}
