// Reads a topic from its beginning to the end it had at the start: how a state is rebuilt from what
// Kafka keeps.
import { randomUUID } from 'node:crypto';
import type { Consumer } from 'kafkajs';
import type { Decoded, Topic } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import { errorText, Unavailable } from '../runtime/errors.ts';
import { type KafkaClient, type KafkaSettings, disconnectQuietly, toUnavailable, withAdmin } from './client.ts';
import { decodeMessage } from './in-record.ts';

/** Of each partition at a time: what is read is held several times over until it is written. */
const MAX_FETCH_BYTES = 256 * 1024;

/** What could not be read. */
interface BadRecords {
  readonly bad: number;
  readonly detail?: string;
}

/** Called with values, batch by batch, each partition in order. */
type Take<T> = (values: readonly T[]) => Promise<void>;

/**
 * Reads a topic from its beginning to the end it had at the start. Of records that cannot be read
 * the answer has the number, and what is wrong with the first. Throws Unavailable, and what `take`
 * throws.
 */
export async function readTopic<T>(
  kafka: KafkaClient,
  settings: KafkaSettings,
  topic: Topic<T>,
  take: Take<T>,
): Promise<BadRecords> {
  return await readLast(kafka, settings, { topic, last: Infinity }, take);
}

/** The same, of each partition only what has one of its `last` offsets. */
export async function readLast<T>(
  kafka: KafkaClient,
  settings: KafkaSettings,
  { topic, last }: { readonly topic: Topic<T>; readonly last: number },
  take: Take<T>,
): Promise<BadRecords> {
  const name = topicName(settings.topicPrefix, topic.key);
  const groupId = `${settings.topicPrefix}.reader.${randomUUID()}`;
  return await withAdmin(kafka, async (admin) => {
    const offsets = (await admin.fetchTopicOffsets(name)).filter(({ low, high }) => low !== high);
    if (offsets.length === 0) return { bad: 0 };
    const ends = new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
    const retry = { retries: 5, restartOnFailure: async () => false };
    const consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      retry,
      maxBytesPerPartition: MAX_FETCH_BYTES,
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const { partition, low, high } of offsets)
        consumer.seek({ topic: name, partition, offset: String(Math.max(Number(low), Number(high) - last)) });
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: name, fromBeginning: true });
      return await readUntil(consumer, { topic, ends, take });
    } catch (error) {
      throw toUnavailable(error);
    } finally {
      await disconnectQuietly(consumer);
      await admin.deleteGroups([groupId]).catch(() => undefined);
    }
  });
}

interface Reading<T> {
  readonly topic: Topic<T>;
  readonly ends: Map<number, bigint>;
  readonly take: Take<T>;
}

async function readUntil<T>(consumer: Consumer, { topic, ends, take }: Reading<T>): Promise<BadRecords> {
  const bad: (Decoded<unknown> & { readonly kind: 'bad' })[] = [];
  await new Promise<void>((resolve, reject) => {
    // Any error that kafkajs gives up on; an error of `take` has rejected before.
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) =>
      reject(new Unavailable('Kafka', errorText(error), { cause: error })),
    );
    // A compacted or transactional partition may end with offsets that hold no record: what counts
    // is how far was fetched.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const end = ends.get(payload.partition);
      if (end !== undefined && BigInt(payload.lastOffset) + 1n >= end) ends.delete(payload.partition);
      if (ends.size === 0) resolve();
    });
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const decoded = batch.messages.map((message) => decodeMessage(topic, message));
        const values = decoded.flatMap((item) => (item.kind === 'value' ? [item.value] : []));
        try {
          await take(values);
          bad.push(...decoded.filter((item) => item.kind === 'bad'));
        } catch (error) {
          reject(error);
          throw error;
        }
      },
    });
    run.catch(reject);
  });
  const [first] = bad;
  return first === undefined ? { bad: 0 } : { bad: bad.length, detail: first.detail };
}
