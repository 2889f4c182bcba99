// Patience with a sick neighbour: repeat what threw Unavailable, with back-off, and one log line per change of state or of reason.
import { type BackoffSettings, backoffMs, sleep } from './backoff.ts';
import { Unavailable } from './errors.ts';
import type { Logger } from './logger.ts';

/** How to wait. `onWait` is called before each wait, e.g. to keep a heartbeat or to count. */
export interface Patience {
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly backoff?: BackoffSettings;
  readonly random?: () => number;
  onWait?(waitMs: number, error: Unavailable): void;
}

const DEFAULT_BACKOFF: BackoffSettings = { minMs: 100, maxMs: 5000 };

/** Runs `work` until it does not throw Unavailable. Any other error passes through; when `signal` aborts, the last Unavailable is thrown. */
export async function patiently<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  const { log, signal, backoff = DEFAULT_BACKOFF, random = Math.random } = patience;
  const reasons = new Reasons(log);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await work();
      if (attempt > 0) log.info({ attempts: attempt + 1 }, 'a neighbour is back');
      return result;
    } catch (error) {
      if (!(error instanceof Unavailable) || signal.aborted) throw error;
      reasons.note(error, attempt);
      const waitMs = Math.max(backoffMs(backoff, attempt, random), Math.min(error.retryAfterMs ?? 0, 60_000));
      patience.onWait?.(waitMs, error);
      await sleep(waitMs, signal);
      if (signal.aborted) throw error;
    }
  }
}

/** How many reasons are remembered; with more of them each counts as new again when it comes back. */
const MAX_REASONS = 20;
/** With the longest back-off about an hour: a reason that still holds then is logged again. */
const REPEAT_AFTER_ATTEMPTS = 900;

/** Logs why it waits: each reason once, also of those that take turns. Long numbers in it (a port, an id, a number of bytes) make no new one. */
class Reasons {
  readonly #log: Logger;
  readonly #logged = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  note({ neighbour, code, message }: Unavailable, attempt: number): void {
    const reason = `${neighbour} ${code} ${message.replaceAll(/\d{4,}/gu, '#')}`;
    const before = this.#logged.get(reason);
    if (before !== undefined && attempt - before < REPEAT_AFTER_ATTEMPTS) return;
    if (this.#logged.size >= MAX_REASONS) this.#logged.clear();
    const text =
      this.#logged.size === 0 && attempt === 0
        ? 'a neighbour is sick; waiting for it'
        : 'still waiting for a neighbour';
    this.#logged.set(reason, attempt);
    this.#log.warn({ neighbour, detail: message, attempts: attempt + 1 }, text);
  }
}
