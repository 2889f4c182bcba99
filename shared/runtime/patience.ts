// Patience with a sick neighbour: repeat what threw Unavailable, with back-off, and one log line per change of state.
import { type BackoffSettings, backoffMs, sleep } from './backoff.ts';
import { Unavailable } from './errors.ts';
import type { Logger } from './logger.ts';

/** How to wait. `onWait` is called before each wait, e.g. to keep a heartbeat or to count. */
export interface Patience {
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly backoff?: BackoffSettings;
  readonly random?: () => number;
  onWait?(waitMs: number): void;
}

const DEFAULT_BACKOFF: BackoffSettings = { minMs: 100, maxMs: 5000 };

/** Runs `work` until it does not throw Unavailable. Any other error passes through; when `signal` aborts, the last Unavailable is thrown. */
export async function patiently<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  const { log, signal, backoff = DEFAULT_BACKOFF, random = Math.random } = patience;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await work();
      if (attempt > 0) log.info({ attempts: attempt + 1 }, 'a neighbour is back');
      return result;
    } catch (error) {
      if (!(error instanceof Unavailable) || signal.aborted) throw error;
      if (attempt === 0)
        log.warn({ neighbour: error.neighbour, detail: error.message }, 'a neighbour is sick; waiting for it');
      const waitMs = Math.max(backoffMs(backoff, attempt, random), Math.min(error.retryAfterMs ?? 0, 60_000));
      patience.onWait?.(waitMs);
      await sleep(waitMs, signal);
      if (signal.aborted) throw error;
    }
  }
}
