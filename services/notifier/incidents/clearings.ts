// Evidence that a fault is gone, applied to the incidents it clears; kept for a while if it came
// before its alert.
import { digestId } from '../../../shared/contracts/ids.ts';
import type { Clearing, Incident } from '../../../shared/contracts/incident.ts';
import { clear } from '../../../shared/contracts/incident-operations.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import { changeIncident } from './change.ts';
import type { Keys } from '../redis/keys.ts';
import type { IncidentStore } from './store.ts';

/** Applies evidence. Calls may throw Unavailable and StateLost. */
export interface Clearings {
  apply(clearing: Clearing): Promise<void>;
  /** Applies earlier evidence to open incidents. */
  applyKept(incidents: readonly Incident[]): Promise<void>;
}

/** Dependencies of clearing. */
export interface ClearingParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly store: IncidentStore;
  readonly metrics: Pick<NotifierMetrics, 'clearings'>;
  readonly now: () => number;
}

/**
 * Evidence for a whole host travels beside the alerts, on another partition; it may come before
 * them by this much.
 */
const KEEP_MS = 15 * 60 * 1000;
/**
 * Kept of a rule on a host, the latest received: each alert of theirs is compared with all of it,
 * and an event comes as often as its sender likes.
 */
const MAX_KEPT = 100;

/** Clearing on a connection. */
export function createClearings(parts: ClearingParts): Clearings {
  const { client, keys, store } = parts;
  const keyOf = (ruleId: string, host: string): string => keys.clearing(digestId([ruleId, host.toLowerCase()]));
  return {
    apply: async (clearing) => {
      const { incidentId, ruleId, host } = clearing;
      if (incidentId !== undefined) {
        await clearOne(parts, incidentId, clearing);
        return;
      }
      await keep(client, keyOf(ruleId, host), clearing);
      const active = await store.snapshots(await store.activeOnHost(host));
      for (const incident of active)
        if (incident !== undefined && isAbout(clearing, incident)) await clearOne(parts, incident.id, clearing);
    },
    applyKept: async (incidents) => {
      if (incidents.length === 0) return;
      const kept = await pipeline(client, (commands) => {
        for (const { entity } of incidents) commands.hvals(keyOf(entity.ruleId, entity.host));
      });
      for (const [index, incident] of incidents.entries())
        for (const text of kept[index] as readonly string[]) {
          const clearing = JSON.parse(text) as Clearing;
          if (isAbout(clearing, incident)) await clearOne(parts, incident.id, clearing);
        }
    },
  };
}

/**
 * One that comes late may drop another at the same time: evidence that is missing leaves an
 * incident open, and no more.
 */
async function keep(client: RedisClient, key: string, clearing: Clearing): Promise<void> {
  const [, , count] = await pipeline(client, (commands) => {
    commands.hset(key, clearing.eventId, JSON.stringify(clearing));
    commands.pexpire(key, KEEP_MS);
    commands.hlen(key);
  });
  if (Number(count) <= MAX_KEPT) return;
  const kept = Object.entries(await client.run(async (redis) => await redis.hgetall(key))).map(([field, text]) => ({
    field,
    receivedAtMs: (JSON.parse(text) as Clearing).receivedAtMs,
  }));
  const latestFirst = kept.toSorted((left, right) => right.receivedAtMs - left.receivedAtMs);
  // Half, so that not each one that follows reads them all.
  const dropped = latestFirst.slice(MAX_KEPT / 2).map(({ field }) => field);
  await client.run(async (redis) => await redis.hdel(key, ...dropped));
}

async function clearOne({ store, metrics, now }: ClearingParts, id: string, clearing: Clearing): Promise<void> {
  const nowMs = now();
  const { receivedAtMs } = clearing;
  const apply = (incident: Incident) => clear(incident, clearing, nowMs);
  const changed = await changeIncident(store, { id, apply, nowMs, receivedAtMs });
  metrics.clearings.inc({
    effect: changed.kind === 'changed' ? (changed.reduced.transitions[0]?.kind ?? '') : changed.kind,
  });
}

function isAbout({ ruleId, params }: Clearing, { entity }: Incident): boolean {
  const isSame = (name: string): boolean =>
    String(params[name]).toLowerCase() === String(entity.params[name] ?? '').toLowerCase();
  return entity.ruleId === ruleId && Object.keys(params).every(isSame);
}
