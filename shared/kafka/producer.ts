// Sends records and resolves when all in-sync replicas have them; what is sent while a request is under way goes together in the next one.
import {
  CompressionTypes,
  type Kafka,
  type Message,
  type PartitionMetadata,
  Partitioners,
  type Producer,
  type TopicMessages,
} from 'kafkajs';
import type { OutRecord, RecordPosition, TopicKey } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import { Unavailable } from '../runtime/errors.ts';
import { type KafkaSettings, toUnavailable } from './client.ts';

/** A way into Kafka. */
export interface RecordProducer {
  /** Resolves with each record's position, in order, when all in-sync replicas have it. Rejects with Unavailable when that cannot be told; some of the records may be there then. */
  send(records: readonly OutRecord[]): Promise<readonly RecordPosition[]>;
  /** What is missing, or undefined. */
  ready(): Promise<string | undefined>;
  /** Sends what is waiting, then disconnects. */
  close(): Promise<void>;
}

interface Waiting {
  readonly records: readonly OutRecord[];
  readonly resolve: (positions: readonly RecordPosition[]) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_REQUEST_BYTES = 2 * 1024 * 1024;
/** kafkajs takes time with the square of a request's records, and some kilobytes for each, however small it is. */
const MAX_REQUEST_RECORDS = 2000;
/** What a record takes beside key, value and headers, and a bit to spare. */
const RECORD_FRAME_BYTES = 64;
const PARTITIONS_REFRESH_MS = 60_000;

/** A producer that connects with its first use, idempotent, `acks=all`. */
export function createProducer(kafka: Kafka, settings: KafkaSettings): RecordProducer {
  return new BatchingProducer(kafka, settings);
}

class BatchingProducer implements RecordProducer {
  readonly #kafka: Kafka;
  readonly #settings: KafkaSettings;
  readonly #partitionOf = Partitioners.DefaultPartitioner();
  readonly #partitions = new Map<
    string,
    { readonly metadata: readonly PartitionMetadata[]; readonly untilMs: number }
  >();
  readonly #waiting: Waiting[] = [];
  #producer: Promise<Producer> | undefined;
  #pumping: Promise<void> | undefined;
  #fault: string | undefined;

  constructor(kafka: Kafka, settings: KafkaSettings) {
    this.#kafka = kafka;
    this.#settings = settings;
  }

