// Work that ends when a signal says so or when its time is over.

/**
 * Runs `work` with a signal that aborts with `signal`, after `timeoutMs` (with a `TimeoutError`),
 * and when the work is done. Holds its timer itself: a timeout's signal that only
 * `AbortSignal.any()` knows of may be collected before it fires.
 */
export async function within<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const follow = (): void => ending.abort(signal.reason);
  const timer = setTimeout(() => ending.abort(new DOMException('no answer in time', 'TimeoutError')), timeoutMs);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
    ending.abort();
  }
}

/**
 * What `work` gives; rejects with what `ended` makes as soon as `signal` aborts. The work itself
 * goes on: it may never settle.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, ended: () => Error): Promise<T> {
  let giveUp: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(ended());
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * What `work` gives; rejects with what `late` makes when that takes longer than `timeoutMs`. The
 * work itself goes on.
 */
export async function settledWithin<T>(work: Promise<T>, timeoutMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
