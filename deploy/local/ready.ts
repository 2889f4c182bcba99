// Waits until a server answers, and shows the end of its log when it does not.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, untilExit } from './process.ts';

const LIMIT_MS = 240_000;
const STEP_MS = 100;

/**
 * Polls `isReady` until it is true. Throws when the child ends before, when `signal` aborts, or
 * after four minutes.
 */
export async function untilReady(
  child: Child,
  isReady: () => Promise<boolean>,
  options: { readonly logFile: string; readonly signal: AbortSignal },
): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  let code: number | null | undefined;
  void child.exited.then((value) => {
    code = value;
  });
  while (!(await answers(isReady))) {
    options.signal.throwIfAborted();
    if (code !== undefined)
      throw new Error(
        `${child.name} ended (exit code ${code}). The end of ${options.logFile}:\n${tailOf(options.logFile)}`,
      );
    if (Date.now() > end)
      throw new Error(
        `${child.name} did not answer within ${LIMIT_MS / 1000} s. The end of ${options.logFile}:\n${tailOf(options.logFile)}`,
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

async function answers(isReady: () => Promise<boolean>): Promise<boolean> {
  try {
    return await isReady();
  } catch {
    return false;
  }
}

function tailOf(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-20).join('\n');
}
