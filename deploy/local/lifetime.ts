// How long a command lives: until a signal, or until the program that started it (npm, a shell) is
// gone.

/**
 * Aborts when the command is to end; `reason` of the signal says why. `release` lets the process
 * end by itself.
 */
export interface Lifetime {
  readonly signal: AbortSignal;
  release(): void;
}

const WATCH_EVERY_MS = 500;
/** As shells have it after SIGINT. */
export const EXIT_INTERRUPTED = 130;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP and watches the parents, by process id. A second signal
 * ends the process at once; its guard ends the children.
 */
export function createLifetime(parents: readonly number[] = []): Lifetime {
  const ending = new AbortController();
  const end = (why: string): void => {
    if (ending.signal.aborted) process.exit(EXIT_INTERRUPTED);
    ending.abort(new Error(why));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(`stopped by ${signal}`));
  const watch = setInterval(() => {
    if (!ending.signal.aborted && parents.some((pid) => !isAlive(pid))) end('the program that started this is gone');
  }, WATCH_EVERY_MS);
  watch.unref();
  return { signal: ending.signal, release: () => clearInterval(watch) };
}

/**
 * Rejects with the reason of `signal` when it aborts, for a race with work that cannot be aborted.
 */
export async function stopped(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
