// One notifier at a time rebuilds Redis, and the result counts only if nothing was lost meanwhile: a lease that lies in the Redis that is being rebuilt.
import { randomUUID } from 'node:crypto';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';

/** Redis was wiped, replaced or set back while it was rebuilt: what was written so far may be gone, so the rebuild has to begin again. */
export class RebuildLost extends Error {
  override readonly name = 'RebuildLost';
}

/** The right to rebuild. Calls may throw Unavailable. */
export interface RebuildLease {
  /** Call after each piece of work. Throws RebuildLost when the lease is not in Redis as it was left. */
  renew(): Promise<void>;
  /** Ends the rebuild: sets the marker and these keys to these values if the lease is in Redis as it was left. Throws RebuildLost otherwise. */
  complete(marker: string, values: Readonly<Record<string, string>>): Promise<void>;
  /** Gives the lease back, so that nobody has to wait for its end; nothing after `complete`. */
  release(): Promise<void>;
}

/** The answer to who asks for the lease. `busy`: another has it for as long as `waitMs`, unless it renews it. `changed`: the marker is another than `seen`. */
export type LeaseAnswer =
  | { readonly kind: 'taken'; readonly lease: RebuildLease }
  | { readonly kind: 'busy'; readonly waitMs: number }
  | { readonly kind: 'changed' };

/** Who asks, what it saw: the run id of the server and the marker of completeness. */
export interface LeaseRequest {
  /** The same for all requests of a process: its own lease of before never makes it wait. */
  readonly owner: string;
  readonly runId: string;
  readonly seen: string | undefined;
}

const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 2000;

/** Milliseconds by the clock of Redis: those of two notifiers may differ. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * Keys: rebuild, complete. Arguments: token, owner, run id, lease in ms, marker seen. A lease of another run id is of a rebuild that a restart ended.
 * Without the marker no script changes anything for who does not know yet that Redis is not complete.
 */
const TAKE = `${NOW}
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[5] then return -1 end
local found = redis.call('HMGET', KEYS[1], 'owner', 'runId', 'until')
if found[3] and found[1] ~= ARGV[2] and found[2] == ARGV[3] and tonumber(found[3]) > now then return tonumber(found[3]) - now end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'owner', ARGV[2], 'runId', ARGV[3], 'until', now + tonumber(ARGV[4]), 'step', 0)
return 0`;

/** A Redis that was set back has an earlier step. */
const GUARD = `
local found = redis.call('HMGET', KEYS[1], 'token', 'step')
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] then return 0 end`;

/** Key: rebuild. Arguments: token, step, lease in ms. */
const RENEW = `${NOW}${GUARD}
redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[3]), 'step', tonumber(ARGV[2]) + 1)
return 1`;

/** Keys: rebuild, complete, others. Arguments: token, step, marker, the others' values. */
const COMPLETE = `${GUARD}
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1]) end
redis.call('DEL', KEYS[1])
return 1`;

/** Key: rebuild. Argument: token. */
const RELEASE = `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;

/** Asks for the lease; a taken one is renewed by itself until `complete` or `release`. Throws Unavailable. */
export async function takeRebuildLease(
  client: RedisClient,
  keys: Pick<Keys, 'rebuild' | 'complete'>,
  { owner, runId, seen }: LeaseRequest,
): Promise<LeaseAnswer> {
  const token = randomUUID();
  const args = [token, owner, runId, LEASE_MS, seen ?? ''];
  const answer = await client.run(async (redis) => await redis.eval(TAKE, 2, keys.rebuild, keys.complete, ...args));
  const waitMs = Number(answer);
  if (waitMs < 0) return { kind: 'changed' };
  return waitMs > 0 ? { kind: 'busy', waitMs } : { kind: 'taken', lease: hold(client, keys, token) };
}

function hold(client: RedisClient, keys: Pick<Keys, 'rebuild' | 'complete'>, token: string): RebuildLease {
  let step = 0;
  let lost: RebuildLost | undefined;
  const guarded = async (script: string, names: readonly string[], args: readonly (string | number)[]) => {
    const own = [token, step];
    // Counted when it is sent: commands of one connection are done in their order.
    step += 1;
    const answer = await client.run(async (redis) => await redis.eval(script, names.length, ...names, ...own, ...args));
    if (answer !== 1) lost ??= new RebuildLost('Redis was wiped, replaced or set back while it was rebuilt.');
    if (lost !== undefined) throw lost;
  };
  const renew = async (): Promise<void> => await guarded(RENEW, [keys.rebuild], [LEASE_MS]);
  // What fails here fails again with the next piece of work.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_EVERY_MS);
  return {
    renew,
    complete: async (marker, values) => {
      clearInterval(timer);
      await guarded(
        COMPLETE,
        [keys.rebuild, keys.complete, ...Object.keys(values)],
        [marker, ...Object.values(values)],
      );
    },
    release: async () => {
      clearInterval(timer);
      try {
        await client.run(async (redis) => await redis.eval(RELEASE, 1, keys.rebuild, token));
      } catch (error) {
        // A Redis that is away has no use for it; it ends by itself.
        if (!(error instanceof Unavailable)) throw error;
      }
    },
  };
}
