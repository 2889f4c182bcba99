// A group that the configuration has no route for any more: its incidents that were not notified yet go by the routes that there are now.
import { deliveryIdOf, digestId } from '../../../shared/contracts/ids.ts';
import { type ActivityEntry, encodeActivityEntry, entryIncidentOf } from '../../../shared/contracts/activity.ts';
import { type IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { NotificationLog } from '../delivery/notification-log.ts';
import { type GroupChange, outcomeOf, type Plan } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { escalatedTargets, targetsOf } from '../policy/decide.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import { suppressedMark, isNotified, endMark } from '../policy/notified-mark.ts';
import { type MemberParts, readBriefs } from './members.ts';
import type { GroupState, GroupStore } from './store.ts';

/** Dependencies of retiring. */
export interface RetireParts {
  readonly store: MemberParts['store'];
  readonly groups: Pick<GroupStore, 'isPolicy' | 'postpone' | 'change' | 'revert' | 'drop'>;
  readonly notificationLog: Pick<NotificationLog, 'sentRevision'>;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly producer: RecordProducer;
  readonly metrics: Pick<NotifierMetrics, 'unrouted'>;
  readonly policy: Policy;
}

/** Another process may have a newer configuration, and the group be one of its. */
const LOOK_AGAIN_MS = 30_000;

/** Ends the group, or leaves it alone while Redis was last filled by the configuration of another process. Throws Unavailable and StateLost. */
export async function retireGroup(parts: RetireParts, state: GroupState, nowMs: number): Promise<void> {
  const { groups, queues, policy, producer, metrics } = parts;
  if (!(await groups.isPolicy(policy.fingerprint))) {
    await groups.postpone(state.group.id, nowMs + LOOK_AGAIN_MS);
    return;
  }
  const incidents = await unnotifiedOf(parts, state);
  const plans = incidents.map((incident) => ({ incident, plan: planOf(incident, state, policy) }));
  const nobodys = plans.filter(({ plan }) => plan.deliveries.length + plan.groupChanges.length === 0);
  await producer.send(nobodys.map(({ incident }) => encodeActivityEntry(unroutedEntry(state, incident, nowMs))));
  metrics.unrouted.inc(nobodys.length);
  await queues.add(plans.flatMap(({ plan }) => plan.deliveries));
  await joinUnnotified(
    parts.groups,
    plans.flatMap(({ plan }) => plan.groupChanges),
    nowMs,
  );
  await groups.drop(state.group.id);
}

/** Takes incidents into groups as not notified there, whatever their marks say: those may come from a change of the configuration. */
export async function joinUnnotified(
  groups: Pick<GroupStore, 'change' | 'revert'>,
  changes: readonly GroupChange[],
  nowMs: number,
): Promise<void> {
  const joins = changes.map((change) => ({ ...change, kind: 'join' as const }));
  if (joins.length > 0) await groups.change(joins, nowMs);
  for (const { group, incidentId, grouping } of joins)
    await groups.revert(group.id, { incidentIds: [incidentId] }, nowMs + grouping.waitMs);
}

/** Marks are made when a message is queued: an unrecorded incident was not taken by the receiver, unless only its entries are missing. */
async function unnotifiedOf(
  { store, notificationLog }: RetireParts,
  state: GroupState,
): Promise<readonly IncidentBrief[]> {
  const { group, notified, memberIds, unrecordedIds, episode, revision } = state;
  const sent = await notificationLog.sentRevision({ subjectId: group.id, episode, receiver: group.receiver });
  const owed = new Set(sent < revision ? unrecordedIds : []);
  const incidents = await readBriefs(store, [...new Set([...memberIds, ...owed])]);
  return [...incidents.values()].filter((incident) => {
    const mark = notified[incident.id];
    if (owed.has(incident.id)) return true;
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
  return {
    id: digestId([
      'delivery_failed',
      'group',
      group.id,
      incident.id,
      String(incident.episode),
      String(incident.revision),
    ]),
    atMs: nowMs,
    subject: 'delivery',
    type: 'delivery_failed',
    actor: 'system',
    reason: reasonOf(incident),
    ...entryIncidentOf(incident),
    error: `the group that was to notify ${group.receiver} is no longer configured, and no route leads to a receiver; correct the routes, it is notified with its next change`,
    receiver: group.receiver,
    deliveryId: deliveryIdOf(group.id, episode, revision, group.receiver),
    group: { id: group.id, episode, revision },
  };
}
