// Work on many things from Kafka that one of them must not spoil.
import { isOwnBug } from '../redis/state-lost.ts';

/**
 * Does the work with all, and where it meets a bug, with each alone: `onBug` is called with one
 * that meets it. The work may be repeated. Throws what is no bug.
 */
export async function spareOthers<T>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<void>,
  onBug: (item: T, error: unknown) => void,
): Promise<void> {
  const [first] = items;
  if (first === undefined) return;
  try {
    await work(items);
  } catch (error) {
    if (!isOwnBug(error)) throw error;
    if (items.length === 1) onBug(first, error);
    else for (const item of items) await spareOthers([item], work, onBug);
  }
}
