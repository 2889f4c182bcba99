// What an incident keeps about its repeated reopening.

/** An incident that began again and again. Times are epoch milliseconds. */
export interface Flapping {
  /** The first of the beginnings that made it so. */
  readonly sinceMs: number;
  /**
   * The last episode whose message says that the incident flaps: the one with which flapping began,
   * or one hours later.
   */
  readonly episode: number;
  /** When that episode began, where it is not the first. */
  readonly remindedMs?: number;
  /** How often it has begun since. */
  readonly count: number;
  /** Without a beginning or an end for so long it no longer flaps. */
  readonly quietForMs: number;
}
