// Sends records and resolves when all in-sync replicas have them; what is sent while a request is
// under way goes together in the next one.
import { setTimeout as delay } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import type { OutRecord, RecordPosition } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import { Unavailable } from '../runtime/errors.ts';
import { type KafkaClient, type KafkaSettings, disconnectQuietly, toUnavailable, withAdmin } from './client.ts';
import { KnownPartitions, METADATA_MAX_AGE_MS } from './partitions.ts';
import { CompressionTypes } from './kafkajs.ts';
import { plannedPartition, planRequest, positionsOf } from './produce-plan.ts';
import { isTooLarge, RecordsTooLarge, slicesOf } from './record-size.ts';

/** A way into Kafka. */
export interface RecordProducer {
  /**
   * Resolves with each record's position, in order, when all in-sync replicas have it. Rejects with
   * RecordsTooLarge, and with Unavailable when the outcome is unknown (some of the records may be
   * there then).
   */
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
/** How long an answer of the broker, or its failing to give one, counts for `ready`. */
const HEALTH_MS = 5000;
/** How long `ready` waits for one. */
const LOOK_MS = 3000;

/** A producer that connects with its first use, idempotent, `acks=all`. */
export class BatchingProducer implements RecordProducer {
  readonly #kafka: KafkaClient;
  readonly #settings: KafkaSettings;
  readonly #partitions: KnownPartitions;
  readonly #waiting: Waiting[] = [];
  #producer: Promise<Producer> | undefined;
  #pumping: Promise<void> | undefined;
  #health: { readonly missing: string | undefined; readonly untilMs: number } = { missing: undefined, untilMs: 0 };
  #looking: Promise<string | undefined> | undefined;

  constructor(kafka: KafkaClient, settings: KafkaSettings) {
    this.#kafka = kafka;
    this.#settings = settings;
    this.#partitions = new KnownPartitions(kafka);
  }

  async send(records: readonly OutRecord[]): Promise<readonly RecordPosition[]> {
    if (records.length === 0) return [];
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject });
      this.#pumping ??= this.#pump();
    });
  }

  async ready(): Promise<string | undefined> {
    if (Date.now() < this.#health.untilMs) return this.#health.missing;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return await Promise.race([this.#looking, delay(LOOK_MS, 'Kafka does not answer', { ref: false })]);
  }

  async close(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
    await this.#looking;
    await this.#partitions.stop();
    await this.#drop();
  }

  /**
   * One request at a time: an idempotent kafkajs producer numbers batches per partition and cannot
   * have two under way.
   */
  async #pump(): Promise<void> {
    // What is sent in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        const positions: (RecordPosition | undefined)[] = [];
        const maxBytes = Math.min(MAX_REQUEST_BYTES, this.#settings.maxRecordBytes);
        for (const slice of slicesOf(
          group.flatMap((waiting) => waiting.records),
          maxBytes,
        ))
          positions.push(...(await this.#sendSlice(slice)));
        this.#found(undefined);
        let from = 0;
        for (const waiting of group) settle(waiting, positions.slice(from, (from += waiting.records.length)));
      } catch (error) {
        this.#found(String(error));
        // kafkajs reuses the sequence numbers of a request that failed, and a broker that did take
        // it would drop the next records as repeats: a new producer starts afresh.
        await this.#drop();
        for (const waiting of group) waiting.reject(error);
      }
    }
    this.#pumping = undefined;
  }

  #found(missing: string | undefined): void {
    this.#health = { missing, untilMs: Date.now() + HEALTH_MS };
  }

  /** Asks the broker for the topics that are written to, and for what it takes to write. */
  async #look(): Promise<string | undefined> {
    let missing: string | undefined;
    try {
      const { topics } = this.#partitions;
      await withAdmin(this.#kafka, async (admin) => {
        if (topics.length > 0) await admin.fetchTopicMetadata({ topics });
      });
      await this.#connected();
    } catch (error) {
      missing = String(error);
    }
    this.#found(missing);
    return missing;
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

  /**
   * Records without an answer are sent once more, by a new producer with fresh metadata. Throws
   * Unavailable when that too is left unanswered.
   */
  async #sendAnswered(records: readonly OutRecord[]): Promise<readonly RecordPosition[]> {
    const first = await this.#sendGroup(records);
    const unanswered = records.filter((_, index) => first[index] === undefined);
    if (unanswered.length === 0) return first.filter((position) => position !== undefined);
    await this.#drop();
    this.#partitions.clear();
    const second = (await this.#sendGroup(unanswered)).values();
    return first.map((position, index) => {
      const own = position ?? second.next().value;
      if (own !== undefined) return own;
      const topic = topicName(this.#settings.topicPrefix, records[index]?.topic ?? 'raw');
      throw new Unavailable('Kafka', `it did not say that it stored all of ${unanswered.length} records for ${topic}`);
    });
  }

  /** Finds the records that are refused for their size by halving; they have no position. */
  async #sendSlice(records: readonly OutRecord[]): Promise<readonly (RecordPosition | undefined)[]> {
    try {
      return await this.#sendAnswered(records);
    } catch (error) {
      if (!(error instanceof Unavailable && isTooLarge(error.cause))) throw error;
      await this.#drop();
      if (records.length === 1) return [undefined];
      const middle = Math.floor(records.length / 2);
      const left = await this.#sendSlice(records.slice(0, middle));
      return [...left, ...(await this.#sendSlice(records.slice(middle)))];
    }
  }

  /**
   * One request; a record has no position where the answer does not speak of its partition: kafkajs
   * silently leaves out partitions that it does not know.
   */
  async #sendGroup(records: readonly OutRecord[]): Promise<readonly (RecordPosition | undefined)[]> {
    try {
      const plan = await planRequest(records, this.#settings.topicPrefix, (topic) => this.#partitions.of(topic));
      if (this.#partitions.takeChange()) await this.#drop();
      const producer = await this.#connected();
      const metadata = await producer.sendBatch({
        acks: -1,
        compression: this.#settings.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
        topicMessages: plan.topicMessages,
      });
      return positionsOf(plan, metadata);
    } catch (error) {
      throw toUnavailable(error);
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
      metadataMaxAge: METADATA_MAX_AGE_MS,
      createPartitioner: () => plannedPartition,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    try {
      await producer.connect();
    } catch (error) {
      await disconnectQuietly(producer);
      throw error;
    }
    return producer;
  }

  async #drop(): Promise<void> {
    const connecting = this.#producer;
    this.#producer = undefined;
    const producer = await connecting?.catch(() => undefined);
    if (producer !== undefined) await disconnectQuietly(producer);
  }
}

function settle({ records, resolve, reject }: Waiting, positions: readonly (RecordPosition | undefined)[]): void {
  const stored = positions.filter((position) => position !== undefined);
  if (stored.length === positions.length) resolve(stored);
  else reject(new RecordsTooLarge(records, positions));
}
