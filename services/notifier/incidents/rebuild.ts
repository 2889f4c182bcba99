// Redis was wiped, replaced or set back: the incidents come from the compacted topic again, the deliveries from the actions, and nobody is told twice.
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Action, Forgotten, Incident } from '../../../shared/contracts/incident.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Ledger } from '../delivery/ledger.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { GroupStore } from '../groups/store.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { DueRules } from '../policy/due.ts';
import type { Policy } from '../policy/policy.ts';
import { readRunId, type RedisClient } from '../redis.ts';
import type { Forgetting } from './forget.ts';
import { readHistory } from './history.ts';
import type { Inhibitors } from './inhibitors.ts';
import type { Keys } from './keys.ts';
import type { IncidentLimit } from './limit.ts';
import { timersBy } from './reindex.ts';
import { RebuildLost, type RebuildLease, takeRebuildLease } from './rebuild-lease.ts';
import { restoreUntold } from './rebuild-untold.ts';
import type { SilenceStore } from './silence-store.ts';
import { spareOthers } from './spare-others.ts';
import { type IncidentStore, StateLost } from './store.ts';

/** Who waits for another's rebuild looks this often whether it is done. */
const LOOK_AGAIN_MS = 200;

type Take<T> = (values: readonly T[]) => Promise<void>;

/** What a rebuild works with. `readIncidents` and `readActions` read the topics from beginning to end. */
export interface RebuildParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly store: IncidentStore;
  readonly ledger: Ledger;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly groups: Pick<GroupStore, 'rejoin' | 'restore'>;
  readonly silences: Pick<SilenceStore, 'restore'>;
  readonly inhibitors: Pick<Inhibitors, 'note'>;
  readonly forgetting: Pick<Forgetting, 'restore'>;
  readonly limit: Pick<IncidentLimit, 'restore'>;
  readonly policy: Policy;
  readonly rules: Pick<DueRules, 'staleAfterMs'>;
  readonly metrics: Pick<NotifierMetrics, 'rebuilds' | 'skippedRecords'>;
  readonly log: Logger;
  readonly now: () => number;
  readIncidents(take: Take<Incident | Forgotten>): Promise<unknown>;
  readActions(take: Take<Action>): Promise<unknown>;
}

/** Keeps Redis believable. */
export interface Completeness {
  /** Resolves when the Redis we are connected to holds all incidents; rebuilds them when it does not. Cheap while nothing changed. Throws Unavailable. */
  ensure(): Promise<void>;
  /** The same, but looks again whatever was found before. */
  verify(): Promise<void>;
  /**
   * Does the work, and does it again when Redis was wiped, replaced or set back meanwhile: what the work had changed there may be gone, and nobody else
   * knows of it. Throws what the work throws, but StateLost.
   */
  throughout<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Redis is believed when its marker begins with its own run id (`INFO server`): a wiped one has no marker, and one that was restarted or failed over
 * has another run id and may have lost its last second. The rest of the marker tells one rebuild from the next.
 */
export function watchCompleteness(parts: RebuildParts): Completeness {
  const { client } = parts;
  const owner = randomUUID();
  let believed: string | undefined;
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    believed = await client.lookAt(async () => await markedComplete(parts, owner));
  };
  const once = async (): Promise<void> => {
    checking ??= check().finally(() => {
      checking = undefined;
    });
    await checking;
  };
  const isVerified = (): boolean => believed !== undefined && client.isBelieved();
  const ensure = async (): Promise<void> => {
    while (!isVerified()) await once();
  };
  return {
    ensure,
    verify: once,
    throughout: async (work) => {
      for (;;) {
        await ensure();
        const before = believed;
        try {
          const result = await work();
          // A connection that was lost is no loss by itself.
          await ensure();
          if (believed === before && (await readMarker(parts)) === before) return result;
        } catch (error) {
          if (!(error instanceof StateLost)) throw error;
        }
        await once();
      }
    },
  };
}

