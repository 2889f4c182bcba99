// Writes record batches of format 2 (Kafka documentation, "Record Batch" and "Record"): one pass
// for the sizes, one for the bytes, into a buffer of the caller.
import { crc32c } from '../crc32c.ts';
import { sizeOf, varintBytes, write, writeVarint } from './varint.ts';

/** A record without a time of its own; the time of its batch is its time. */
export interface Message {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
}

/** The head of a batch. */
export interface BatchHead {
  /** Epoch milliseconds of all records. */
  readonly timestampMs: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly isTransactional: boolean;
  readonly count: number;
  /** Kafka's number of the codec that the records are compressed with; 0: none. */
  readonly codec: number;
}

/** Records, and how many bytes each takes behind its length. */
export interface SizedRecords {
  readonly messages: readonly Message[];
  readonly sizes: readonly number[];
  /** The bytes of all records, their lengths included. */
  readonly bytes: number;
}

/** The bytes of a batch in front of its records. */
export const BATCH_HEAD_BYTES = 61;
/** The checksum counts from here. */
const ATTRIBUTES = 21;
/** The length of a batch counts from here. */
const LEADER_EPOCH = 12;
const MAGIC = 2;
const TRANSACTIONAL = 16;

/** Computes the sizes of records. */
export function sizeOfRecords(messages: readonly Message[]): SizedRecords {
  let bytes = 0;
  const sizes = messages.map((message, index) => {
    const size = sizeOfRecord(message, index);
    bytes += varintBytes(size) + size;
    return size;
  });
  return { messages, sizes, bytes };
}

/** Writes the records of a batch to `at`; returns their end. */
export function writeRecords(target: Buffer, at: number, { messages, sizes }: SizedRecords): number {
  let end = at;
  for (const [index, message] of messages.entries())
    end = writeRecord(target, writeVarint(target, end, sizes[index] ?? 0), message, index);
  return end;
}

/** Writes the head of a batch to `at`, in front of its records, which end at `end`. */
export function writeBatchHead(target: Buffer, at: number, end: number, head: BatchHead): void {
  const timestamp = BigInt(head.timestampMs);
  target.writeBigInt64BE(0n, at);
  target.writeInt32BE(end - at - LEADER_EPOCH, at + 8);
  target.writeInt32BE(0, at + LEADER_EPOCH);
  target.writeInt8(MAGIC, at + 16);
  target.writeInt16BE(head.codec | (head.isTransactional ? TRANSACTIONAL : 0), at + ATTRIBUTES);
  target.writeInt32BE(head.count - 1, at + 23);
  target.writeBigInt64BE(timestamp, at + 27);
  target.writeBigInt64BE(timestamp, at + 35);
  target.writeBigInt64BE(head.producerId, at + 43);
  target.writeInt16BE(head.producerEpoch, at + 51);
  target.writeInt32BE(head.firstSequence, at + 53);
  target.writeInt32BE(head.count, at + 57);
  target.writeUInt32BE(crc32c(target.subarray(at + ATTRIBUTES, end)), at + 17);
}

function sizeOfRecord({ key, value, headers = {} }: Message, index: number): number {
  const names = Object.keys(headers);
  // One byte each: the attributes, and the time since the first record, which is 0.
  let size = 2 + varintBytes(index) + sizeOf(key) + sizeOf(value) + varintBytes(names.length);
  for (const name of names) size += sizeOf(name) + sizeOf(headers[name]);
  return size;
}

function writeRecord(target: Buffer, at: number, { key, value, headers = {} }: Message, index: number): number {
  target[at] = 0;
  target[at + 1] = 0;
  const names = Object.keys(headers);
  let end = write(target, write(target, writeVarint(target, at + 2, index), key), value);
  end = writeVarint(target, end, names.length);
  for (const name of names) end = write(target, write(target, end, name), headers[name]);
  return end;
}
