// What Kafka says should have been notified and was not, after Redis was lost: deliveries go to the
// queues, members to their groups.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { LogKey, NotificationLog } from '../delivery/notification-log.ts';
import { type Delivery, type GroupChange, outcomeOf, type Plan } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { IncidentStore } from '../incidents/store.ts';
import type { History, NotifiedTransition } from './history.ts';
import { addMember, type GroupMember, type RestoredGroups } from './restore-groups.ts';

/** Dependencies of restoring. */
interface RestoreNotificationsParts {
  readonly store: Pick<IncidentStore, 'briefs'>;
  readonly notificationLog: Pick<NotificationLog, 'restore'>;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly policy: Policy;
}

/**
 * Does so with what was read, and adds the members of groups; gives the number of deliveries that
 * were queued. Throws Unavailable.
 */
export async function restoreNotifications(
  parts: RestoreNotificationsParts,
  history: History,
  groups: RestoredGroups,
): Promise<number> {
  const known: Known = { history, flapping: new Map() };
  const ids = [...history.last.keys()];
  let count = 0;
  for (let from = 0; from < ids.length; from += INCIDENTS_AT_A_TIME) {
    const planned = await expected(parts, ids.slice(from, from + INCIDENTS_AT_A_TIME), known);
    for (const change of planned.flatMap((each) => each.groupChanges)) addMember(groups, memberOf(change, known));
    const deliveries = planned.flatMap((each) => each.deliveries);
    const unnotified = await unnotifiedOf(parts, deliveries, known);
    await parts.queues.add(unnotified);
    count += unnotified.length;
  }
  return count;
}

const INCIDENTS_AT_A_TIME = 500;

interface Known {
  readonly history: History;
  /** Incident → the episode with which it began to flap; those that are resolved. */
  readonly flapping: Map<string, number>;
}

/**
 * Whether a receiver was notified that the incident flaps and not of the later episode, whose end
 * says how it stands.
 */
function awaitsEnd({ subjectId, episode, receiver }: LogKey, { history, flapping }: Known): boolean {
  const first = flapping.get(subjectId);
  if (first === undefined || first >= episode) return false;
  const isNotifiedOf = (one: number): boolean => history.lastNotified(subjectId, one, receiver) !== undefined;
  return isNotifiedOf(first) && !isNotifiedOf(episode);
}

/**
 * Receivers that were notified of an episode, by itself or in a group by the routes of that time,
 * get its acknowledgement and end; the others everything else.
 */
async function unnotifiedOf(
  { notificationLog }: RestoreNotificationsParts,
  deliveries: readonly Delivery[],
  known: Known,
): Promise<readonly Delivery[]> {
  const restored = await notificationLog.restore(
    deliveries.map((delivery) => {
      const { subjectId, episode, receiver } = delivery;
      const last = known.history.lastNotified(subjectId, episode, receiver);
      // Its reference, where it has one, was restored with its own entry.
      const sent = last === undefined ? {} : { sent: { ...last, reference: '' } };
      return { delivery, ...sent, isWanted: delivery.reason !== 'resolved' && delivery.reason !== 'acknowledged' };
    }),
  );
  return deliveries.filter((delivery, index) => {
    const { sentRevision = 0, isInDoubt = false } = restored[index] ?? {};
    const isBeginning = delivery.reason === 'opened' || delivery.reason === 'reopened';
    const isBehind = !isBeginning && sentRevision > 0 && sentRevision < delivery.revision;
    return isInDoubt || isBehind || (delivery.reason === 'resolved' && awaitsEnd(delivery, known));
  });
}

function memberOf(change: GroupChange, known: Known): GroupMember {
  const { incidentId: subjectId, kind, episode, group } = change;
  const isAwaitingEnd = kind === 'leave' && awaitsEnd({ subjectId, episode, receiver: group.receiver }, known);
  return { change, isAwaitingEnd, isNotified: isNotified(change, known.history) };
}

/** By any message: of the beginning, and not of the end. */
function isNotified({ group, incidentId, kind, episode, revision }: GroupChange, history: History): boolean {
  const last = history.lastNotified(incidentId, episode, group.receiver)?.revision ?? 0;
  if (kind === 'join') return last >= revision;
  return last > 0 && (kind === 'touch' || last < revision);
}

/** What should have been notified: of incidents that are on, and of the end of the others. */
async function expected(
  { store, policy }: RestoreNotificationsParts,
  ids: readonly string[],
  { history: { last }, flapping }: Known,
): Promise<readonly Omit<Plan, 'actions'>[]> {
  const incidents = (await store.briefs(ids)).filter((found) => found !== undefined);
  for (const { id, state, flapping: flaps } of incidents)
    if (state === 'resolved' && flaps !== undefined) flapping.set(id, flaps.episode);
  return incidents.flatMap((incident) => {
    const transitions = (last.get(incident.id) ?? []).filter((transition) => isStillMeant(transition, incident));
    return transitions.map((transition) => expectedOf(incident, transition, policy));
  });
}

function isStillMeant({ kind, episode }: NotifiedTransition, incident: IncidentBrief): boolean {
  return episode === incident.episode && (kind === 'resolved') === (incident.state === 'resolved');
}

function expectedOf(incident: IncidentBrief, transition: NotifiedTransition, policy: Policy): Omit<Plan, 'actions'> {
  const { episode, revision, kind, atMs, steps } = transition;
  const to = kind === 'resolved' ? 'resolved' : 'open';
  const decision = decide(
    { kind, incidentId: incident.id, episode, revision, from: 'none', to, atMs, actor: '', reason: '' },
    incident,
    policy,
    steps,
  );
  if (decision.kind !== 'notify') return { deliveries: [], groupChanges: [] };
  return outcomeOf(decision, incident, { episode, revision, receivedAtMs: atMs, atMs });
}
