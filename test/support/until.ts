// Waits for a condition with a generous limit; never a fixed sleep.
import { setTimeout as delay } from 'node:timers/promises';

/** How long a test waits for what has to come: far longer than a busy machine takes. */
export const LIMIT_MS = 120_000;
const STEP_MS = 50;

/**
 * Polls `look` until it gives something other than undefined or false; fails with `what` and the
 * last error after `limitMs`.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = LIMIT_MS,
): Promise<T> {
  const end = Date.now() + limitMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(STEP_MS);
  }
  throw new Error(`Not within ${limitMs / 1000} s: ${what}`, { cause: last });
}
