// Groups in Redis: their members, what was notified, and when they are due. Changed atomically, so
// that no crash and no other process comes in between.
import type { Keys } from '../redis/keys.ts';
import type { GroupChange, Delivery } from '../delivery/plan.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Group } from '../policy/group.ts';
import {
  CHANGE,
  CONFIRM_QUEUED,
  DROP,
  KEEP_MS,
  KEEP_NOTIFIED_MS,
  MARK_RECORDED,
  RESCHEDULE,
  RESTORE,
  REVERT,
  STAGE,
} from './scripts.ts';
import { runScript, runScripts } from '../redis/scripts.ts';
import { assertVerified } from '../redis/state-lost.ts';

/** A group as it stands. Times are epoch milliseconds. */
export interface GroupState {
  readonly group: Group;
  readonly episode: number;
  /** The revision of the last message queued; 0 before the first of the episode. */
  readonly revision: number;
  /** Grows with each change of its members. */
  readonly version: number;
  readonly lastNotifiedMs: number;
  readonly receivedAtMs: number;
  /** Incidents of this episode whose end was notified. */
  readonly resolvedCount: number;
  /** Incidents still in it that were acknowledged at its last message. */
  readonly acknowledgedCount: number;
  /** The latest revision at which something about a member changed beside its beginning and end. */
  readonly changedRevision: number;
  /** The same at the last message. */
  readonly renderedRevision: number;
  /** The incident that stood for the group in the last message. */
  readonly lastIncidentId: string;
  readonly memberIds: readonly string[];
  /** Incident → its mark, see policy/notified-mark.ts. */
  readonly notified: Readonly<Record<string, string>>;
  /** Incidents that count as notified, whose activity entries are not written yet. */
  readonly unrecordedIds: readonly string[];
  /** A message that may not be in the queue yet. */
  readonly pending?: { readonly delivery: Delivery; readonly dueMs?: number };
}

/** The changes by the next message. */
export interface Flush {
  readonly state: GroupState;
  readonly delivery: Delivery;
  /** Incident → its new mark. */
  readonly marks: Readonly<Record<string, string>>;
  readonly unrecordedIds: readonly string[];
  readonly goneIds: readonly string[];
  readonly resolvedCount: number;
  readonly acknowledgedCount: number;
  readonly lastIncidentId: string;
  /** When it was notified last, as far as reminders and intervals go. */
  readonly lastNotifiedMs: number;
  readonly dueMs: number | undefined;
  readonly nowMs: number;
}

/** A check without a message. */
export interface Look extends Pick<Flush, 'state' | 'marks' | 'goneIds' | 'dueMs' | 'nowMs'> {}

/** A group as restored from Kafka: its last message. */
export interface KnownGroup {
  readonly group: Group;
  readonly episode: number;
  readonly revision: number;
  readonly lastNotifiedMs: number;
  /** 1: Kafka has a message of this episode and revision. */
  readonly isMessage: 0 | 1;
  /** The incidents that are not over → their marks, see policy/notified-mark.ts. */
  readonly notified: Readonly<Record<string, string>>;
}

/** What a message was to say and did not. */
export interface Reverted {
  readonly incidentIds?: readonly string[];
  readonly isEdit?: boolean;
}

/** Who joins groups while Redis is being rebuilt. */
export interface Joining {
  readonly joins: readonly GroupChange[];
  readonly nowMs: number;
}

/** The groups. Calls may throw Unavailable, changes also StateLost. */
export interface GroupStore {
  /** Adds incidents, or records a change of one. */
  change(changes: readonly GroupChange[], nowMs: number): Promise<void>;
  due(nowMs: number, limit: number): Promise<readonly string[]>;
  /** Makes all waiting groups due. */
  makeAllDue(nowMs: number): Promise<void>;
  read(id: string): Promise<GroupState | undefined>;
  /** Stages the next message. False when the group changed meanwhile. */
  stage(flush: Flush): Promise<boolean>;
  /** Records that the message is in the queue. */
  confirmQueued(id: string, pending: NonNullable<GroupState['pending']>, nowMs: number): Promise<void>;
  /** Sets the next due time without a message. False when the group changed meanwhile. */
  reschedule(reschedule: Look): Promise<boolean>;
  /** Records that these entries of an episode are written. */
  markRecorded(id: string, episode: number, incidentIds: readonly string[]): Promise<void>;
  /**
   * These were suppressed in the end, and have to be notified later; with `isEdit` a change by
   * people has to be shown later.
   */
  revert(id: string, reverted: Reverted, dueMs: number): Promise<void>;
  drop(id: string): Promise<void>;
  /** Sets when the group is due, whatever it waits for. */
  setDue(id: string, dueMs: number): Promise<void>;
  /** Whether Redis was last filled by this policy. */
  isPolicy(fingerprint: string): Promise<boolean>;
  /**
   * Takes over what is known of groups, after Redis was lost or the configuration changed; then who
   * joins them.
   */
  restore(known: readonly KnownGroup[], joining?: Joining): Promise<void>;
}

