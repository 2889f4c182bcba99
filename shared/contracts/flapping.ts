// What an incident remembers of having begun again and again.

/** An incident that began again and again. Times are epoch milliseconds. */
export interface Flapping {
  /** The first of the beginnings that made it so. */
  readonly sinceMs: number;
  /** The episode that was told and says that it flaps: with which it began to, or one hours later. */
  readonly episode: number;
  /** When that episode began, where it is not the first. */
  readonly remindedMs?: number;
  /** How often it has begun since. */
  readonly count: number;
  /** Without a beginning or an end for so long it no longer flaps. */
  readonly quietForMs: number;
}
