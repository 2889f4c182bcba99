// Reads topics from their beginning to the end that they have: how a state is rebuilt from what
// Kafka keeps.
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Decoded, Topic, TopicKey } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import { errorText, Unavailable } from '../runtime/errors.ts';
import { unlessAborted } from '../runtime/within.ts';
import { type KafkaClient, type KafkaSettings, disconnectQuietly, toUnavailable, withAdmin } from './client.ts';
import { decodeMessage } from './in-record.ts';
import { fetchedBytes } from './record-size.ts';

/** Of each partition at a time: what is read is held several times over until it is written. */
const MAX_FETCH_BYTES = 256 * 1024;
/** How soon a reader that has nothing to read looks whether it has. */
const MAX_WAIT_MS = 20;
const NEVER = new AbortController().signal;

/** What could not be read. */
interface BadRecords {
  readonly bad: number;
  readonly detail?: string;
}

/** Called with values, batch by batch, each partition in order. */
type Take<T> = (values: readonly T[]) => Promise<void>;

/**
 * Which part of a topic: some of its partitions, and of each only what has one of its last offsets.
 */
export interface TopicPart<T> {
  readonly topic: Topic<T>;
  readonly partitions?: readonly number[];
  readonly last?: number;
  /** Ends the reading, which rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Reads parts of topics one after the other, on one membership of a group. */
export interface TopicReader {
  /** The partitions of a topic. Throws Unavailable. */
  partitionsOf(key: TopicKey): Promise<readonly number[]>;
  /**
   * Reads a part to the end that it has now. Of records that cannot be read the answer has the
   * number, and what is wrong with the first. Throws Unavailable, and what `take` throws; the
   * reader is of no use then.
   */
  read<T>(part: TopicPart<T>, take: Take<T>): Promise<BadRecords>;
}

/** Reads a topic from its beginning; see `TopicReader`. */
export async function readTopic<T>(
  kafka: KafkaClient,
  settings: KafkaSettings,
  topic: Topic<T>,
  take: Take<T>,
): Promise<BadRecords> {
  return await readPart(kafka, settings, { topic }, take);
}

/** Reads a part of a topic; see `TopicReader`. */
export async function readPart<T>(
  kafka: KafkaClient,
  settings: KafkaSettings,
  part: TopicPart<T>,
  take: Take<T>,
): Promise<BadRecords> {
  return await withReader(kafka, settings, [part.topic.key], async (reader) => await reader.read(part, take));
}

/**
 * Opens a reader of these topics for as long as `work` takes. Throws Unavailable, and what `work`
 * throws.
 */
export async function withReader<T>(
  kafka: KafkaClient,
  settings: KafkaSettings,
  keys: readonly TopicKey[],
  work: (reader: TopicReader) => Promise<T>,
): Promise<T> {
  const groupId = `${settings.topicPrefix}.reader.${randomUUID()}`;
  return await withAdmin(kafka, async (admin) => {
    const consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      retry: { retries: 5, restartOnFailure: async () => false },
      maxBytesPerPartition: fetchedBytes(MAX_FETCH_BYTES, settings),
      maxWaitTimeInMs: MAX_WAIT_MS,
    });
    const pieces = new Pieces(consumer);
    const offsetsOf = async (key: TopicKey) => await admin.fetchTopicOffsets(topicName(settings.topicPrefix, key));
    try {
      await consumer.connect();
      await consumer.subscribe({
        topics: keys.map((key) => topicName(settings.topicPrefix, key)),
        fromBeginning: true,
      });
      return await work({
        partitionsOf: async (key) => (await offsetsOf(key)).map(({ partition }) => partition),
        read: async ({ topic, partitions, last = Infinity, signal = NEVER }, take) => {
          const places = (await offsetsOf(topic.key))
            .filter(({ partition, low, high }) => low !== high && partitions?.includes(partition) !== false)
            .map(({ partition, low, high }): [number, Place] => {
              const next = BigInt(Math.max(Number(low), Number(high) - last));
              return [partition, { next, end: BigInt(high) }];
            });
          const piece = { name: topicName(settings.topicPrefix, topic.key), places: new Map(places), signal };
          return await readPiece(pieces, piece, topic, take);
        },
      });
    } catch (error) {
      throw toUnavailable(error);
    } finally {
      await disconnectQuietly(consumer);
      await admin.deleteGroups([groupId]).catch(() => undefined);
    }
  });
}

