// An incident that was resolved long ago is purged: Redis and the compacted topic keep only what
// may still matter. Elasticsearch keeps its document.
import { digestId } from '../../../shared/contracts/ids.ts';
import { encodeActivityEntry, entryIncidentOf, type IncidentEntry } from '../../../shared/contracts/activity.ts';
import { encodeTombstone, encodeIncident } from '../../../shared/contracts/incident.ts';
import type { Tombstone, Incident } from '../../../shared/contracts/incident.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Policy } from '../policy/policy.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScript, runScripts } from '../redis/scripts.ts';
import type { IncidentStore } from './store.ts';

/** Purges incidents. Calls may throw Unavailable, `purge` also StateLost. */
export interface Purger {
  /** Does nothing when the incident has changed meanwhile. */
  purge(incident: Incident, nowMs: number): Promise<void>;
  /**
   * The same for incidents that were purged according to Kafka, while Redis is rebuilt; what has
   * begun anew since stays.
   */
  restore(tombstones: readonly Tombstone[]): Promise<void>;
  /** Writes to Kafka what was purged. May be repeated. */
  publish(): Promise<void>;
}

/** Dependencies of purging. */
export interface PurgerParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly store: Pick<IncidentStore, 'snapshots' | 'briefs'>;
  readonly producer: RecordProducer;
  readonly policy: Pick<Policy, 'candidates'>;
}

/**
 * What was delivered of earlier episodes has expired by itself, unless it began anew very often.
 */
const MAX_EPISODES = 100;

const PURGE = defineScript('purge-incident', {
  keys: ['complete', 'incident', 'seen', 'states', 'timers', 'active', 'host', 'lastPurgedRevision', 'purged'],
  args: ['revision', 'id', 'entry'],
});

/** Purger on a connection. */
export function createPurger(parts: PurgerParts): Purger {
  const { client, keys, policy } = parts;
  const { complete, states, timers, active, lastPurgedRevision, purged } = keys;
  const callOf = ({ id, revision }: Pick<Tombstone, 'id' | 'revision'>, host: string, entry: string) => {
    const own = { incident: keys.incident(id), seen: keys.seen(id), host: keys.host(host), id, revision, entry };
    return { ...own, complete, states, timers, active, lastPurgedRevision, purged };
  };
  return {
    purge: async (incident, nowMs) => {
      const { id, episode } = incident;
      const entry = JSON.stringify(entryOf(incident, nowMs));
      if ((await runScript(client, PURGE, callOf(incident, incident.entity.host, entry))) !== 'done') return;
      await pipeline(client, (commands) => {
        for (let from = Math.max(1, episode - MAX_EPISODES); from <= episode; from += 1)
          for (const { name } of policy.candidates) commands.del(keys.delivery(id, from, name));
      });
    },
    restore: async (tombstones) => {
      const found = await parts.store.briefs(tombstones.map(({ id }) => id));
      const calls = tombstones.map((each, index) => callOf(each, found[index]?.entity.host ?? '', ''));
      await runScripts(client, PURGE, calls);
    },
    publish: async () => await publish(parts),
  };
}

/**
 * What has begun anew by now is not taken from Kafka; should it begin while we write, its snapshot
 * is written behind.
 */
async function publish({ client, keys, store, producer }: PurgerParts): Promise<void> {
  const texts = await client.run(async (redis) => await redis.hvals(keys.purged));
  if (texts.length === 0) return;
  const entries = texts.map((text) => JSON.parse(text) as IncidentEntry);
  const ids = entries.map(({ incidentId }) => incidentId);
  const before = await store.snapshots(ids);
  const gone = entries.filter((_, index) => before[index] === undefined);
  await producer.send([
    ...entries.map(encodeActivityEntry),
    ...gone.map(({ incidentId: id, revision }) => encodeTombstone({ kind: 'tombstone', id, revision })),
  ]);
  const now = await store.snapshots(gone.map(({ incidentId }) => incidentId));
  await producer.send(now.filter((incident) => incident !== undefined).map(encodeIncident));
  await client.run(async (redis) => await redis.hdel(keys.purged, ...ids));
}

function entryOf(incident: Incident, nowMs: number): IncidentEntry {
  const { id, revision, resolvedAtMs } = incident;
  return {
    id: digestId(['purged', id, String(revision)]),
    atMs: nowMs,
    subject: 'incident',
    type: 'purged',
    actor: 'system',
    reason: `resolved since ${new Date(resolvedAtMs ?? nowMs).toISOString()}`,
    ...entryIncidentOf(incident),
  };
}
