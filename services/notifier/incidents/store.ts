// Incidents in Redis: read many, change each by one compare-and-set that also marks its events as seen and fills the outbox.
import type { Incident, IncidentState, Transition } from '../../../shared/contracts/incident.ts';
import type { RedisClient, RedisPipeline } from '../redis.ts';
import type { Keys } from './keys.ts';

/** A transition that is in Redis but not yet, for all that is known, in Kafka and in the queues. */
export interface OutboxEntry {
  readonly transition: Transition;
  /** When the collector received the event behind it, epoch milliseconds. */
  readonly receivedAtMs: number;
}

/** What is known of an incident before a change. `seen` are those of the asked event ids that were counted before. */
export interface Loaded {
  readonly incident: Incident | undefined;
  readonly seen: ReadonlySet<string>;
}

/** A change of one incident from `from` to `to`. */
export interface Change {
  readonly from: Incident | undefined;
  readonly to: Incident;
  readonly eventIds: readonly string[];
  readonly outbox: readonly OutboxEntry[];
}

/** Redis is empty or another one than before: incidents have to be rebuilt from Kafka first. */
export class StateLost extends Error {
  override readonly name = 'StateLost';
}

/** How long and how many seen event ids are kept for each incident. */
export interface SeenWindow {
  readonly events: number;
  readonly keepMs: number;
}

/** The incidents' hot copy. Every call may throw Unavailable; `load` and `commit` throw StateLost. */
export interface IncidentStore {
  load(wanted: readonly { readonly id: string; readonly eventIds: readonly string[] }[]): Promise<readonly Loaded[]>;
  /** One answer each: false when somebody else changed the incident or counted an event meanwhile; load and try again. */
  commit(changes: readonly Change[], nowMs: number): Promise<readonly boolean[]>;
  /** Snapshots as they are now; undefined where there is none. */
  snapshots(ids: readonly string[]): Promise<readonly (Incident | undefined)[]>;
  /** Takes a snapshot read from Kafka unless a newer one is there. */
  restore(incidents: readonly Incident[], nowMs: number): Promise<void>;
  outbox(): Promise<readonly OutboxEntry[]>;
  removeFromOutbox(entries: readonly OutboxEntry[]): Promise<void>;
  countByState(): Promise<Readonly<Record<IncidentState, number>>>;
}

interface Scripts {
  foghornCommit(...args: readonly (string | number)[]): unknown;
  foghornRestore(...args: readonly (string | number)[]): unknown;
}

const CONFLICT = 0;
const LOST = -1;

const COMMIT = `
if redis.call('EXISTS', KEYS[1]) == 0 then return ${LOST} end
local revision = redis.call('HGET', KEYS[2], 'revision') or '0'
if revision ~= ARGV[1] then return ${CONFLICT} end
local events = tonumber(ARGV[8])
for i = 1, events do
  if redis.call('ZSCORE', KEYS[3], ARGV[8 + i]) then return ${CONFLICT} end
end
local before = redis.call('HGET', KEYS[2], 'state')
if before ~= ARGV[3] then
  if before then redis.call('HINCRBY', KEYS[5], before, -1) end
  redis.call('HINCRBY', KEYS[5], ARGV[3], 1)
end
redis.call('HSET', KEYS[2], 'revision', ARGV[2], 'state', ARGV[3], 'snapshot', ARGV[4])
for i = 1, events do redis.call('ZADD', KEYS[3], ARGV[5], ARGV[8 + i]) end
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[6]))
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', tonumber(ARGV[5]) - tonumber(ARGV[7]))
redis.call('PEXPIRE', KEYS[3], ARGV[7])
for i = 9 + events, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1]) end
return 1`;

const RESTORE = `
local revision = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
if revision >= tonumber(ARGV[1]) then return 0 end
local before = redis.call('HGET', KEYS[1], 'state')
if before ~= ARGV[2] then
  if before then redis.call('HINCRBY', KEYS[3], before, -1) end
  redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'state', ARGV[2], 'snapshot', ARGV[3])
for i = 6, #ARGV do redis.call('ZADD', KEYS[2], ARGV[4], ARGV[i]) end
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1`;

