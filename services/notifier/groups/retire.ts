// A group that the configuration has no route for any more: its incidents that were not notified
// yet go by the routes that there are now.
import { type ActivityEntry, encodeActivityEntry } from '../../../shared/contracts/activity.ts';
import { type IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import { undeliverableEntry } from '../delivery/activity-entries.ts';
import type { NotificationLog } from '../delivery/notification-log.ts';
import { deliveryOf, outcomeOf, type Plan } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { escalatedTargets, targetsOf } from '../policy/decide.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import { suppressedMark, isNotified, endMark } from '../policy/notified-mark.ts';
import { type MemberParts, readBriefs } from './members.ts';
import type { GroupState, GroupStore } from './store.ts';

/** What gives incidents to other receivers. */
export interface PassOnParts {
  readonly queues: Pick<DeliveryQueues, 'add' | 'redrive'>;
  readonly groups: Pick<GroupStore, 'change' | 'revert'>;
}

/** Dependencies of retiring. */
export interface RetireParts extends PassOnParts {
  readonly store: MemberParts['store'];
  readonly groups: Pick<GroupStore, 'isPolicy' | 'setDue' | 'change' | 'revert' | 'drop'>;
  readonly notificationLog: Pick<NotificationLog, 'sentRevision'>;
  readonly producer: RecordProducer;
  readonly metrics: Pick<NotifierMetrics, 'unrouted'>;
  readonly policy: Policy;
}

/** Another process may have a newer configuration, and the group be one of its. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Ends the group, or leaves it alone while Redis was last filled by the configuration of another
 * process. Throws Unavailable and StateLost.
 */
export async function retireGroup(parts: RetireParts, state: GroupState, nowMs: number): Promise<void> {
  const { groups, policy, producer, metrics } = parts;
  if (!(await groups.isPolicy(policy.fingerprint))) {
    await groups.setDue(state.group.id, nowMs + LOOK_AGAIN_MS);
    return;
  }
  const incidents = await unnotifiedOf(parts, state);
  const plans = incidents.map((incident) => ({ incident, plan: planOf(incident, state, policy) }));
  const nobodys = plans.filter(({ plan }) => plan.deliveries.length + plan.groupChanges.length === 0);
  await producer.send(nobodys.map(({ incident }) => encodeActivityEntry(unroutedEntry(state, incident, nowMs))));
  metrics.unrouted.inc(nobodys.length);
  const deliveries = plans.flatMap(({ plan }) => plan.deliveries);
  const groupChanges = plans.flatMap(({ plan }) => plan.groupChanges);
  await passOn(parts, { deliveries, groupChanges }, nowMs);
  await groups.drop(state.group.id);
}

/**
 * Gives incidents to receivers that were not notified of them: a delivery that failed there under
 * the same id is tried again, and in a group they count as not notified, whatever their marks say,
 * which may come from a change of the configuration. Gives the names of the receivers. Throws
 * Unavailable and StateLost.
 */
export async function passOn(
  { queues, groups }: PassOnParts,
  { deliveries, groupChanges }: Omit<Plan, 'actions'>,
  nowMs: number,
): Promise<readonly string[]> {
  await queues.add(deliveries);
  for (const { receiver, id } of deliveries) await queues.redrive(receiver, id);
  const joins = groupChanges.map((change) => ({ ...change, kind: 'join' as const }));
  if (joins.length > 0) await groups.change(joins, nowMs);
  for (const { group, incidentId, grouping } of joins)
    await groups.revert(group.id, { incidentIds: [incidentId] }, nowMs + grouping.waitMs);
  const receivers = [...deliveries.map(({ receiver }) => receiver), ...joins.map(({ group }) => group.receiver)];
  return [...new Set(receivers)];
}

/**
 * Marks are made when a message is queued: an unrecorded incident was not taken by the receiver,
 * unless only its entries are missing.
 */
async function unnotifiedOf(
  { store, notificationLog }: RetireParts,
  state: GroupState,
): Promise<readonly IncidentBrief[]> {
  const { group, notified, memberIds, unrecordedIds, episode, revision } = state;
  const sent = await notificationLog.sentRevision({ subjectId: group.id, episode, receiver: group.receiver });
  const unrecorded = new Set(sent < revision ? unrecordedIds : []);
  const incidents = await readBriefs(store, [...new Set([...memberIds, ...unrecorded])]);
  return [...incidents.values()].filter((incident) => {
    const mark = notified[incident.id];
    if (unrecorded.has(incident.id)) return true;
    if (incident.state !== 'resolved') return !isNotified(mark, incident);
    if (mark === suppressedMark(incident, 'flapping')) return true;
    return mark !== endMark(incident) && mark?.startsWith(suppressedMark(incident, '')) !== true;
  });
}

function planOf(incident: IncidentBrief, { group, receivedAtMs }: GroupState, policy: Policy): Omit<Plan, 'actions'> {
  const labels = labelsOf(incident, policy.labelRules);
  const targets = [...targetsOf(incident, labels, policy).targets, ...escalatedTargets(incident, labels, policy)];
  const same = targets.filter(({ receiver }) => receiver === group.receiver);
  const decision = {
    kind: 'notify',
    targets: same.length > 0 ? same : targets,
    labels,
    reason: reasonOf(incident),
  } as const;
  const { episode, revision } = incident;
  return outcomeOf(decision, incident, { episode, revision, receivedAtMs, atMs: receivedAtMs });
}

function reasonOf({ state, episode }: IncidentBrief): 'opened' | 'reopened' | 'resolved' {
  if (state === 'resolved') return 'resolved';
  return episode > 1 ? 'reopened' : 'opened';
}

function unroutedEntry(
  { group, episode, revision }: GroupState,
  incident: IncidentBrief,
  nowMs: number,
): ActivityEntry {
  const { id: subjectId, receiver } = group;
  const common = { subjectId, isGroup: true, episode, revision, receiver, receivedAtMs: nowMs } as const;
  return undeliverableEntry(deliveryOf({ ...common, reason: reasonOf(incident) }), incident, {
    detail: `the group that was to notify ${receiver} is no longer configured, and no route leads to a receiver; correct the routes, it is notified with its next change`,
    atMs: nowMs,
    discriminator: `retired ${incident.revision}`,
  });
}
