// Incidents in Redis: read many, change each by one compare-and-set that also marks its events as
// seen and fills the outbox.
import type { Incident, IncidentBrief, IncidentState, Transition } from '../../../shared/contracts/incident.ts';
import type { EpisodeEnd } from './episode-end.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScripts } from '../redis/scripts.ts';
import { assertVerified, StateLost } from '../redis/state-lost.ts';

/** A transition in Redis that may not be in Kafka and in the queues yet. */
export interface OutboxEntry {
  readonly transition: Transition;
  /** When the collector received the event behind it, epoch milliseconds. */
  readonly receivedAtMs: number;
  /** The process that wrote it; missing in entries of earlier versions. */
  readonly by?: string;
  /**
   * As it was at the transition, because the next episode may have begun when it is published:
   * steps of escalation done, and the result of an episode.
   */
  readonly escalationStep?: number;
  readonly end?: EpisodeEnd;
}

/**
 * The state of an incident before a change. `seen` are those of the asked event ids that were
 * counted before.
 */
export interface Loaded {
  readonly incident: Incident | undefined;
  readonly seen: ReadonlySet<string>;
  /** The highest revision of a purged incident. */
  readonly lastPurgedRevision: number;
}

/** A change of one incident from `from` to `to`. */
export interface Change {
  readonly from: Incident | undefined;
  readonly to: Incident;
  /** Of the events counted, or of the command done; none of them may have been seen before. */
  readonly eventIds: readonly string[];
  readonly outbox: readonly OutboxEntry[];
}

/** How long and how many seen event ids are kept for each incident. */
export interface SeenWindow {
  readonly events: number;
  readonly keepMs: number;
}

/**
 * The incidents' hot copy. Every call may throw Unavailable; `load` and `commit` throw StateLost.
 */
export interface IncidentStore {
  load(wanted: readonly { readonly id: string; readonly eventIds: readonly string[] }[]): Promise<readonly Loaded[]>;
  /**
   * One answer each: false when somebody else changed the incident or counted an event meanwhile;
   * load and try again.
   */
  commit(changes: readonly Change[], nowMs: number): Promise<readonly boolean[]>;
  /** Snapshots as they are now; undefined where there is none. */
  snapshots(ids: readonly string[]): Promise<readonly (Incident | undefined)[]>;
  /** The same in brief. */
  briefs(ids: readonly string[]): Promise<readonly (IncidentBrief | undefined)[]>;
  /** Takes a snapshot read from Kafka unless a newer one is there. */
  restore(incidents: readonly Incident[], nowMs: number): Promise<void>;
  outbox(): Promise<readonly OutboxEntry[]>;
  removeFromOutbox(entries: readonly OutboxEntry[]): Promise<void>;
  countByState(): Promise<Readonly<Record<IncidentState, number>>>;
  /** Those of a host that are not resolved. */
  activeOnHost(host: string): Promise<readonly string[]>;
  /** All that are not resolved, in brief, in pieces. */
  eachActive(take: (incidents: readonly IncidentBrief[]) => Promise<void>): Promise<void>;
  /** Incidents with a due timer. */
  due(nowMs: number, limit: number): Promise<readonly string[]>;
  /** Sets the timer of an incident to a time, where it has one. */
  postpone(id: string, dueMs: number): Promise<void>;
  /** Sets the timer anew by the snapshot as it is. */
  rearm(ids: readonly string[]): Promise<void>;
}

const COMMIT = defineScript('commit-incident', {
  keys: ['complete', 'incident', 'states', 'timers', 'active', 'host', 'seen', 'outbox'],
  args: [
    'before',
    'revision',
    'state',
    'snapshot',
    'brief',
    'id',
    'due',
    'now',
    'maxEvents',
    'keepEventsMs',
    'eventIds[]',
    'entries[]',
  ],
});
const RESTORE = defineScript('restore-incident', {
  keys: ['incident', 'states', 'timers', 'active', 'host', 'seen'],
  args: ['revision', 'state', 'snapshot', 'brief', 'id', 'due', 'now', 'keepEventsMs', 'eventIds[]'],
});
const REARM = defineScript('rearm-timer', { keys: ['incident', 'timers'], args: ['revision', 'id', 'due'] });

