// Whether the contents of Redis can be trusted. One that was restarted or failed over is compared
// with Kafka, and one that lacks something is rebuilt, by functions that are passed in, before work
// goes on.
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { readServer, type RedisClient, type RedisServer } from './client.ts';
import type { Keys } from './keys.ts';
import { type FilledBy, RebuildLost, type RebuildLease, takeRebuildLease } from './rebuild-lease.ts';
import { defineScript, runScript } from './scripts.ts';
import { StateLost } from './state-lost.ts';

/** A notifier that waits for another's rebuild checks this often whether it is done. */
const CHECK_AGAIN_MS = 200;

const RENEW_MARKER = defineScript('renew-marker', { keys: ['complete'], args: ['seen', 'marker'] });

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
  /** Whether Redis has all that Kafka knows. Throws Unavailable. */
  compare(): Promise<boolean>;
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

/** What a process keeps of its checks. */
interface Watch {
  /** Another with each process. */
  readonly owner: string;
  /** Redis as it was at the last check that found it complete. */
  last?: RedisServer;
}

/**
 * Redis is complete when its marker begins with its own id (`INFO server` and `INFO replication`):
 * a wiped one has no marker, and one that was restarted or failed over has another id and may have
 * lost the last that was written. The rest of the marker distinguishes checks.
 */
export function watchCompleteness(parts: CompletenessParts): Completeness {
  const { client } = parts;
  const watch: Watch = { owner: randomUUID() };
  let verified: string | undefined;
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    verified = await client.verifyWith(async () => await markedComplete(parts, watch));
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
 * The marker of a Redis that holds all incidents: compared with Kafka where it may have lost
 * something, and rebuilt where it has; by one notifier at a time, the others wait.
 */
async function markedComplete(parts: CompletenessParts, watch: Watch): Promise<string> {
  const { client, keys, log } = parts;
  let server = await readServer(client);
  let isTrusted = !mayHaveLost(watch, server, client.isVerified());
  // What lost a rebuild may have been set back to a time when it was complete.
  let mayBeComplete = true;
  for (let isWaiting = false; ; server = await readServer(client)) {
    const seen = await readMarker(parts);
    if (mayBeComplete && seen !== undefined) {
      if (isTrusted && seen.split(':')[0] === server.id) return complete(watch, server, seen);
      const compared = await compareOnce(parts, server, seen);
      if (compared.kind === 'complete') return complete(watch, server, compared.marker);
      isTrusted = compared.kind === 'marked';
      if (compared.kind !== 'lost') continue;
    }
    const answer = await takeRebuildLease(client, keys, { owner: watch.owner, runId: server.runId, seen });
    if (answer.kind === 'busy') {
      if (!isWaiting) log.info('another notifier rebuilds Redis from Kafka; waiting for it');
      isWaiting = mayBeComplete = true;
      await setTimeout(Math.min(answer.waitMs, CHECK_AGAIN_MS));
    }
    if (answer.kind !== 'taken') continue;
    log.warn({ isWiped: seen === undefined }, 'Redis lacks what Kafka has: rebuilding it');
    const marker = await rebuildOnce(parts, answer.lease, server.id);
    if (marker !== undefined) return complete(watch, server, marker);
    mayBeComplete = false;
    log.warn('Redis was wiped, replaced or set back while it was rebuilt: beginning again');
  }
}

/**
 * `lost`: Redis lacks something. Else it has everything, and `complete` if the new marker was
 * written; `marked` if another process was faster; `replaced` if it is another Redis by now.
 */
type Compared =
  | { readonly kind: 'lost' | 'marked' | 'replaced' }
  | { readonly kind: 'complete'; readonly marker: string };

async function compareOnce(parts: CompletenessParts, server: RedisServer, seen: string): Promise<Compared> {
  const { client, keys, log } = parts;
  if (!(await parts.compare())) return { kind: 'lost' };
  const marker = `${server.id}:${randomUUID()}`;
  if ((await readServer(client)).id !== server.id) return { kind: 'replaced' };
  const answer = await runScript(client, RENEW_MARKER, { complete: keys.complete, seen, marker });
  if (answer !== 'done') return { kind: 'marked' };
  log.info('Redis was restarted or failed over, and has all that Kafka has: it is not rebuilt');
  return { kind: 'complete', marker };
}

/**
 * Another process may have found the new Redis complete already, and what this one wrote to the
 * Redis before may be missing all the same: so each that knew another compares for itself. Where
 * Redis hides its ids, a lost connection counts as a fail-over.
 */
function mayHaveLost({ last }: Watch, { id, offset }: RedisServer, isSameConnection: boolean): boolean {
  if (last === undefined) return false;
  return last.id !== id || offset < last.offset || (id === '' && !isSameConnection);
}

function complete(watch: Watch, server: RedisServer, marker: string): string {
  watch.last = server;
  return marker;
}

/** Undefined when Redis was lost meanwhile. */
async function rebuildOnce(
  parts: CompletenessParts,
  lease: RebuildLease,
  serverId: string,
): Promise<string | undefined> {
  const marker = `${serverId}:${randomUUID()}`;
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
