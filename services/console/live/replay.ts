// The latest activity entries, so that a broken live stream goes on where it ended. Entries have
// the same ids in every console, but not the same order between partitions: a replay begins a
// little before the entry that was seen last, and what comes twice has the same id.
import type { ActivityEntry } from '../../../shared/contracts/activity.ts';

/** Keeps the latest entries. */
export interface Replay {
  add(entry: ActivityEntry): void;
  /** The id of the latest; undefined while there is none. */
  latestId(): string | undefined;
  /** What came after the entry of this id; undefined when that is not known any more. */
  after(id: string): readonly ActivityEntry[] | undefined;
}

interface Kept {
  readonly entry: ActivityEntry;
  readonly atMs: number;
}

const MAX_ENTRIES = 5000;
/** How many are removed at once. */
const SLACK = 500;
const OVERLAP_MS = 10_000;

/** Starts without any; `now` gives epoch milliseconds. */
export function createReplay(now: () => number): Replay {
  let kept: Kept[] = [];
  return {
    add: (entry) => {
      kept.push({ entry, atMs: now() });
      if (kept.length >= MAX_ENTRIES + SLACK) kept = kept.slice(-MAX_ENTRIES);
    },
    latestId: () => kept.at(-1)?.entry.id,
    after: (id) => {
      const seen = kept.findLastIndex(({ entry }) => entry.id === id);
      if (seen < 0) return undefined;
      const fromMs = (kept[seen]?.atMs ?? 0) - OVERLAP_MS;
      const first = kept.findIndex(({ atMs }) => atMs >= fromMs);
      return kept.slice(first).flatMap(({ entry }) => (entry.id === id ? [] : [entry]));
    },
  };
}