/** The delay after which a staged message that did not reach the queue is retried. */
const PENDING_MS = 5000;
/** How often a group whose incidents end one after the other is checked. */
const LOOK_EVERY_MS = 1000;

/** The store on a connection. */
export function createGroupStore(client: RedisClient, keys: Keys): GroupStore {
  const at = (id: string) => keysAt(keys, id);
  const change = async (changes: readonly GroupChange[], nowMs: number, isRebuilding: 0 | 1): Promise<void> => {
    const calls = changes.map((each) => ({ ...at(each.group.id), ...changeCall(each, nowMs), isRebuilding }));
    await runScripts(client, CHANGE, calls);
  };
  return {
    ...createTimers(client, keys),
    change: (changes, nowMs) => change(changes, nowMs, 0),
    read: (id) => read(client, keys, id),
    stage: async (flush) =>
      (await runScript(client, STAGE, { ...at(flush.state.group.id), ...stageCall(flush) })) === 'done',
    confirmQueued: async (id, pending, nowMs) => {
      const due = { due: pending.dueMs ?? '', changedDueMs: nowMs + LOOK_EVERY_MS };
      // Another Redis by now need not have what was queued.
      assertVerified(client);
      await runScript(client, CONFIRM_QUEUED, { ...at(id), ...KEEP, ...due, pending: JSON.stringify(pending) });
    },
    reschedule: async ({ state, marks, goneIds, dueMs, nowMs }) => {
      const sets = { marks: Object.entries(marks).flat(), goneIds, oldIds: oldMarks(state) };
      const call = { ...at(state.group.id), ...KEEP, ...sets, version: state.version, due: dueMs ?? '', now: nowMs };
      return (await runScript(client, RESCHEDULE, call)) === 'done';
    },
    markRecorded: async (id, episode, incidentIds) => {
      if (incidentIds.length > 0) await runScript(client, MARK_RECORDED, { ...at(id), episode, incidentIds });
    },
    revert: async (id, { incidentIds = [], isEdit = false }, dueMs) => {
      if (incidentIds.length === 0 && !isEdit) return;
      await runScript(client, REVERT, { ...at(id), due: dueMs, isEdit: isEdit ? 1 : 0, incidentIds });
    },
    drop: async (id) => {
      await runScript(client, DROP, { ...at(id), keepMs: KEEP_MS });
    },
    restore: async (known, joining) => {
      const calls = known.map((each) => restoreCall(at(each.group.id), each));
      await runScripts(client, RESTORE, calls);
      if (joining !== undefined) await change(joining.joins, joining.nowMs, 1);
    },
  };
}

function restoreCall(own: ReturnType<typeof keysAt>, { group, notified, ...message }: KnownGroup) {
  const marks = Object.entries(notified).flat();
  return { ...own, ...message, description: JSON.stringify(group), marks, keepMs: KEEP_MS };
}

/** How long the parts of an ended group are kept. */
const KEEP = { keepMs: KEEP_MS, keepNotifiedMs: KEEP_NOTIFIED_MS };

/** The keys of a group, and its id, as all its scripts name them. */
function keysAt(keys: Keys, id: string) {
  return {
    id,
    complete: keys.complete,
    group: keys.group(id),
    members: keys.group(id, 'members'),
    notified: keys.group(id, 'notified'),
    unrecorded: keys.group(id, 'unrecorded'),
    timers: keys.groupTimers,
  };
}

