// One notifier at a time rebuilds Redis, and the result counts only if nothing was lost meanwhile:
// a lease that is stored in the Redis being rebuilt.
import { randomUUID } from 'node:crypto';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { defineScript, runScript } from './scripts.ts';

/**
 * Redis was wiped, replaced or set back while it was rebuilt: what was written so far may be gone,
 * so the rebuild has to begin again.
 */
export class RebuildLost extends Error {
  override readonly name = 'RebuildLost';
}

/**
 * What Redis was filled by: the fingerprint of the policy, and the settings that timers depend on
 * beside it.
 */
export interface FilledBy {
  readonly policy: string;
  readonly timersBy: string;
}

/** The right to rebuild. Calls may throw Unavailable. */
export interface RebuildLease {
  /**
   * Call after each piece of work. Throws RebuildLost when the lease is not in Redis as it was
   * left.
   */
  renew(): Promise<void>;
  /**
   * Ends the rebuild: writes the marker and what Redis was filled by, if the lease is in Redis as
   * it was left. Throws RebuildLost otherwise.
   */
  complete(marker: string, filledBy: FilledBy): Promise<void>;
  /** Gives the lease back, so that nobody has to wait for its end; nothing after `complete`. */
  release(): Promise<void>;
}

/**
 * The answer to who asks for the lease. `busy`: another has it for as long as `waitMs`, unless it
 * renews it. `changed`: the marker is another than `seen`.
 */
type LeaseAnswer =
  | { readonly kind: 'taken'; readonly lease: RebuildLease }
  | { readonly kind: 'busy'; readonly waitMs: number }
  | { readonly kind: 'changed' };

/**
 * A request for the lease, with what its process saw: the run id of the server and the marker of
 * completeness.
 */
interface LeaseRequest {
  /** The same for all requests of a process: its own lease of before never makes it wait. */
  readonly owner: string;
  readonly runId: string;
  readonly seen: string | undefined;
}

const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 2000;

const TAKE = defineScript('take-rebuild-lease', {
  keys: ['rebuild', 'complete'],
  args: ['token', 'owner', 'runId', 'leaseMs', 'seen'],
});
const RENEW = defineScript('renew-rebuild-lease', { keys: ['rebuild'], args: ['token', 'step', 'leaseMs'] });
const COMPLETE = defineScript('complete-rebuild', {
  keys: ['rebuild', 'complete', 'policy', 'timersBy'],
  args: ['token', 'step', 'marker', 'policyValue', 'timersByValue'],
});
const RELEASE = defineScript('release-rebuild-lease', { keys: ['rebuild'], args: ['token'] });

/** The keys of the lease and of what it guards. */
type LeaseKeys = Pick<Keys, 'rebuild' | 'complete' | 'policy' | 'timersBy'>;

/**
 * Asks for the lease; a taken one is renewed by itself until `complete` or `release`. Throws
 * Unavailable.
 */
export async function takeRebuildLease(
  client: RedisClient,
  keys: LeaseKeys,
  { owner, runId, seen = '' }: LeaseRequest,
): Promise<LeaseAnswer> {
  const { rebuild, complete } = keys;
  const token = randomUUID();
  const call = { rebuild, complete, token, owner, runId, seen, leaseMs: LEASE_MS };
  const waitMs = Number(await runScript(client, TAKE, call));
  if (waitMs < 0) return { kind: 'changed' };
  return waitMs > 0 ? { kind: 'busy', waitMs } : { kind: 'taken', lease: hold(client, keys, token) };
}

function hold(client: RedisClient, { rebuild, complete, policy, timersBy }: LeaseKeys, token: string): RebuildLease {
  let step = 0;
  let lost: RebuildLost | undefined;
  const guarded = async (run: (own: { readonly token: string; readonly step: number }) => Promise<unknown>) => {
    const own = { token, step };
    // Counted when it is sent: commands of one connection are done in their order.
    step += 1;
    if ((await run(own)) !== 'done')
      lost ??= new RebuildLost('Redis was wiped, replaced or set back while it was rebuilt.');
    if (lost !== undefined) throw lost;
  };
  const renew = (): Promise<void> => guarded((own) => runScript(client, RENEW, { ...own, rebuild, leaseMs: LEASE_MS }));
  // What fails here fails again with the next piece of work.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_EVERY_MS);
  return {
    renew,
    complete: async (marker, filledBy) => {
      clearInterval(timer);
      const values = { marker, policyValue: filledBy.policy, timersByValue: filledBy.timersBy };
      await guarded((own) => runScript(client, COMPLETE, { ...own, ...values, rebuild, complete, policy, timersBy }));
    },
    release: async () => {
      clearInterval(timer);
      try {
        await runScript(client, RELEASE, { rebuild, token });
      } catch (error) {
        // A Redis that is away has no use for it; it ends by itself.
        if (!(error instanceof Unavailable)) throw error;
      }
    },
  };
}
