// Writes a produce request (Kafka protocol, "Produce", versions 3 to 7) into one buffer.
import {
  BATCH_HEAD_BYTES,
  type Message,
  type SizedRecords,
  sizeOfRecords,
  writeBatchHead,
  writeRecords,
} from './record-batch.ts';

/** What kafkajs gives its own encoder. */
export interface ProduceRequest {
  readonly acks: number;
  /** How long the broker may take, in milliseconds. */
  readonly timeout: number;
  readonly transactionalId?: string | null;
  /** A 64-bit number, in kafkajs' own form. */
  readonly producerId?: { toString(): string };
  readonly producerEpoch?: number;
  /** Kafka's number of the codec; 0: none. */
  readonly compression?: number;
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionData[] }[];
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence?: number;
  readonly messages: readonly (Message & { readonly timestamp?: string })[];
}

/** Compresses the records of a batch with the codec of that number. */
export type Compress = (codec: number, records: Buffer) => Promise<Buffer>;

/** A partition's records, and its place in the request. */
interface Part {
  readonly data: PartitionData;
  readonly records: SizedRecords | Buffer;
  readonly bytes: number;
}

/** Bytes that are free in front of a request, for the head of its frame. */
export const ROOM = 512;

/**
 * Encodes a request as kafkajs does, byte for byte, behind `ROOM` free bytes. Undefined for what it
 * leaves to kafkajs: records with a time of their own, and headers that are there more than once.
 */
export async function encodeProduce(request: ProduceRequest, compress: Compress): Promise<Buffer | undefined> {
  const { acks, timeout, transactionalId, topicData, compression = 0 } = request;
  if (!topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(isPlain))))
    return undefined;
  const topics = await Promise.all(
    topicData.map(async ({ topic, partitions }) => ({
      topic,
      parts: await Promise.all(partitions.map((data) => partOf(data, compression, compress))),
    })),
  );
  const target = Buffer.allocUnsafe(sizeOfRequest(transactionalId, topics));
  let at = writeText(target, ROOM, transactionalId);
  at = target.writeInt16BE(acks, at);
  at = target.writeInt32BE(timeout, at);
  at = target.writeInt32BE(topics.length, at);
  for (const { topic, parts } of topics) {
    at = target.writeInt32BE(parts.length, writeText(target, at, topic));
    for (const part of parts) at = writePart(target, at, part, request);
  }
  return target;
}

function isPlain({ timestamp, headers }: PartitionData['messages'][number]): boolean {
  if (timestamp !== undefined) return false;
  for (const name in headers) {
    const value: unknown = headers[name];
    if (typeof value !== 'string' && !Buffer.isBuffer(value)) return false;
  }
  return true;
}

async function partOf(data: PartitionData, codec: number, compress: Compress): Promise<Part> {
  const sized = sizeOfRecords(data.messages);
  if (codec === 0) return { data, records: sized, bytes: sized.bytes };
  const plain = Buffer.allocUnsafe(sized.bytes);
  writeRecords(plain, 0, sized);
  const records = await compress(codec, plain);
  return { data, records, bytes: records.length };
}

function sizeOfRequest(
  transactionalId: string | null | undefined,
  topics: readonly { readonly topic: string; readonly parts: readonly Part[] }[],
): number {
  let bytes = ROOM + textBytes(transactionalId) + 10;
  for (const { topic, parts } of topics) {
    bytes += textBytes(topic) + 4;
    // In front of the batch: the number of the partition, and how many bytes follow.
    for (const part of parts) bytes += 8 + BATCH_HEAD_BYTES + part.bytes;
  }
  return bytes;
}

function writePart(target: Buffer, at: number, { data, records, bytes }: Part, request: ProduceRequest): number {
  const start = target.writeInt32BE(BATCH_HEAD_BYTES + bytes, target.writeInt32BE(data.partition, at));
  const first = start + BATCH_HEAD_BYTES;
  if (Buffer.isBuffer(records)) target.set(records, first);
  else writeRecords(target, first, records);
  writeBatchHead(target, start, first + bytes, {
    timestampMs: Date.now(),
    producerId: BigInt(request.producerId?.toString() ?? -1),
    producerEpoch: request.producerEpoch ?? 0,
    firstSequence: data.firstSequence ?? 0,
    isTransactional: Boolean(request.transactionalId),
    count: data.messages.length,
    codec: request.compression ?? 0,
  });
  return first + bytes;
}

/** A STRING or NULLABLE_STRING: two bytes of length, -1 for null. */
function textBytes(text: string | null | undefined): number {
  return 2 + Buffer.byteLength(text ?? '');
}

function writeText(target: Buffer, at: number, text: string | null | undefined): number {
  if (text === null || text === undefined) return target.writeInt16BE(-1, at);
  const end = target.writeInt16BE(Buffer.byteLength(text), at);
  return end + target.write(text, end);
}
