// Bounds how many things are under way at a time; the rest wait in order.

/** Runs work when there is room for it. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

/** A limiter that lets `max` run at a time. */
export function createLimiter(max: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place passes straight to the next in line, so that nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
