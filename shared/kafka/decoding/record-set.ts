// The record batches that a fetch brings for one partition, one after the other.
import { errorText } from '../../runtime/errors.ts';
import { type DecodedRecord } from './record.ts';
import { LENGTH_OVERHEAD_BYTES, MAGIC_AT, readRecordBatch, type ReadBatch, undecodableBatch } from './record-batch.ts';

/** Records take about so many times as many bytes when they are not compressed. */
export const COMPRESSION_RATIO = 8;
/**
 * Compressed batches are decoded until they have so many bytes, or as many as the fetch should
 * bring, one batch at least, so that they cannot fill the memory; kafkajs fetches the others again.
 */
export const ENOUGH_BYTES = 1024 * 1024;

/** Reads what brokers before Kafka 4 may still hold: messages of the formats 0 and 1. */
type ReadOlder = (messages: Buffer) => Promise<readonly object[]>;

/**
 * The records of a fetched set; its end may be cut off, as the broker counts bytes. Never throws
 * for what is in it.
 */
export async function readRecordSet(bytes: Buffer, readOlder: ReadOlder): Promise<readonly object[]> {
  const records: object[] = [];
  const enoughBytes = Math.max(ENOUGH_BYTES, bytes.length * COMPRESSION_RATIO);
  let decodedBytes = 0;
  for (let at = 0; bytes.length - at > MAGIC_AT && decodedBytes < enoughBytes; ) {
    const end = at + LENGTH_OVERHEAD_BYTES + bytes.readInt32BE(at + LENGTH_OVERHEAD_BYTES - 4);
    if (end > bytes.length) break;
    if (end <= at + MAGIC_AT) {
      // What follows cannot be found any more. What came before is handed on first.
      if (records.length === 0) records.push(...endless(bytes.subarray(at)));
      break;
    }
    const nextOffset = bytes.length - end > MAGIC_AT ? bytes.readBigInt64BE(end) : undefined;
    const batch = await readOne(bytes.subarray(at, end), { readOlder, nextOffset });
    // One by one: a spread of so many would not fit on the stack.
    for (const record of batch.records) records.push(record);
    decodedBytes += batch.bytes;
    at = end;
  }
  return records;
}

function endless(rest: Buffer): readonly DecodedRecord[] {
  return undecodableBatch(rest, 'the batch cannot be decoded: its length makes no sense').records;
}

async function readOne(
  batch: Buffer,
  { readOlder, nextOffset }: { readonly readOlder: ReadOlder; readonly nextOffset: bigint | undefined },
): Promise<Pick<ReadBatch, 'bytes'> & { readonly records: readonly object[] }> {
  const format = batch.readInt8(MAGIC_AT);
  if (format === 2) return await readRecordBatch(batch, nextOffset);
  if (format !== 0 && format !== 1)
    return undecodableBatch(
      batch,
      `the batch cannot be decoded: it has format ${format}, which is not known`,
      nextOffset,
    );
  try {
    return { records: await readOlder(batch), bytes: batch.length };
  } catch (error) {
    return undecodableBatch(batch, `a message of format ${format} cannot be decoded: ${errorText(error)}`, nextOffset);
  }
}
