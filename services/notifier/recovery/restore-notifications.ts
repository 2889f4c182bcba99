// What Kafka says should have been notified and was not, after Redis was lost: deliveries go to the
// queues, groups go on where they were.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { LogKey, NotificationLog } from '../delivery/notification-log.ts';
import { type Delivery, type GroupChange, outcomeOf, type Plan } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import { suppressedMark, notifiedMark } from '../policy/notified-mark.ts';
import type { GroupStore } from '../groups/store.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { History, NotifiedGroup, NotifiedTransition } from './history.ts';
import type { IncidentStore } from '../incidents/store.ts';

/** Dependencies of restoring. */
interface RestoreNotificationsParts {
  readonly store: Pick<IncidentStore, 'briefs'>;
  readonly notificationLog: Pick<NotificationLog, 'restore'>;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly groups: Pick<GroupStore, 'restore'>;
  readonly policy: Policy;
  readonly now: () => number;
}

/** Does so; gives the number of deliveries that were queued. Throws Unavailable. */
export async function restoreNotifications(parts: RestoreNotificationsParts, history: History): Promise<number> {
  const known: Known = { history, flapping: new Map() };
  const groupChanges: GroupChange[] = [];
  const ids = [...history.last.keys()];
  let count = 0;
  for (let from = 0; from < ids.length; from += INCIDENTS_AT_A_TIME) {
    const planned = await expected(parts, ids.slice(from, from + INCIDENTS_AT_A_TIME), known);
    groupChanges.push(...planned.flatMap((each) => each.groupChanges));
    const deliveries = planned.flatMap((each) => each.deliveries);
    const unnotified = await unnotifiedOf(parts, deliveries, known);
    await parts.queues.add(unnotified);
    count += unnotified.length;
  }
  await restoreGroups(parts, groupChanges, known);
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

/**
 * A group with an incident that has to be notified goes on; the others begin with the incidents
 * that join them, under another number than before.
 */
async function restoreGroups(
  { groups, now }: RestoreNotificationsParts,
  changes: readonly GroupChange[],
  facts: Known,
): Promise<void> {
  const { history } = facts;
  const byGroup = new Map<string, GroupChange[]>();
  for (const change of changes) byGroup.set(change.group.id, [...(byGroup.get(change.group.id) ?? []), change]);
  const restored = [...new Set([...history.groups.keys(), ...byGroup.keys()])].flatMap((id) => {
    const known = history.groups.get(id);
    const members = byGroup.get(id) ?? [];
    const on = members.flatMap((change) => {
      const mark = markOf(change, known, facts);
      return mark === undefined ? [] : [[change.incidentId, mark] as const];
    });
    // Nobody in it was notified: it begins with who joins it.
    if (known === undefined && on.length === 0) return [];
    const { episode, revision, atMs: lastNotifiedMs } = known ?? { episode: 1, revision: 1, atMs: now() };
    const group = members[0]?.group ?? { id, receiver: '', routeKey: '', labels: {} };
    const isMessage: 0 | 1 = known === undefined ? 0 : 1;
    return [{ group, episode, revision, lastNotifiedMs, isMessage, notified: Object.fromEntries(on) }];
  });
  const joins = changes.filter(({ kind }) => kind === 'join');
  await groups.restore(restored, { joins, nowMs: now() });
}

/**
 * Undefined when the receiver was not notified of the episode, or was of its end. Otherwise it was
 * by a message of the group, or by another in its time; or it awaits the end of what flaps.
 */
function markOf(change: GroupChange, known: NotifiedGroup | undefined, facts: Known): string | undefined {
  const { incidentId, kind, episode, group } = change;
  const { history } = facts;
  if (kind === 'leave' && awaitsEnd({ subjectId: incidentId, episode, receiver: group.receiver }, facts))
    return suppressedMark({ episode }, 'flapping');
  const mark = known?.marks.get(incidentId);
  if (mark?.episode === episode) return kind !== 'join' && mark.isOver ? undefined : notifiedMark(mark, mark.revision);
  return isNotified(change, history) ? notifiedMark({ episode }, known?.revision ?? 1) : undefined;
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
