// Failed log-ins: counted, logged with one line per address and minute, and answered later each
// time, so that guessing is visible and slow.
import { sleep } from '../runtime/backoff.ts';
import type { Logger } from '../runtime/logger.ts';
import { networkOf } from './network-of.ts';

/** What the brake uses. */
interface FailedLoginParts {
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Counts one, with its reason. */
  count(reason: string): void;
}

/**
 * A failed log-in from an address: resolves when it may be answered, earlier when `signal` aborts.
 */
export type FailedLogin = (
  failure: { readonly address: string; readonly route: string; readonly reason: string },
  signal: AbortSignal,
) => Promise<void>;

const WINDOW_MS = 60_000;
/** The number of addresses kept; beyond that the one that failed first is dropped. */
const MAX_ADDRESSES = 1000;
const MAX_LINES_A_WINDOW = 60;
const FREE_FAILURES = 3;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 3000;

interface Failures {
  count: number;
  readonly sinceMs: number;
}

/** Starts without any. */
export function createFailedLogins({ log, now, count }: FailedLoginParts): FailedLogin {
  const failures = new Map<string, Failures>();
  let lines: Failures = { count: 0, sinceMs: 0 };
  const say = (fields: Readonly<Record<string, unknown>>, nowMs: number): void => {
    if (nowMs - lines.sinceMs >= WINDOW_MS) lines = { count: 0, sinceMs: nowMs };
    lines.count += 1;
    if (lines.count <= MAX_LINES_A_WINDOW)
      log.warn(fields, 'log-ins fail; further ones from this address within a minute are counted only');
    else if (lines.count === MAX_LINES_A_WINDOW + 1)
      log.warn('log-ins fail from many addresses; further ones within a minute are counted only');
  };
  return async ({ address, route, reason }, signal) => {
    count(reason);
    const nowMs = now();
    const network = networkOf(address);
    const known = failures.get(network);
    const isNew = known === undefined || nowMs - known.sinceMs >= WINDOW_MS;
    const own = isNew ? { count: 0, sinceMs: nowMs } : known;
    own.count += 1;
    if (isNew) {
      failures.delete(network);
      const [first] = failures.keys();
      if (failures.size >= MAX_ADDRESSES && first !== undefined) failures.delete(first);
      failures.set(network, own);
      say({ address, route, reason, ...(known === undefined ? {} : { before: known.count }) }, nowMs);
    }
    const waitMs = delayMs(own.count);
    if (waitMs > 0) await sleep(waitMs, signal);
  };
}

/** How long the answer to the nth failure of an address waits, milliseconds. */
export function delayMs(count: number): number {
  return count <= FREE_FAILURES ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (count - FREE_FAILURES - 1));
}