/**
 * The parts of the store. `owner`: this process, as outbox entries name it; `dueOf`: when the next
 * timer is due, epoch milliseconds.
 */
export interface StoreOptions {
  readonly owner: string;
  readonly seenWindow: SeenWindow;
  dueOf(incident: Incident): number | undefined;
}

/** The store on a connection. */
export function createIncidentStore(client: RedisClient, keys: Keys, options: StoreOptions): IncidentStore {
  return {
    ...createIndex(client, keys, options),
    load: async (wanted) => await load(client, keys, wanted),
    commit: async (changes, nowMs) => {
      assertVerified(client);
      const calls = changes.map((change) => commitCall({ keys, options, change, nowMs }));
      return (await runScripts(client, COMMIT, calls)).map((answer) => answer === 'done');
    },
    snapshots: async (ids) => await readSnapshots(client, keys, ids),
    briefs: async (ids) => await readBriefs(client, keys, ids),
    restore: async (incidents, nowMs) => {
      const calls = incidents.map((incident) => restoreCall({ keys, options, incident, nowMs }));
      await runScripts(client, RESTORE, calls);
    },
    outbox: async () => {
      const entries = await client.run(async (redis) => await redis.hvals(keys.outbox));
      return entries.map((entry) => JSON.parse(entry) as OutboxEntry).sort(byRevision);
    },
    removeFromOutbox: async (entries) => {
      if (entries.length > 0)
        await client.run(async (redis) => await redis.hdel(keys.outbox, ...entries.map(outboxField)));
    },
  };
}

type IndexKey = 'countByState' | 'activeOnHost' | 'eachActive' | 'due' | 'postpone' | 'rearm';

/** Lookups other than by id. */
function createIndex(client: RedisClient, keys: Keys, { dueOf }: StoreOptions): Pick<IncidentStore, IndexKey> {
  return {
    countByState: async () => {
      const counts = await client.run(async (redis) => await redis.hgetall(keys.states));
      const of = (state: IncidentState): number => Number(counts[state] ?? 0);
      return { open: of('open'), acknowledged: of('acknowledged'), resolved: of('resolved') };
    },
    activeOnHost: async (host) => await client.run(async (redis) => await redis.smembers(keys.host(host))),
    eachActive: async (take) => {
      let cursor = '0';
      do {
        const [next, ids] = await client.run(async (redis) => await redis.sscan(keys.active, cursor, 'COUNT', 200));
        cursor = next;
        await take((await readBriefs(client, keys, ids)).filter((incident) => incident !== undefined));
      } while (cursor !== '0');
    },
    due: async (nowMs, limit) =>
      await client.run(async (redis) => await redis.zrangebyscore(keys.timers, '-inf', nowMs, 'LIMIT', 0, limit)),
    postpone: async (id, dueMs) => {
      await client.run(async (redis) => await redis.zadd(keys.timers, 'XX', dueMs, id));
    },
    rearm: async (ids) => {
      const found = await readSnapshots(client, keys, ids);
      const calls = ids.map((id, index) => {
        const incident = found[index];
        const due = incident === undefined ? '' : (dueOf(incident) ?? '');
        return { incident: keys.incident(id), timers: keys.timers, revision: incident?.revision ?? 0, id, due };
      });
      await runScripts(client, REARM, calls);
    },
  };
}

async function readSnapshots(
  client: RedisClient,
  keys: Keys,
  ids: readonly string[],
): Promise<readonly (Incident | undefined)[]> {
  const answers = await pipeline(client, (commands) => {
    for (const id of ids) commands.hget(keys.incident(id), 'snapshot');
  });
  return answers.map(parseSnapshot);
}

