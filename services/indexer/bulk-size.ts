// The size of bulk requests: the largest allowed while Elasticsearch answers soon, smaller when it
// is slow or overloaded.

/** The size that requests are cut to, adapted after each answer. */
export interface BulkSize {
  /** In bytes. */
  now(): number;
  /** Records the answer to a request of `bytes`. */
  record(bytes: number, answer: { readonly tookMs: number; readonly isOverloaded: boolean }): void;
}

/** The bounds, and the time that a request may take before the next ones are smaller. */
interface BulkSizeOptions {
  readonly maxBytes: number;
  readonly targetMs: number;
}

const SMALLEST = 65_536;
const GROWTH = 1.25;

/**
 * Starts with the largest size; halves it for each slow or overloaded answer, and grows it by a
 * quarter for each full request that took less than half the target.
 */
export function createBulkSize({ maxBytes, targetMs }: BulkSizeOptions): BulkSize {
  const smallest = Math.min(SMALLEST, maxBytes);
  let size = maxBytes;
  return {
    now: () => size,
    record: (bytes, { tookMs, isOverloaded }) => {
      // A far smaller request, or one cut to an earlier size, is no measure of this size.
      const isRepresentative = bytes >= size / 2;
      if (!isRepresentative) return;
      if (isOverloaded || tookMs > targetMs) size = Math.max(smallest, Math.floor(Math.min(size, bytes) / 2));
      else if (tookMs < targetMs / 2) size = Math.min(maxBytes, Math.ceil(size * GROWTH));
    },
  };
}