/** The store on a connection. */
export function createIncidentStore(client: RedisClient, keys: Keys, seenWindow: SeenWindow): IncidentStore {
  client.redis.defineCommand('foghornCommit', { numberOfKeys: 5, lua: COMMIT });
  client.redis.defineCommand('foghornRestore', { numberOfKeys: 3, lua: RESTORE });
  return {
    load: async (wanted) => await load(client, keys, wanted),
    commit: async (changes, nowMs) => {
      const answers = await pipeline(client, (commands) => {
        for (const change of changes) commit(commands, { keys, seenWindow, change, nowMs });
      });
      if (answers.includes(LOST)) throw new StateLost('Redis lost the incidents.');
      return answers.map((answer) => answer !== CONFLICT);
    },
    snapshots: async (ids) => {
      const answers = await pipeline(client, (commands) => {
        for (const id of ids) commands.hget(keys.incident(id), 'snapshot');
      });
      return answers.map(parseSnapshot);
    },
    restore: async (incidents, nowMs) => {
      await pipeline(client, (commands) => {
        for (const incident of incidents) restore(commands, { keys, seenWindow, incident, nowMs });
      });
    },
    outbox: async () => {
      const entries = await client.run(async (redis) => await redis.hvals(keys.outbox));
      return entries.map((entry) => JSON.parse(entry) as OutboxEntry).sort(byRevision);
    },
    removeFromOutbox: async (entries) => {
      if (entries.length > 0)
        await client.run(async (redis) => await redis.hdel(keys.outbox, ...entries.map(outboxField)));
    },
    countByState: async () => {
      const counts = await client.run(async (redis) => await redis.hgetall(keys.states));
      const of = (state: IncidentState): number => Number(counts[state] ?? 0);
      return { open: of('open'), acknowledged: of('acknowledged'), resolved: of('resolved') };
    },
  };
}

async function load(
  client: RedisClient,
  keys: Keys,
  wanted: readonly { readonly id: string; readonly eventIds: readonly string[] }[],
): Promise<readonly Loaded[]> {
  const [complete, ...answers] = await pipeline(client, (commands) => {
    commands.exists(keys.complete);
    for (const { id, eventIds } of wanted) {
      commands.hget(keys.incident(id), 'snapshot');
      commands.zmscore(keys.seen(id), ...eventIds);
    }
  });
  if (complete === 0) throw new StateLost('Redis holds no incidents that may be believed.');
  return wanted.map(({ eventIds }, index) => {
    const scores = answers[index * 2 + 1] as readonly unknown[];
    return {
      incident: parseSnapshot(answers[index * 2]),
      seen: new Set(eventIds.filter((_, position) => scores[position] !== null)),
    };
  });
}

interface CommitParts {
  readonly keys: Keys;
  readonly seenWindow: SeenWindow;
  readonly change: Change;
  readonly nowMs: number;
}

function commit(commands: RedisPipeline, { keys, seenWindow, change, nowMs }: CommitParts): void {
  const { from, to, eventIds, outbox } = change;
  (commands as unknown as Scripts).foghornCommit(
    keys.complete,
    keys.incident(to.id),
    keys.seen(to.id),
    keys.outbox,
    keys.states,
    from?.revision ?? 0,
    to.revision,
    to.state,
    JSON.stringify(to),
    nowMs,
    seenWindow.events,
    seenWindow.keepMs,
    eventIds.length,
    ...eventIds,
    ...outbox.flatMap((entry) => [outboxField(entry), JSON.stringify(entry)]),
  );
}

function restore(
  commands: RedisPipeline,
  {
    keys,
    seenWindow,
    incident,
    nowMs,
  }: {
    readonly keys: Keys;
    readonly seenWindow: SeenWindow;
    readonly incident: Incident;
    readonly nowMs: number;
  },
): void {
  (commands as unknown as Scripts).foghornRestore(
    keys.incident(incident.id),
    keys.seen(incident.id),
    keys.states,
    incident.revision,
    incident.state,
    JSON.stringify(incident),
    nowMs,
    seenWindow.keepMs,
    ...incident.recentEventIds,
  );
}

/** Runs commands in one round trip; the first that failed throws. */
async function pipeline(client: RedisClient, fill: (commands: RedisPipeline) => void): Promise<readonly unknown[]> {
  return await client.run(async (redis) => {
    const commands = redis.pipeline();
    fill(commands);
    const answers = (await commands.exec()) ?? [];
    return answers.map(([error, answer]) => {
      if (error !== null) throw error;
      return answer;
    });
  });
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