async function readPiece<T>(pieces: Pieces, piece: AskedPiece, topic: Topic<T>, take: Take<T>): Promise<BadRecords> {
  const bad: (Decoded<unknown> & { readonly kind: 'bad' })[] = [];
  await pieces.read(piece, async (messages) => {
    const decoded = messages.map((message) => decodeMessage(topic, message));
    await take(decoded.flatMap((item) => (item.kind === 'value' ? [item.value] : [])));
    bad.push(...decoded.filter((item) => item.kind === 'bad'));
  });
  const [first] = bad;
  return first === undefined ? { bad: 0 } : { bad: bad.length, detail: first.detail };
}

/** Where a partition is read on, and where that ends. */
interface Place {
  readonly next: bigint;
  readonly end: bigint;
}

type Messages = EachBatchPayload['batch']['messages'];

/** What is to be read. */
interface AskedPiece {
  readonly name: string;
  /** The partitions that are not read to their end yet. */
  readonly places: Map<number, Place>;
  readonly signal: AbortSignal;
}

/** What is read just now. */
interface Piece extends AskedPiece {
  take(messages: Messages): Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** A consumer that is paused but for the piece that is asked for. */
class Pieces {
  readonly #consumer: Consumer;
  #piece: Piece | undefined;
  #failure: Unavailable | undefined;
  #started: Promise<void> | undefined;

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  async #start(): Promise<void> {
    const { GROUP_JOIN, CRASH, END_BATCH_PROCESS } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => {
      for (const [topic, partitions] of Object.entries(payload.memberAssignment))
        this.#consumer.pause([{ topic, partitions }]);
      this.#resume();
    });
    // Any error that kafkajs gives up on; an error of `take` has rejected before.
    this.#consumer.on(CRASH, ({ payload: { error } }) => {
      this.#failure = new Unavailable('Kafka', errorText(error), { cause: error });
      this.#piece?.reject(this.#failure);
    });
    // A compacted or transactional partition may end with offsets that hold no record: what counts
    // is how far was fetched.
    this.#consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) =>
      this.#passed(topic, partition, BigInt(lastOffset) + 1n),
    );
    await this.#consumer.run({ autoCommit: false, eachBatch: async (payload) => await this.#eachBatch(payload) });
  }

  /**
   * Resolves when all places were taken to their end. Throws Unavailable, what `take` throws, and
   * the signal's reason.
   */
  async read(asked: AskedPiece, take: Piece['take']): Promise<void> {
    const { places, signal } = asked;
    if (this.#failure !== undefined) throw this.#failure;
    if (places.size === 0) return;
    signal.throwIfAborted();
    // Not before there is something to read: a broker lets a new group wait for seconds.
    this.#started ??= this.#start();
    await this.#started;
    const reading = new Promise<void>((resolve, reject) => {
      this.#piece = { ...asked, take, resolve, reject };
      this.#resume();
    });
    await unlessAborted(reading, signal, () => signal.reason as Error).finally(() => {
      this.#piece = undefined;
    });
  }

  #resume(): void {
    if (this.#piece === undefined) return;
    const { name, places } = this.#piece;
    for (const [partition, { next }] of places) this.#consumer.seek({ topic: name, partition, offset: String(next) });
    this.#consumer.resume([{ topic: name, partitions: [...places.keys()] }]);
  }

  #passed(topic: string, partition: number, next: bigint): void {
    const piece = this.#piece;
    const place = piece?.name === topic ? piece.places.get(partition) : undefined;
    if (piece === undefined || place === undefined) return;
    piece.places.set(partition, { ...place, next });
    if (next < place.end) return;
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    piece.places.delete(partition);
    if (piece.places.size === 0) piece.resolve();
  }

  async #eachBatch({ batch }: EachBatchPayload): Promise<void> {
    const piece = this.#piece;
    if (piece?.name !== batch.topic || !piece.places.has(batch.partition)) return;
    try {
      await piece.take(batch.messages);
    } catch (error) {
      piece.reject(error);
      throw error;
    }
  }
}