/** The marker of a Redis that holds all incidents, which it is made to hold when it does not; by one notifier at a time, the others wait. */
async function markedComplete(parts: RebuildParts, owner: string): Promise<string> {
  const { client, keys, log } = parts;
  // What lost a rebuild may have been set back to a time when it was complete.
  let mayBeComplete = true;
  for (let isWaiting = false; ; ) {
    const runId = await readRunId(client);
    const seen = await readMarker(parts);
    if (mayBeComplete && seen?.split(':')[0] === runId) return seen;
    const answer = await takeRebuildLease(client, keys, { owner, runId, seen });
    if (answer.kind === 'busy') {
      if (!isWaiting) log.info('another notifier rebuilds Redis from Kafka; waiting for it');
      isWaiting = true;
      mayBeComplete = true;
      await setTimeout(Math.min(answer.waitMs, LOOK_AGAIN_MS));
    }
    if (answer.kind !== 'taken') continue;
    log.warn({ isWiped: seen === undefined }, 'Redis is not the one that was left: rebuilding from Kafka');
    const marker = await rebuildOnce(parts, answer.lease, runId);
    if (marker !== undefined) return marker;
    mayBeComplete = false;
    log.warn('Redis was wiped, replaced or set back while it was rebuilt: beginning again');
  }
}

/** Undefined when Redis was lost meanwhile. */
async function rebuildOnce(parts: RebuildParts, lease: RebuildLease, runId: string): Promise<string | undefined> {
  const { keys, policy, rules, metrics, log } = parts;
  const marker = `${runId}:${randomUUID()}`;
  try {
    const rebuilt = await rebuild({ ...parts, ...renewing(parts, lease) });
    await lease.complete(marker, { [keys.policy]: policy.fingerprint, [keys.timersBy]: timersBy(rules) });
    metrics.rebuilds.inc();
    log.info(rebuilt, 'rebuilt from Kafka');
    return marker;
  } catch (error) {
    await lease.release();
    if (error instanceof RebuildLost) return undefined;
    throw error;
  }
}

/** What is read from Kafka is written batch by batch: behind each the lease is renewed. */
function renewing(parts: RebuildParts, lease: RebuildLease): Pick<RebuildParts, 'readIncidents' | 'readActions'> {
  const renewed =
    <T>(read: (take: Take<T>) => Promise<unknown>) =>
    async (take: Take<T>): Promise<unknown> =>
      await read(async (values) => {
        await take(values);
        await lease.renew();
      });
  return { readIncidents: renewed(parts.readIncidents), readActions: renewed(parts.readActions) };
}

async function readMarker({ client, keys }: RebuildParts): Promise<string | undefined> {
  return (await client.run(async (redis) => await redis.get(keys.complete))) ?? undefined;
}

async function rebuild(parts: RebuildParts): Promise<{ readonly incidents: number; readonly deliveries: number }> {
  const { store, now } = parts;
  let count = 0;
  await parts.readIncidents(async (values) => {
    const { incidents, forgotten } = latestOf(values);
    count += incidents.length;
    await parts.forgetting.restore(forgotten);
    await spareOthers(parts, incidents, async (some) => {
      await store.restore(some, now());
      await parts.limit.restore(some);
    });
  });
  await store.eachActive(async (incidents) => await parts.inhibitors.note(incidents));
  const history = await readHistory({
    ...parts,
    onBug: (action, error) => {
      parts.metrics.skippedRecords.inc({ topic: 'actions' });
      parts.log.error({ err: error, action: action.id }, 'a bug met with one row; the rebuild goes on without it');
    },
  });
  return { incidents: count, deliveries: await restoreUntold(parts, history) };
}

/**
 * Of each incident the highest revision, which need not be the last record: two notifiers may have published at the same time. What begins anew after
 * it was forgotten takes a higher revision than it had.
 */
function latestOf(values: readonly (Incident | Forgotten)[]) {
  const incidents = new Map<string, Incident>();
  const forgotten = new Map<string, Forgotten>();
  for (const value of values) {
    if ('kind' in value) keepLatest(forgotten, value);
    else keepLatest(incidents, value);
  }
  const isOn = ({ id, revision }: Incident): boolean => revision > (forgotten.get(id)?.revision ?? 0);
  return { incidents: [...incidents.values()].filter(isOn), forgotten: [...forgotten.values()] };
}

function keepLatest<T extends Incident | Forgotten>(found: Map<string, T>, value: T): void {
  if (value.revision > (found.get(value.id)?.revision ?? 0)) found.set(value.id, value);
}
