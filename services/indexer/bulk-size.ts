// How large a bulk request may be now: as large as allowed while Elasticsearch answers soon, smaller when it takes long or puts off.

/** The size that requests are cut to; learns from each answer. */
export interface BulkSize {
  /** In bytes. */
  now(): number;
  /** What became of a request of so many bytes. */
  record(bytes: number, answer: { readonly tookMs: number; readonly isOverloaded: boolean }): void;
}

/** The bounds, and how long a request may take before the next ones are smaller. */
export interface BulkSizeOptions {
  readonly maxBytes: number;
  readonly targetMs: number;
}

const SMALLEST = 65_536;
const GROWTH = 1.25;

/** Starts with the largest size; halves it for each slow or overloaded answer, and grows it by a quarter for each full request that took less than half the target. */
export function createBulkSize({ maxBytes, targetMs }: BulkSizeOptions): BulkSize {
  const smallest = Math.min(SMALLEST, maxBytes);
  let size = maxBytes;
  return {
    now: () => size,
    record: (bytes, { tookMs, isOverloaded }) => {
      // What is far smaller, or was cut to an earlier size, says nothing about this one.
      const isRepresentative = bytes >= size / 2;
      if (!isRepresentative) return;
      if (isOverloaded || tookMs > targetMs) size = Math.max(smallest, Math.floor(Math.min(size, bytes) / 2));
      else if (tookMs < targetMs / 2) size = Math.min(maxBytes, Math.ceil(size * GROWTH));
    },
  };
}
