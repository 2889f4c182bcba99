// Counts the records of a log file that could not be read, by the headers of its chunks: one error
// may stand for many records, and some records cause none.
import { CHUNK_BYTES, type ChunkRecords } from './reader.ts';

/**
 * The numbers of the first and the last record within the file, without gaps. The identifiers
 * behind them have gaps where a log was exported by a query.
 */
const FIRST_NUMBER_AT = 8;
const LAST_NUMBER_AT = 16;
const NUMBERS_END = 24;
/** A record without anything between its head and its tail. */
const SMALLEST_RECORD_BYTES = 28;
const MOST_RECORDS = BigInt(Math.floor(CHUNK_BYTES / SMALLEST_RECORD_BYTES));

/**
 * The missing records of a chunk. `details` are for people: the reader's errors, and records
 * missing without an error.
 */
interface Missing {
  readonly count: number;
  readonly details: readonly string[];
}

/**
 * Takes the chunks of a file in their order; `bytes` is undefined where a chunk should be and is
 * none: how many records it had is known from the next one.
 */
export function createMissing(): (bytes: Buffer | undefined, read: ChunkRecords) => Missing {
  let lastNumber: bigint | undefined;
  let unknownChunks = 0;
  return (bytes, { records, errors }) => {
    const claimed = bytes === undefined ? undefined : numbersIn(bytes);
    if (claimed === undefined) {
      if (records.length === 0 && errors.length > 0) unknownChunks += 1;
      return { count: errors.length, details: errors };
    }
    const between = lostBefore(claimed.first, lastNumber, unknownChunks);
    [lastNumber, unknownChunks] = [claimed.last, 0];
    const absent = Number(claimed.last - claimed.first) + 1 - records.length;
    const details = [...errors];
    if (between > 0) details.push(`${between} more records were in the damaged chunks before`);
    if (absent > errors.length)
      details.push(
        `by its header the chunk has ${absent + records.length} records, of which ${absent} could not be read`,
      );
    return { count: between + Math.max(errors.length, absent), details };
  };
}

interface Numbers {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The numbers of a chunk's records by its header, or undefined for an impossible header.
 * Source: https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc.
 */
function numbersIn(chunk: Buffer): Numbers | undefined {
  if (chunk.length < NUMBERS_END) return undefined;
  const [first, last] = [chunk.readBigUInt64LE(FIRST_NUMBER_AT), chunk.readBigUInt64LE(LAST_NUMBER_AT)];
  return first > 0n && last >= first && last - first < MOST_RECORDS ? { first, last } : undefined;
}

/** Beyond those counted already, one for each damaged chunk. */
function lostBefore(first: bigint, last: bigint | undefined, chunks: number): number {
  if (chunks === 0 || last === undefined || first <= last) return 0;
  const gap = first - last - 1n;
  return gap > MOST_RECORDS * BigInt(chunks) ? 0 : Math.max(0, Number(gap) - chunks);
}
