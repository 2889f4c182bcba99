// Queues the next message of groups that are due. It is staged in Redis before it is queued, so
// that a crash in between loses nothing.
import { digestId } from '../../../shared/contracts/ids.ts';
import { type ActivityEntry, encodeActivityEntry, entryIncidentOf } from '../../../shared/contracts/activity.ts';
import { type IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { NotificationLog } from '../delivery/notification-log.ts';
import { endOf } from '../incidents/episode-end.ts';
import { type DeliveryEnd, deliveryOf } from '../delivery/plan.ts';
import { isOwnBug } from '../redis/state-lost.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { Policy } from '../policy/policy.ts';
import { contentOf, type Content, timingOf, worstOf } from './content.ts';
import { digestOf } from './digest.ts';
import { targetOfGroup } from '../policy/group.ts';
import { suppressedMark, isNotified, endMark, notifiedMark } from '../policy/notified-mark.ts';
import { checkMembers, type MemberParts, readBriefs, withoutAnswered } from './members.ts';
import { retireGroup } from './retire.ts';
import type { Flush, GroupState, GroupStore } from './store.ts';

/** Dependencies of flushing. */
interface FlusherParts extends MemberParts {
  readonly groups: GroupStore;
  readonly notificationLog: Pick<NotificationLog, 'sentRevision'>;
  readonly queues: Pick<DeliveryQueues, 'add' | 'redrive'>;
  readonly producer: RecordProducer;
  readonly policy: Policy;
  readonly metrics: Pick<NotifierMetrics, 'digests' | 'suppressed' | 'unrouted'>;
  readonly log: Logger;
}

/** How often a group that changes meanwhile is read again in one round. */
const MAX_TRIES = 20;
const GROUPS_AT_A_TIME = 20;
/** The delay of a group after a bug. */
const AFTER_BUG_MS = 60 * 60 * 1000;
/** Groups beyond this number wait for the next round, so that other timers have their turn. */
const MAX_GROUPS = 5000;

/** Flushes the groups that are due. Throws Unavailable and StateLost. */
export async function flushDueGroups(parts: FlusherParts, now: () => number): Promise<void> {
  const ids = await parts.groups.due(now(), MAX_GROUPS);
  for (let from = 0; from < ids.length; from += GROUPS_AT_A_TIME)
    await Promise.all(ids.slice(from, from + GROUPS_AT_A_TIME).map(async (id) => await flushSparing(parts, id, now)));
}

/** A group that causes a bug waits long, and holds up no other. */
async function flushSparing(parts: FlusherParts, id: string, now: () => number): Promise<void> {
  try {
    await flushGroup(parts, id, now);
  } catch (error) {
    if (!isOwnBug(error)) throw error;
    parts.log.error({ err: error, group: id }, 'a bug met with one group; it waits');
    await parts.groups.setDue(id, now() + AFTER_BUG_MS);
  }
}

async function flushGroup(parts: FlusherParts, id: string, now: () => number): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) if (await flushOnce(parts, id, now())) return;
}

/** False when the group changed meanwhile. */
async function flushOnce(parts: FlusherParts, id: string, nowMs: number): Promise<boolean> {
  const { groups, policy } = parts;
  const state = await groups.read(id);
  if (state === undefined) {
    await groups.drop(id);
    return true;
  }
  const target = targetOfGroup(state.group, policy);
  if (target === undefined) {
    await retireGroup(parts, state, nowMs);
    return true;
  }
  if (state.pending !== undefined) {
    await enqueue(parts, state, state.pending, nowMs);
    return true;
  }
  return await notify(parts, { state, target, nowMs });
}

interface Look {
  readonly state: GroupState;
  readonly target: NonNullable<ReturnType<typeof targetOfGroup>>;
  readonly nowMs: number;
}

/** Gives the queue its next message when one is due. */
async function notify(parts: FlusherParts, { state, target, nowMs }: Look): Promise<boolean> {
  const { groups } = parts;
  const isEscalation = target.route.isEscalation === true;
  const incidents = await readBriefs(parts.store, state.memberIds);
  const read = await checkMembers(parts, state.memberIds, { incidents, route: target.route, isEscalation, nowMs });
  const content = contentOf(isEscalation ? withoutAnswered(read, state.notified) : read, state.notified);
  const candidate = parts.policy.candidates.find(({ name }) => name === state.group.receiver);
  const {
    reason: plain,
    isEdit,
    dueMs,
  } = timingOf(content, {
    state,
    grouping: target.grouping,
    followsChanges: candidate?.followsChanges === true,
    editsInPlace: candidate?.editsInPlace === true,
    repeatsAll: candidate?.resendMs !== undefined,
    nowMs,
  });
  const reason = isEscalation && (plain === 'opened' || plain === 'reopened') ? 'escalated' : plain;
  const marks = await markHeld(parts, { state, content, nowMs });
  if (reason === undefined) return await groups.reschedule({ state, marks, goneIds: content.goneIds, dueMs, nowMs });
  const flush = flushOf({ state, content, marks, nowMs, dueMs, reason, isEdit });
  if (!(await groups.stage(flush))) return false;
  parts.metrics.digests.inc({ reason });
  const pending = dueMs === undefined ? { delivery: flush.delivery } : { delivery: flush.delivery, dueMs };
  await enqueue(parts, state, pending, nowMs);
  return true;
}

