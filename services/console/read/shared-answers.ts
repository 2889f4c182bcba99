// One answer for all who ask the same at about the same time: as many viewers cost as much as one.

/** What is shared, by its key. */
interface SharedOptions<T> {
  /** Reads what these keys stand for; each of them is in the answer. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, T>>;
  /** How long an answer is given again after it was asked for. */
  readonly keepMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Kept<T> {
  readonly atMs: number;
  readonly answer: Promise<T>;
}

/**
 * Gives the answers in the order of the keys: those that are kept or on their way, and the others
 * by one read. Throws what `read` throws; that is not kept.
 */
export function shareAnswers<T>({ read, keepMs, now }: SharedOptions<T>) {
  const kept = new Map<string, Kept<T>>();
  const readMissing = (keys: readonly string[], atMs: number): void => {
    if (keys.length === 0) return;
    const reading = read(keys);
    for (const key of keys) {
      const answer = reading.then((found) => found.get(key) as T);
      const entry = { atMs, answer };
      kept.set(key, entry);
      answer.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
    }
  };
  return async (keys: readonly string[]): Promise<readonly T[]> => {
    const atMs = now();
    for (const [key, entry] of kept) if (atMs - entry.atMs >= keepMs) kept.delete(key);
    readMissing(
      [...new Set(keys)].filter((key) => !kept.has(key)),
      atMs,
    );
    return await Promise.all(keys.map(async (key) => await (kept.get(key) as Kept<T>).answer));
  };
}
