// The clock of the notifier: runs what is due, one round after the other, sooner on request.
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';

/** A running clock. */
export interface Ticker {
  /** Requests a round now. */
  nudge(): void;
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

const EVERY_MS = 250;
const UNAVAILABLE_MS = 2000;

/** Starts the clock. `round` may throw Unavailable; anything else is a bug and ends the process. */
export function startTicker(round: () => Promise<void>, log: Logger): Ticker {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let isNudged = false;
  let isStopped = false;
  const run = async (): Promise<void> => {
    let waitMs = EVERY_MS;
    isNudged = false;
    try {
      await round();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      log.debug({ detail: errorText(error) }, 'the timers wait for a dependency');
      waitMs = UNAVAILABLE_MS;
    }
    current = undefined;
    if (!isStopped) schedule(isNudged ? 0 : waitMs);
  };
  const schedule = (waitMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      current = run();
    }, waitMs);
  };
  schedule(EVERY_MS);
  return {
    nudge: () => {
      isNudged = true;
      if (current === undefined && !isStopped) schedule(0);
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