type TimerKey = 'due' | 'makeAllDue' | 'setDue' | 'isPolicy';

/** When groups are due, and by whose configuration. */
function createTimers(client: RedisClient, keys: Keys): Pick<GroupStore, TimerKey> {
  return {
    due: async (nowMs, limit) =>
      await client.run(async (redis) => await redis.zrangebyscore(keys.groupTimers, '-inf', nowMs, 'LIMIT', 0, limit)),
    makeAllDue: async (nowMs) => {
      const ids = await client.run(
        async (redis) => await redis.zrange(keys.groupTimers, `(${nowMs}`, '+inf', 'BYSCORE'),
      );
      await pipeline(client, (commands) => {
        for (const id of ids) commands.zadd(keys.groupTimers, 'XX', nowMs, id);
      });
    },
    setDue: async (id, dueMs) => {
      await client.run(async (redis) => await redis.zadd(keys.groupTimers, dueMs, id));
    },
    isPolicy: async (fingerprint) => (await client.run(async (redis) => await redis.get(keys.policy))) === fingerprint,
  };
}

async function read(client: RedisClient, keys: Keys, id: string): Promise<GroupState | undefined> {
  const [fields, memberIds, notified, unrecordedIds] = await pipeline(client, (commands) => {
    commands.hgetall(keys.group(id));
    commands.smembers(keys.group(id, 'members'));
    commands.hgetall(keys.group(id, 'notified'));
    commands.smembers(keys.group(id, 'unrecorded'));
  });
  return stateOf(fields as Readonly<Record<string, string>>, {
    memberIds: memberIds as readonly string[],
    notified: notified as Readonly<Record<string, string>>,
    unrecordedIds: unrecordedIds as readonly string[],
  });
}

function changeCall({ group, grouping, kind, incidentId, revision, receivedAtMs }: GroupChange, nowMs: number) {
  return {
    kind,
    incidentId,
    revision,
    receivedAtMs,
    description: JSON.stringify(group),
    firstDueMs: Math.max(nowMs, Math.min(nowMs, receivedAtMs) + grouping.waitMs),
    intervalMs: grouping.intervalMs,
    now: nowMs,
    lookEveryMs: LOOK_EVERY_MS,
  };
}

function stageCall({ state, delivery, marks, dueMs, nowMs, ...flush }: Flush) {
  const { unrecordedIds, goneIds, resolvedCount, acknowledgedCount, lastIncidentId, lastNotifiedMs } = flush;
  return {
    unrecordedIds,
    goneIds,
    resolvedCount,
    acknowledgedCount,
    lastIncidentId,
    lastNotifiedMs,
    version: state.version,
    revision: delivery.revision,
    pending: JSON.stringify(dueMs === undefined ? { delivery } : { delivery, dueMs }),
    now: nowMs,
    retryAtMs: nowMs + PENDING_MS,
    marks: Object.entries(marks).flat(),
    oldIds: oldMarks(state),
  };
}

/**
 * Of incidents that left before the last reschedule: kept for that long, should a change be noted
 * twice.
 */
function oldMarks({ notified, memberIds }: GroupState): readonly string[] {
  const members = new Set(memberIds);
  return Object.keys(notified).filter((id) => !members.has(id));
}

function stateOf(
  fields: Readonly<Record<string, string>>,
  sets: Pick<GroupState, 'memberIds' | 'notified' | 'unrecordedIds'>,
): GroupState | undefined {
  const { group, pending } = fields;
  if (group === undefined) return undefined;
  const number = (name: string): number => Number(fields[name] ?? 0);
  return {
    ...sets,
    group: JSON.parse(group) as Group,
    episode: number('episode'),
    revision: number('revision'),
    version: number('version'),
    lastNotifiedMs: number('lastNotifiedMs'),
    receivedAtMs: number('receivedAtMs'),
    resolvedCount: number('resolved'),
    acknowledgedCount: number('acknowledged'),
    changedRevision: number('changed'),
    renderedRevision: number('rendered'),
    lastIncidentId: fields['lastIncidentId'] ?? '',
    ...(pending === undefined ? {} : { pending: JSON.parse(pending) as NonNullable<GroupState['pending']> }),
  };
}
