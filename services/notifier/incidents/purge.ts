// An incident that was resolved long ago is purged: Redis and the compacted topic hold no more than what may still matter. Elasticsearch keeps its document.
import { digestId } from '../../../shared/contracts/ids.ts';
import {
  type ActivityEntry,
  encodeActivityEntry,
  encodeTombstone,
  encodeIncident,
} from '../../../shared/contracts/incident.ts';
import type { Tombstone, Incident } from '../../../shared/contracts/incident.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Policy } from '../policy/policy.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import type { IncidentStore } from './store.ts';
import { StateLost } from '../redis/state-lost.ts';

/** Purges. Calls may throw Unavailable, `purge` also StateLost. */
export interface Purger {
  /** Nothing when the incident has changed meanwhile. */
  purge(incident: Incident, nowMs: number): Promise<void>;
  /** The same for incidents that were purged according to Kafka, while Redis is rebuilt; what has begun anew since stays. */
  restore(forgotten: readonly Tombstone[]): Promise<void>;
  /** Writes to Kafka what was purged. May be repeated. */
  publish(): Promise<void>;
}

/** Dependencies of purging. */
export interface PurgerParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly store: Pick<IncidentStore, 'snapshots'>;
  readonly producer: RecordProducer;
  readonly policy: Pick<Policy, 'candidates'>;
}

const LOST = -1;
/** What was delivered of earlier episodes has expired by itself, unless it began anew very often. */
const MAX_EPISODES = 100;

/**
 * Keys: incident, seen, states, timers, highest revision forgotten, forgotten, complete. Arguments: revision, id, entry for Kafka, or none while
 * Redis is rebuilt. A resolved incident is in no other index.
 */
const FORGET = `
if ARGV[3] and redis.call('EXISTS', KEYS[7]) == 0 then return ${LOST} end
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[5]) or '0') then redis.call('SET', KEYS[5], ARGV[1]) end
local found = redis.call('HMGET', KEYS[1], 'revision', 'state')
if not found[1] or tonumber(found[1]) > tonumber(ARGV[1]) or found[2] ~= 'resolved' then return 0 end
redis.call('HINCRBY', KEYS[3], 'resolved', -1)
redis.call('ZREM', KEYS[4], ARGV[2])
redis.call('DEL', KEYS[1], KEYS[2])
if ARGV[3] then redis.call('HSET', KEYS[6], ARGV[2], ARGV[3]) end
return 1`;

/** Purger on a connection. */
export function createPurger(parts: PurgerParts): Purger {
  const { client, keys, policy } = parts;
  const run = async (items: readonly Tombstone[], ...entry: readonly string[]): Promise<readonly unknown[]> =>
    await pipeline(client, (commands) => {
      for (const { id, revision } of items) {
        const { states, timers, lastPurgedRevision, forgotten, complete } = keys;
        const names = [keys.incident(id), keys.seen(id), states, timers, lastPurgedRevision, forgotten, complete];
        commands.eval(FORGET, names.length, ...names, revision, id, ...entry);
      }
    });
  return {
    purge: async (incident, nowMs) => {
      const { id, revision, episode } = incident;
      const entry = JSON.stringify(entryOf(incident, nowMs));
      const [answer] = await run([{ kind: 'tombstone', id, revision }], entry);
      if (answer === LOST) throw new StateLost('Redis lost the incidents.');
      if (answer !== 1) return;
      await pipeline(client, (commands) => {
        for (let from = Math.max(1, episode - MAX_EPISODES); from <= episode; from += 1)
          for (const { name } of policy.candidates) commands.del(keys.delivery(id, from, name));
      });
    },
    restore: async (forgotten) => {
      await run(forgotten);
    },
    publish: async () => await publish(parts),
  };
}

/** What has begun anew by now is not taken from Kafka; should it begin while we write, its snapshot is written behind. */
async function publish({ client, keys, store, producer }: PurgerParts): Promise<void> {
  const texts = await client.run(async (redis) => await redis.hvals(keys.forgotten));
  if (texts.length === 0) return;
  const entries = texts.map((text) => JSON.parse(text) as ActivityEntry);
  const ids = entries.map(({ incidentId }) => incidentId);
  const before = await store.snapshots(ids);
  const gone = entries.filter((_, index) => before[index] === undefined);
  await producer.send([
    ...entries.map(encodeActivityEntry),
    ...gone.map(({ incidentId: id, revision }) => encodeTombstone({ kind: 'tombstone', id, revision })),
  ]);
  const now = await store.snapshots(gone.map(({ incidentId }) => incidentId));
  await producer.send(now.filter((incident) => incident !== undefined).map(encodeIncident));
  await client.run(async (redis) => await redis.hdel(keys.forgotten, ...ids));
}

function entryOf({ id, episode, revision, entity, severity, resolvedAtMs }: Incident, nowMs: number): ActivityEntry {
  return {
    id: digestId(['purged', id, String(revision)]),
    atMs: nowMs,
    incidentId: id,
    episode,
    revision,
    type: 'purged',
    actor: 'system',
    reason: `resolved since ${new Date(resolvedAtMs ?? nowMs).toISOString()}`,
    host: entity.host,
    ruleId: entity.ruleId,
    severity,
  };
}
