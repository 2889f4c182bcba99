// Waiting: exponential back-off with equal jitter (half of the wait is random), and a sleep that an
// abort ends.
import { setTimeout as delay } from 'node:timers/promises';

/** Waits in milliseconds, doubling from `minMs` up to `maxMs`. */
export interface BackoffSettings {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * The wait before attempt `attempt` (from 0): between half and the whole of the doubled minimum,
 * capped. `random` gives [0, 1).
 */
export function backoffMs(settings: BackoffSettings, attempt: number, random: () => number): number {
  const ceiling = Math.min(settings.maxMs, settings.minMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}

/** Waits; returns early, without throwing, when `signal` aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // Only an abort rejects: the caller checks its signal.
  }
}