  async send(records: readonly OutRecord[]): Promise<readonly RecordPosition[]> {
    if (records.length === 0) return [];
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject });
      this.#pumping ??= this.#pump();
    });
  }

  async ready(): Promise<string | undefined> {
    if (this.#fault === undefined && this.#producer !== undefined) return undefined;
    try {
      await this.#connected();
      this.#fault = undefined;
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  async close(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
    await this.#drop();
  }

  /** One request at a time: an idempotent kafkajs producer numbers batches per partition and cannot have two under way. */
  async #pump(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        const positions: RecordPosition[] = [];
        const maxBytes = Math.min(MAX_REQUEST_BYTES, this.#settings.maxRecordBytes);
        for (const slice of slicesOf(
          group.flatMap((waiting) => waiting.records),
          maxBytes,
        ))
          positions.push(...(await this.#sendGroup(slice)));
        this.#fault = undefined;
        let from = 0;
        for (const waiting of group) waiting.resolve(positions.slice(from, (from += waiting.records.length)));
      } catch (error) {
        this.#fault = String(error);
        // kafkajs reuses the sequence numbers of a request that failed, and a broker that did take it would drop the next records as repeats: a new producer starts afresh.
        await this.#drop();
        for (const waiting of group) waiting.reject(error);
      }
    }
    this.#pumping = undefined;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { records } of this.#waiting) {
      for (const record of records) bytes += record.value?.length ?? 0;
      if (count > 0 && bytes > MAX_REQUEST_BYTES) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #sendGroup(records: readonly OutRecord[]): Promise<readonly RecordPosition[]> {
    try {
      const producer = await this.#connected();
      const plan = await this.#plan(records);
      const metadata = await producer.sendBatch({
        acks: -1,
        compression: this.#settings.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
        topicMessages: plan.topicMessages,
      });
      const bases = new Map(
        metadata.map((entry) => [
          `${entry.topicName}/${entry.partition}`,
          BigInt(entry.baseOffset ?? entry.offset ?? '0'),
        ]),
      );
      return plan.places.map(({ slot, partition, index }) => ({
        partition,
        offset: ((bases.get(slot) ?? 0n) + BigInt(index)).toString(),
      }));
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  /** Chooses each record's partition by its key (murmur2, as Kafka's own clients do), so that its offset is known afterwards. */
  async #plan(records: readonly OutRecord[]) {
    const byTopic = new Map<TopicKey, { topic: string; metadata: readonly PartitionMetadata[]; messages: Message[] }>();
    const counters = new Map<string, number>();
    const places: { slot: string; partition: number; index: number }[] = [];
    for (const record of records) {
      let target = byTopic.get(record.topic);
      if (target === undefined) {
        const topic = topicName(this.#settings.topicPrefix, record.topic);
        target = { topic, metadata: await this.#partitionsOf(topic), messages: [] };
        byTopic.set(record.topic, target);
      }
      const message: Message = {
        key: record.key,
        value: record.value,
        ...(record.headers === undefined ? {} : { headers: record.headers }),
      };
      const partition = this.#partitionOf({
        topic: target.topic,
        partitionMetadata: target.metadata as PartitionMetadata[],
        message,
      });
      message.partition = partition;
      target.messages.push(message);
      const slot = `${target.topic}/${partition}`;
      const index = counters.get(slot) ?? 0;
      counters.set(slot, index + 1);
      places.push({ slot, partition, index });
    }
    const topicMessages: TopicMessages[] = [...byTopic.values()].map(({ topic, messages }) => ({ topic, messages }));
    return { topicMessages, places };
  }

  async #partitionsOf(topic: string): Promise<readonly PartitionMetadata[]> {
    const known = this.#partitions.get(topic);
    if (known !== undefined && known.untilMs > Date.now()) return known.metadata;
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const metadata = topics[0]?.partitions ?? [];
      if (metadata.length === 0) throw new Unavailable('Kafka', `topic ${topic} has no partitions`);
      this.#partitions.set(topic, { metadata, untilMs: Date.now() + PARTITIONS_REFRESH_MS });
      return metadata;
    } finally {
      await admin.disconnect();
    }
  }

  async #connected(): Promise<Producer> {
    this.#producer ??= this.#connect();
    try {
      return await this.#producer;
    } catch (error) {
      this.#producer = undefined;
      throw toUnavailable(error);
    }
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    await producer.connect();
    return producer;
  }

  async #drop(): Promise<void> {
    const connecting = this.#producer;
    this.#producer = undefined;
    try {
      await (await connecting)?.disconnect();
    } catch {
      // It never connected, or its broker is gone: there is nothing left to give back.
    }
  }
}

/** Cuts what goes to Kafka into requests: the records of one partition become one batch, and a broker refuses a batch beyond `max.message.bytes`. */
function* slicesOf(records: readonly OutRecord[], maxBytes: number): Generator<readonly OutRecord[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const own = bytesOf(record);
    if (index > from && (bytes + own > maxBytes || index - from === MAX_REQUEST_RECORDS)) {
      yield records.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += own;
  }
  yield records.slice(from);
}

/** About what a record takes in a batch: bytes, of which a text may have three times as many as characters. */
function bytesOf({ key, value, headers }: OutRecord): number {
  let bytes = RECORD_FRAME_BYTES + lengthOf(key) + lengthOf(value);
  for (const name in headers) bytes += name.length + lengthOf(headers[name] ?? null);
  return bytes;
}

function lengthOf(data: string | Buffer | null): number {
  return data === null ? 0 : Buffer.byteLength(data);
}
