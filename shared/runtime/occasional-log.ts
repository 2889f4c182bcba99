// Log lines for what others may cause as often as they like: the first at once, then one a minute with how many there were.

const EVERY_MS = 60_000;

/** Calls `write` for the first occasion and then at most once a minute, with the number of occasions since the last line, this one included. `now`: epoch milliseconds. */
export function createOccasionalLog(now: () => number): (write: (since: number) => void) => void {
  let nextMs = Number.NEGATIVE_INFINITY;
  let since = 0;
  return (write) => {
    since += 1;
    const atMs = now();
    if (atMs < nextMs) return;
    nextMs = atMs + EVERY_MS;
    write(since);
    since = 0;
  };
}
