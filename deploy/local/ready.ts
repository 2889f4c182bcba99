// Waits until a server answers, and shows the end of its log when it does not.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, untilExit } from './process.ts';

const LIMIT_MS = 240_000;
const STEP_MS = 100;

/** What a server answers; `loading`: it reads its data, and says so. */
export type Readiness = boolean | 'loading';

/**
 * Polls `isReady` until it is true. Throws when the child ends before, when `signal` aborts, or
 * after four minutes without an answer; how long a server loads depends on its data, so that time
 * does not count.
 */
export async function untilReady(
  child: Child,
  isReady: () => Promise<Readiness>,
  options: { readonly logFile: string; readonly signal: AbortSignal; readonly limitMs?: number },
): Promise<void> {
  const { limitMs = LIMIT_MS } = options;
  let end = Date.now() + limitMs;
  let code: number | null | undefined;
  void child.exited.then((value) => {
    code = value;
  });
  for (let found = await answers(isReady); found !== true; found = await answers(isReady)) {
    if (found === 'loading') end = Date.now() + limitMs;
    options.signal.throwIfAborted();
    if (code !== undefined)
      throw new Error(
        `${child.name} ended (exit code ${code}). The end of ${options.logFile}:\n${tailOf(options.logFile)}`,
      );
    if (Date.now() > end)
      throw new Error(
        `${child.name} did not answer within ${limitMs / 1000} s. The end of ${options.logFile}:\n${tailOf(options.logFile)}`,
      );
    await delay(STEP_MS);
  }
  options.signal.throwIfAborted();
}

/**
 * Waits until a child has ended well. Throws when it fails, with the end of its log, and when
 * `signal` aborts.
 */
export async function untilDone(
  child: Child,
  { logFile, signal }: { readonly logFile: string; readonly signal: AbortSignal },
): Promise<void> {
  const code = await untilExit(child, signal);
  if (code === 0) return;
  throw new Error(`${child.name} failed (exit code ${code}). The end of ${logFile}:\n${tailOf(logFile)}`);
}

async function answers(isReady: () => Promise<Readiness>): Promise<Readiness> {
  try {
    return await isReady();
  } catch {
    return false;
  }
}

function tailOf(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-20).join('\n');
}
