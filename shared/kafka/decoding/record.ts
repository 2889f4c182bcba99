// One record of a batch of format 2 (Kafka documentation, "Record" and "Record Header").
import { Reader } from './reader.ts';

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
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
  /** The number of headers left out beyond `MAX_HEADERS`. */
  readonly droppedHeaders?: number;
  /** Why it could not be decoded; the value is then what was there, as it was. */
  readonly undecodable?: string;
}

/** None of our senders has more headers than this. */
export const MAX_HEADERS = 100;

/** Reads a record, which fills `bytes`. Throws RangeError for what is malformed. */
export function readRecord(bytes: Buffer, batch: BatchContext): DecodedRecord {
  const reader = new Reader(bytes);
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
  const offset = BigInt(batch.firstOffset) + BigInt(offsetDelta);
  const timestamp = batch.isLogAppendTime ? batch.maxTimestamp : String(BigInt(batch.firstTimestamp) + timestampDelta);
  const key = reader.varBytes();
  const value = reader.varBytes();
  const { headers, dropped } = readHeaders(reader);
  return {
    timestamp,
    offset: String(offset),
    key,
    value,
    headers,
    isControlRecord: batch.isControlBatch,
    batchContext: batch,
    droppedHeaders: dropped,
  };
}

function readHeaders(reader: Reader): { headers: Record<string, Buffer | Buffer[]>; dropped: number } {
  const count = reader.varint();
  if (count < 0) throw new RangeError(`${count} headers`);
  const headers = Object.create(null) as Record<string, Buffer | Buffer[]>;
  const kept = Math.min(count, MAX_HEADERS);
  for (let index = 0; index < kept; index += 1) {
    const name = reader.varBytes()?.toString() ?? '';
    const value = reader.varBytes();
    if (value !== null) addHeader(headers, name, value);
  }
  return { headers, dropped: count - kept };
}

function addHeader(headers: Record<string, Buffer | Buffer[]>, name: string, value: Buffer): void {
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else headers[name] = [before, value];
}