async function enqueue(
  { queues, groups }: FlusherParts,
  { group }: GroupState,
  pending: NonNullable<GroupState['pending']>,
  nowMs: number,
): Promise<void> {
  await queues.add([pending.delivery]);
  await groups.confirmQueued(group.id, pending, nowMs);
}

type FlushParts = Pick<Flush, 'state' | 'marks' | 'nowMs' | 'dueMs'> & {
  readonly content: Content;
  readonly reason: Flush['delivery']['reason'];
  readonly isEdit: boolean;
};

function flushOf({ state, content, marks, nowMs, dueMs, reason, isEdit }: FlushParts): Flush {
  const { active, fresh, over, goneIds } = content;
  const { group, episode, revision, receivedAtMs } = state;
  const lastIncident = worstOf(active.length > 0 ? active : over);
  const delivery = deliveryOf({
    subjectId: group.id,
    isGroup: true,
    episode,
    revision: revision + 1,
    receiver: group.receiver,
    reason,
    // The age of the first event is no measure for a later message.
    receivedAtMs: revision === 0 ? receivedAtMs : nowMs,
    ...(reason === 'resolved' && lastIncident !== undefined ? { end: endOfGroup({ state, over, lastIncident }) } : {}),
  });
  const notified = [
    ...fresh.map((one) => [one.id, notifiedMark(one, delivery.revision)]),
    ...over.map((one) => [one.id, endMark(one)]),
  ];
  return {
    state,
    delivery,
    marks: { ...marks, ...(Object.fromEntries(notified) as Readonly<Record<string, string>>) },
    unrecordedIds: [...fresh, ...over].map(({ id }) => id),
    goneIds: [...goneIds, ...over.map(({ id }) => id)],
    resolvedCount: state.resolvedCount + over.length,
    acknowledgedCount: active.filter((incident) => incident.state === 'acknowledged').length,
    lastIncidentId: lastIncident?.id ?? state.lastIncidentId,
    lastNotifiedMs: isEdit ? state.lastNotifiedMs : nowMs,
    dueMs,
    nowMs,
  };
}

interface GroupEndParts {
  readonly state: GroupState;
  readonly over: readonly IncidentBrief[];
  readonly lastIncident: IncidentBrief;
}

/** The end of the episode with the message that follows. */
function endOfGroup({ state, over, lastIncident }: GroupEndParts): DeliveryEnd {
  const common = { incidentId: lastIncident.id, incident: endOf(lastIncident) };
  if (state.group.incidentId !== undefined) return common;
  const unrecordedIds = over.map(({ id }) => id);
  const counted = { group: state.group, resolvedCount: state.resolvedCount + over.length, unrecordedIds };
  const message = { episode: state.episode, revision: state.revision + 1 };
  return { ...common, digest: digestOf(counted, message, { active: [], held: [], ended: over }) };
}

/** Reports once for each incident, episode and reason that it is suppressed. */
async function markHeld(
  { producer, metrics }: FlusherParts,
  { state, content, nowMs }: { readonly state: GroupState; readonly content: Content; readonly nowMs: number },
): Promise<Readonly<Record<string, string>>> {
  const news = content.held.filter(({ incident, by }) => {
    const mark = state.notified[incident.id];
    return !isNotified(mark, incident) && mark !== suppressedMark(incident, by);
  });
  for (const { by } of news) metrics.suppressed.inc({ by });
  await producer.send(
    news.map(({ incident, by, reason }) =>
      encodeActivityEntry(suppressedEntry(state, incident, { by, reason, nowMs })),
    ),
  );
  return Object.fromEntries(news.map(({ incident, by }) => [incident.id, suppressedMark(incident, by)]));
}

function suppressedEntry(
  { group, episode, revision }: GroupState,
  incident: IncidentBrief,
  { by, reason, nowMs }: { readonly by: string; readonly reason: string; readonly nowMs: number },
): ActivityEntry {
  return {
    id: digestId(['suppressed', group.id, incident.id, String(incident.episode), by]),
    atMs: nowMs,
    subject: 'delivery',
    type: 'suppressed',
    actor: 'system',
    reason,
    ...entryIncidentOf(incident),
    receiver: group.receiver,
    group: { id: group.id, episode, revision },
  };
}
