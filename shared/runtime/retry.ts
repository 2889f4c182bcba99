// Retries work while a dependency is unavailable, with back-off and one log line per change of
// state or of reason.
import { type BackoffSettings, backoffMs, sleep } from './backoff.ts';
import { Unavailable } from './errors.ts';
import type { Logger } from './logger.ts';

/** How to retry. */
interface RetryOptions {
  readonly log: Logger;
  /** Ends the retrying. */
  readonly signal: AbortSignal;
  readonly backoff?: BackoffSettings;
  /** Gives [0, 1). */
  readonly random?: () => number;
  /** Called before each wait, e.g. to count it. */
  onWait?(waitMs: number, error: Unavailable): void;
}

const DEFAULT_BACKOFF: BackoffSettings = { minMs: 100, maxMs: 5000 };

/**
 * Runs `work` until it does not throw Unavailable. Any other error passes through; when `signal`
 * aborts, the last Unavailable is thrown.
 */
export async function retryWhileUnavailable<T>(options: RetryOptions, work: () => Promise<T>): Promise<T> {
  const { log, signal, backoff = DEFAULT_BACKOFF, random = Math.random } = options;
  const reasons = new Reasons(log);
  let last: Unavailable | undefined;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await work();
      if (last !== undefined) log.info({ attempts: attempt + 1 }, `${last.dependency} available again`);
      return result;
    } catch (error) {
      if (!(error instanceof Unavailable) || signal.aborted) throw error;
      last = error;
      reasons.note(error, attempt);
      const waitMs = Math.max(backoffMs(backoff, attempt, random), Math.min(error.retryAfterMs ?? 0, 60_000));
      options.onWait?.(waitMs, error);
      await sleep(waitMs, signal);
      if (signal.aborted) throw error;
    }
  }
}

/** How many reasons are kept; beyond that a reason that returns counts as new. */
const MAX_REASONS = 20;
/** About an hour with the longest back-off: a reason that still holds then is logged again. */
const REPEAT_AFTER_ATTEMPTS = 900;

/**
 * Logs each reason for retrying once, also where several alternate. Long numbers in it (a port, an
 * id, a number of bytes) make no new reason.
 */
class Reasons {
  readonly #log: Logger;
  readonly #logged = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  note({ dependency, code, message }: Unavailable, attempt: number): void {
    const reason = `${dependency} ${code} ${message.replaceAll(/\d{4,}/gu, '#')}`;
    const before = this.#logged.get(reason);
    if (before !== undefined && attempt - before < REPEAT_AFTER_ATTEMPTS) return;
    if (this.#logged.size >= MAX_REASONS) this.#logged.clear();
    const isFirst = this.#logged.size === 0 && attempt === 0;
    this.#logged.set(reason, attempt);
    this.#log.warn(
      { dependency, detail: message, attempts: attempt + 1 },
      `${dependency} ${isFirst ? 'unavailable' : 'still unavailable'}, retrying`,
    );
  }
}
