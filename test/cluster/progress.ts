// Waiting for a number to come: as long as it moves, with a line now and then.
import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../../shared/runtime/errors.ts';

/** What is waited for. */
interface Awaited {
  readonly what: string;
  readonly wanted: number;
  /** How many there are; may throw, and is then asked again. */
  look(): Promise<number> | number;
  /** How long the number may stand still. */
  readonly standstillMs?: number;
  readonly stepMs?: number;
  say(line: string): void;
}

const STANDSTILL_MS = 300_000;
const STEP_MS = 1000;
const SAY_EVERY_MS = 30_000;

/** Resolves when there are as many as wanted; with what is wrong when there are no more coming. */
export async function untilReached({
  what,
  wanted,
  look,
  standstillMs = STANDSTILL_MS,
  stepMs = STEP_MS,
  say,
}: Awaited): Promise<string | undefined> {
  let seen = 0;
  let changedMs = Date.now();
  let saidMs = Date.now();
  for (;;) {
    let trouble = '';
    try {
      const found = await look();
      if (found >= wanted) return undefined;
      if (found !== seen) changedMs = Date.now();
      seen = found;
    } catch (error) {
      trouble = `; ${errorText(error)}`;
    }
    const line = `${what}: ${seen} of ${wanted}${trouble}`;
    if (Date.now() - changedMs > standstillMs) return `${line}, unchanged for ${standstillMs / 1000} s`;
    if (Date.now() - saidMs > SAY_EVERY_MS) {
      say(line);
      saidMs = Date.now();
    }
    await delay(stepMs);
  }
}
