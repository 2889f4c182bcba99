// Bounds how many things are under way at a time; the rest wait in order.

/**
 * Runs work when there is room for it. Work that still waits when `signal` aborts leaves the queue,
 * and its promise rejects with the signal's reason.
 */
type Limiter = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** A limiter that lets `max` run at a time. */
export function createLimiter(max: number): Limiter {
  const waiting = new Set<() => void>();
  let running = 0;
  return async (work, signal) => {
    if (running >= max) await turn(waiting, signal);
    else running += 1;
    try {
      return await work();
    } finally {
      // The slot passes straight to the next in the queue, so that no later work overtakes it.
      const [next] = waiting;
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Work that leaves the queue uses no slot. */
async function turn(waiting: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const enter = (): void => {
      waiting.delete(enter);
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.delete(enter);
      reject(signal?.reason as Error);
    };
    waiting.add(enter);
    signal?.addEventListener('abort', leave, { once: true });
  });
}
