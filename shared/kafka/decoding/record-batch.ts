// One record batch of format 2 (Kafka documentation, "Record Batch"). A part that cannot be decoded
// becomes one record with its bytes unchanged, so that nothing is lost and nothing waits behind it.
import { CODECS, MAX_DECOMPRESSED_BYTES } from './codecs.ts';
import { crc32c } from '../crc32c.ts';
import { errorText } from '../../runtime/errors.ts';
import { Reader } from './reader.ts';
import { type BatchContext, type DecodedRecord, readRecord } from './record.ts';

/** The offsets of a batch's fields, in bytes from its beginning. */
const AT = {
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;

/** The bytes before those that a batch's length counts. */
export const LENGTH_OVERHEAD_BYTES = 12;
/** Where the format of a batch, or of an older message, stands. */
export const MAGIC_AT = AT.magic;
const FORMAT = 2;
/** A batch of a million tiny records takes the memory of a large one many times over. */
const MAX_RECORDS = 262_144;

/** What a batch came to. */
export interface ReadBatch {
  readonly records: readonly DecodedRecord[];
  /** How many bytes its records take when they are not compressed. */
  readonly bytes: number;
}

/**
 * Reads a whole batch of whatever content; never throws for what is in it. `nextOffset`: where the
 * batch behind it begins, if that is known.
 */
export async function readRecordBatch(batch: Buffer, nextOffset?: bigint): Promise<ReadBatch> {
  if (batch.length < AT.records)
    return undecodableBatch(batch, `the batch has ${batch.length} bytes, fewer than its header takes`, nextOffset);
  const context = contextOf(batch);
  try {
    if (crc32c(batch.subarray(AT.attributes)) !== batch.readUInt32BE(AT.crc)) throw new RangeError('its CRC differs');
    const count = batch.readInt32BE(AT.count);
    if (count < 0 || count > MAX_RECORDS) throw new RangeError(`it says that it has ${count} records`);
    const body = await decompressed(batch, count);
    const records = readRecords(body, count, context);
    return { records: passedOver(records, context), bytes: body.length };
  } catch (error) {
    return undecodableBatch(batch, `the batch cannot be decoded: ${errorText(error)}`, nextOffset);
  }
}

/** A batch of which nothing can be read, as one record at its last offset. */
export function undecodableBatch(batch: Buffer, detail: string, nextOffset?: bigint): ReadBatch {
  // Zeros stand for the end of a header that is cut off.
  const context = contextOf(Buffer.concat([batch], AT.records));
  const offset = lastOffsetOf(context, nextOffset);
  const text = `${detail}. The value is the whole batch as Kafka has it, from offset ${context.firstOffset} on`;
  return { records: [standIn(offset, context, { value: batch, undecodable: text })], bytes: batch.length };
}

/**
 * Where the batch ends, by the one behind it. Else by its own header, which can be wrong: an end
 * too far ahead would skip good records.
 */
function lastOffsetOf({ firstOffset, magicByte, lastOffsetDelta }: BatchContext, nextOffset?: bigint): bigint {
  const first = BigInt(firstOffset);
  if (nextOffset !== undefined && nextOffset > first) return nextOffset - 1n;
  const delta = magicByte === FORMAT ? Math.max(0, lastOffsetDelta) : 0;
  return first + BigInt(Math.min(delta, MAX_RECORDS - 1));
}

function contextOf(batch: Buffer): BatchContext {
  const attributes = batch.readInt16BE(AT.attributes);
  return {
    firstOffset: String(batch.readBigInt64BE(0)),
    magicByte: batch.readInt8(AT.magic),
    isLogAppendTime: (attributes & 0x08) !== 0,
    inTransaction: (attributes & 0x10) !== 0,
    isControlBatch: (attributes & 0x20) !== 0,
    lastOffsetDelta: batch.readInt32BE(AT.lastOffsetDelta),
    firstTimestamp: String(batch.readBigInt64BE(AT.firstTimestamp)),
    maxTimestamp: String(batch.readBigInt64BE(AT.maxTimestamp)),
    producerId: String(batch.readBigInt64BE(AT.producerId)),
  };
}

async function decompressed(batch: Buffer, count: number): Promise<Buffer> {
  const body = batch.subarray(AT.records);
  const number = batch.readInt16BE(AT.attributes) & 0x07;
  if (number === 0 || count === 0) return body;
  const codec = CODECS[number];
  if (codec === undefined) throw new RangeError(`its compression has the number ${number}, which is not known`);
  try {
    return await codec.decompress(body, MAX_DECOMPRESSED_BYTES);
  } catch (error) {
    throw new RangeError(`${codec.name}: ${errorText(error)}`, { cause: error });
  }
}

/** A malformed record does not affect the others, as long as its length is there. */
function readRecords(body: Buffer, count: number, context: BatchContext): DecodedRecord[] {
  const reader = new Reader(body);
  const origin = { offset: BigInt(context.firstOffset), timestamp: BigInt(context.firstTimestamp), names: [] };
  const records: DecodedRecord[] = [];
  while (records.length < count) {
    reader.enter(reader.varint());
    try {
      records.push(readRecord(reader, context, origin));
    } catch (error) {
      const offset = offsetBehind(records.at(-1), context);
      const undecodable = `the record cannot be decoded: ${errorText(error)}. The value is the record as it lies in its batch`;
      records.push(standIn(offset, context, { value: reader.entered(), undecodable }));
    }
    reader.leave();
  }
  return records;
}

/** The offset of a record that has none itself: behind the one before it. */
function offsetBehind(record: DecodedRecord | undefined, { firstOffset, lastOffsetDelta }: BatchContext): bigint {
  const first = BigInt(firstOffset);
  const last = first + BigInt(Math.max(0, lastOffsetDelta));
  const next = record === undefined ? first : BigInt(record.offset) + 1n;
  return next < last ? next : last;
}

/**
 * Compaction leaves gaps at the end of a batch, or nothing at all but its header; kafkajs would ask
 * for the same batch again, for ever.
 */
function passedOver(records: readonly DecodedRecord[], context: BatchContext): readonly DecodedRecord[] {
  const last = BigInt(context.firstOffset) + BigInt(context.lastOffsetDelta);
  const reached = records.at(-1)?.offset;
  if (reached !== undefined && BigInt(reached) >= last) return records;
  // kafkajs shows no control record to anybody, and takes its offset for done. It is no marker of a
  // transaction, for it has no key.
  return [...records, { ...standIn(last, context, { value: null }), isControlRecord: true }];
}

function standIn(
  offset: bigint,
  context: BatchContext,
  what: Pick<DecodedRecord, 'value' | 'undecodable'>,
): DecodedRecord {
  return {
    timestamp: context.maxTimestamp,
    offset: String(offset),
    key: null,
    headers: {},
    isControlRecord: false,
    batchContext: context,
    ...what,
  };
}