async function readBriefs(
  client: RedisClient,
  keys: Keys,
  ids: readonly string[],
): Promise<readonly (IncidentBrief | undefined)[]> {
  const answers = await pipeline(client, (commands) => {
    for (const id of ids) commands.hget(keys.incident(id), 'brief');
  });
  // An earlier notifier wrote none.
  const lacking = ids.filter((_, index) => answers[index] === null);
  const whole = new Map((await readSnapshots(client, keys, lacking)).map((incident) => [incident?.id, incident]));
  return answers.map((text, index) =>
    typeof text === 'string' ? (JSON.parse(text) as IncidentBrief) : whole.get(ids[index] ?? ''),
  );
}

const LONG = { remediation: undefined, recentEventIds: undefined, lastMessage: undefined, notes: undefined };

/** The text of an `IncidentBrief`. */
function briefOf(incident: Incident): string {
  return JSON.stringify({ ...incident, ...LONG });
}

async function load(
  client: RedisClient,
  keys: Keys,
  wanted: readonly { readonly id: string; readonly eventIds: readonly string[] }[],
): Promise<readonly Loaded[]> {
  assertVerified(client);
  const [complete, purged, ...answers] = await pipeline(client, (commands) => {
    commands.exists(keys.complete);
    commands.get(keys.lastPurgedRevision);
    for (const { id, eventIds } of wanted) {
      commands.hget(keys.incident(id), 'snapshot');
      commands.zmscore(keys.seen(id), ...(eventIds.length === 0 ? [''] : eventIds));
    }
  });
  if (complete === 0) throw new StateLost('Redis holds no complete set of incidents.');
  return wanted.map(({ eventIds }, index) => {
    const scores = answers[index * 2 + 1] as readonly unknown[];
    return {
      incident: parseSnapshot(answers[index * 2]),
      seen: new Set(eventIds.filter((_, position) => scores[position] !== null)),
      lastPurgedRevision: Number(purged ?? 0),
    };
  });
}

interface CommitParts {
  readonly keys: Keys;
  readonly options: StoreOptions;
  readonly change: Change;
  readonly nowMs: number;
}

function commitCall({ keys, options, change, nowMs }: CommitParts) {
  const { from, to, eventIds, outbox } = change;
  return {
    ...writeCall({ keys, options, incident: to, nowMs }),
    complete: keys.complete,
    outbox: keys.outbox,
    before: from?.revision ?? 0,
    maxEvents: options.seenWindow.events,
    eventIds,
    entries: outbox.flatMap((entry) => [outboxField(entry), JSON.stringify({ ...entry, by: options.owner })]),
  };
}

interface RestoreParts {
  readonly keys: Keys;
  readonly options: StoreOptions;
  readonly incident: Incident;
  readonly nowMs: number;
}

function restoreCall(parts: RestoreParts) {
  return { ...writeCall(parts), eventIds: parts.incident.recentEventIds };
}

/** What both scripts write. */
function writeCall({ keys, options, incident, nowMs }: RestoreParts) {
  const { id, revision, state, entity } = incident;
  const { states, timers, active } = keys;
  return {
    states,
    timers,
    active,
    id,
    revision,
    state,
    incident: keys.incident(id),
    host: keys.host(entity.host),
    seen: keys.seen(id),
    snapshot: JSON.stringify(incident),
    brief: briefOf(incident),
    due: options.dueOf(incident) ?? '',
    now: nowMs,
    keepEventsMs: options.seenWindow.keepMs,
  };
}

function parseSnapshot(text: unknown): Incident | undefined {
  return typeof text === 'string' ? (JSON.parse(text) as Incident) : undefined;
}

function outboxField({ transition }: OutboxEntry): string {
  return `${transition.incidentId}/${transition.revision}`;
}

function byRevision(left: OutboxEntry, right: OutboxEntry): number {
  return left.transition.revision - right.transition.revision;
}
