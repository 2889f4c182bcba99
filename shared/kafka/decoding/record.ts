// One record of a batch of format 2 (Kafka documentation, "Record" and "Record Header").
import type { Reader } from './reader.ts';

/** What the records of a batch have in common, by the names of kafkajs. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly isLogAppendTime: boolean;
  readonly magicByte: number;
}

/** A record as kafkajs hands it on, and what is ours. */
export interface DecodedRecord {
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As texts; of several of one name the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
  /** The number of headers left out beyond `MAX_HEADERS`. */
  readonly droppedHeaders?: number;
  /** Why it could not be decoded; the value is then what was there, as it was. */
  readonly undecodable?: string;
}

/** None of our senders has more headers than this. */
export const MAX_HEADERS = 100;

/** What the records of a batch begin with. */
export interface Origin {
  readonly offset: bigint;
  readonly timestamp: bigint;
  /** The names of the headers of the record before: most records of a batch have the same. */
  readonly names: string[];
}

/**
 * Reads a record, which fills the part that the reader has entered. Throws RangeError for what is
 * malformed.
 */
export function readRecord(reader: Reader, batch: BatchContext, origin: Origin): DecodedRecord {
  // Its attributes, of which there are none yet.
  reader.skip(1);
  const timestampDelta = reader.varlong();
  const offsetDelta = reader.varint();
  // Brokers check offsets in compressed batches only, and kafkajs goes on behind them: an offset
  // too far ahead would skip records, or start a loop of fetches beyond the end.
  if (offsetDelta < 0 || offsetDelta > batch.lastOffsetDelta)
    throw new RangeError(
      `its offset is ${offsetDelta} from the first of a batch that goes to ${batch.lastOffsetDelta}`,
    );
  const key = reader.varBytes();
  const value = reader.varBytes();
  const { headers, dropped } = readHeaders(reader, origin.names);
  return {
    timestamp: timestampOf(batch, origin, timestampDelta),
    offset: String(origin.offset + BigInt(offsetDelta)),
    key,
    value,
    headers,
    isControlRecord: batch.isControlBatch,
    batchContext: batch,
    droppedHeaders: dropped,
  };
}

function timestampOf({ isLogAppendTime, firstTimestamp, maxTimestamp }: BatchContext, origin: Origin, delta: bigint) {
  if (isLogAppendTime) return maxTimestamp;
  return delta === 0n ? firstTimestamp : String(origin.timestamp + delta);
}

function readHeaders(reader: Reader, names: string[]): { headers: Record<string, string>; dropped: number } {
  const count = reader.varint();
  if (count < 0) throw new RangeError(`${count} headers`);
  const headers: Record<string, string> = {};
  const kept = Math.min(count, MAX_HEADERS);
  for (let index = 0; index < kept; index += 1) {
    const name = reader.varText(names[index]) ?? '';
    const value = reader.varText();
    names[index] = name;
    if (value !== null) addHeader(headers, name, value);
  }
  return { headers, dropped: count - kept };
}

function addHeader(headers: Record<string, string>, name: string, value: string): void {
  if (Object.hasOwn(headers, name)) return;
  // An assignment would lose the header of this name.
  if (name === '__proto__') Object.defineProperty(headers, name, { value, enumerable: true });
  else headers[name] = value;
}
