// Whether the contents of Redis can be trusted. A Redis that was wiped, replaced or set back is
// rebuilt, by a function that is passed in, before work goes on.
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { readRunId, type RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { type FilledBy, RebuildLost, type RebuildLease, takeRebuildLease } from './rebuild-lease.ts';
import { StateLost } from './state-lost.ts';

/** A notifier that waits for another's rebuild checks this often whether it is done. */
const CHECK_AGAIN_MS = 200;

/** The result of a rebuild: numbers for the log, and what Redis was filled by. */
export interface Rebuilt {
  readonly summary: Readonly<Record<string, number>>;
  readonly filledBy: FilledBy;
}

/** Dependencies of `watchCompleteness`. */
interface CompletenessParts {
  readonly client: RedisClient;
  readonly keys: Pick<Keys, 'complete' | 'rebuild' | 'policy' | 'timersBy'>;
  readonly log: Logger;
  /**
   * Fills Redis from Kafka; renews the lease after each piece of work. Throws Unavailable, and
   * RebuildLost from the lease.
   */
  rebuild(lease: Pick<RebuildLease, 'renew'>): Promise<Rebuilt>;
  /** Called after each rebuild that counts. */
  onRebuilt(): void;
}

/** Keeps Redis complete. */
export interface Completeness {
  /**
   * Resolves when the Redis we are connected to holds all incidents; rebuilds them when it does
   * not. Cheap while nothing changed. Throws Unavailable.
   */
  ensure(): Promise<void>;
  /** The same, but checks again whatever was found before. */
  verify(): Promise<void>;
  /**
   * Does the work, and repeats it when Redis was wiped, replaced or set back meanwhile: its changes
   * to Redis may be gone, and no other process has them. Throws what the work throws, except
   * StateLost.
   */
  runOnVerifiedState<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Redis is complete when its marker begins with its own run id (`INFO server`): a wiped one has no
 * marker, and one that was restarted or failed over has another run id and may have lost its last
 * second. The rest of the marker distinguishes rebuilds.
 */
export function watchCompleteness(parts: CompletenessParts): Completeness {
  const { client } = parts;
  const owner = randomUUID();
  let verified: string | undefined;
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    verified = await client.verifyWith(async () => await markedComplete(parts, owner));
  };
  const once = async (): Promise<void> => {
    checking ??= check().finally(() => {
      checking = undefined;
    });
    await checking;
  };
  const isVerified = (): boolean => verified !== undefined && client.isVerified();
  const ensure = async (): Promise<void> => {
    while (!isVerified()) await once();
  };
  return {
    ensure,
    verify: once,
    runOnVerifiedState: async (work) => {
      for (;;) {
        await ensure();
        const before = verified;
        try {
          const result = await work();
          // A connection that was lost is no loss by itself.
          await ensure();
          if (verified === before && (await readMarker(parts)) === before) return result;
        } catch (error) {
          if (!(error instanceof StateLost)) throw error;
        }
        await once();
      }
    },
  };
}

/**
 * The marker of a Redis that holds all incidents, rebuilt if necessary; by one notifier at a time,
 * the others wait.
 */
async function markedComplete(parts: CompletenessParts, owner: string): Promise<string> {
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
      await setTimeout(Math.min(answer.waitMs, CHECK_AGAIN_MS));
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
async function rebuildOnce(parts: CompletenessParts, lease: RebuildLease, runId: string): Promise<string | undefined> {
  const marker = `${runId}:${randomUUID()}`;
  try {
    const { summary, filledBy } = await parts.rebuild(lease);
    await lease.complete(marker, filledBy);
    parts.onRebuilt();
    parts.log.info(summary, 'rebuilt from Kafka');
    return marker;
  } catch (error) {
    await lease.release();
    if (error instanceof RebuildLost) return undefined;
    throw error;
  }
}

async function readMarker({ client, keys }: CompletenessParts): Promise<string | undefined> {
  return (await client.run(async (redis) => await redis.get(keys.complete))) ?? undefined;
}
