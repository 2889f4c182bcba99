// Follows topics, from now on or from their first record.
import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import type { Decoded, Topic, TopicKey } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Running } from '../runtime/running.ts';
import { type KafkaClient, type KafkaSettings, withAdmin } from './client.ts';
import { ReconnectingConsumer } from './reconnecting-consumer.ts';
import { decodeMessage } from './in-record.ts';
import { fetchedBytes } from './record-size.ts';
import { createSkippedRecords, type RecordPlace, type SkippedRecords } from './skipped-records.ts';

/** A topic and the function that is called with each of its values. */
interface Followed {
  readonly key: TopicKey;
  /** Reads a message and passes its value on; gives what was read. */
  take(message: KafkaMessage): Promise<Decoded<unknown>>;
}

/** Pairs a topic with that function; the next value waits until it is done. */
export function followed<T>(topic: Topic<T>, take: (value: T) => void | Promise<void>): Followed {
  return {
    key: topic.key,
    take: async (message) => {
      const decoded = decodeMessage(topic, message);
      if (decoded.kind === 'value') await take(decoded.value);
      return decoded;
    },
  };
}

const MAX_FETCH_WAIT_MS = 100;
/** Of a partition at a time. */
const MAX_FETCH_BYTES = 1024 * 1024;

/**
 * Calls with every value that comes after the promise resolves, with `fromBeginning` also with
 * those that are there, each partition in order, in a group of its own that is removed at the end.
 * Records that cannot be read, and those that a bug is met with, are skipped: counted by
 * `onSkipped`, and logged. Throws Unavailable when it cannot begin; later problems are waited out.
 */
export async function followTopics(
  kafka: KafkaClient,
  settings: KafkaSettings,
  options: {
    readonly topics: readonly Followed[];
    readonly log: Logger;
    readonly fromBeginning?: true;
    onSkipped?(key: TopicKey): void;
  },
): Promise<Running> {
  const { log } = options;
  const groupId = `${settings.topicPrefix}.follower.${randomUUID()}`;
  const takers = new Map(options.topics.map((one) => [topicName(settings.topicPrefix, one.key), one]));
  const skipped = createSkippedRecords(log, (key) => options.onSkipped?.(key));
  const topics = [...takers.keys()];
  let ends = options.fromBeginning === true ? [] : await endsOf(kafka, topics);
  const consumer = new ReconnectingConsumer({
    kafka,
    config: {
      groupId,
      maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
      maxBytesPerPartition: fetchedBytes(MAX_FETCH_BYTES, settings),
    },
    topics,
    // What was there before is passed over by `onAssigned`; partitions that are added later are
    // read from their first record.
    fromBeginning: true,
    run: {
      eachMessage: async ({ topic, partition, message }) => {
        const taker = takers.get(topic);
        if (taker !== undefined)
          await takeOne(taker, message, {
            skipped,
            place: { key: taker.key, topic, partition, offset: message.offset },
          });
      },
    },
    log,
    // kafkajs commits where it was set to, so that a consumer that takes over goes on where the
    // first one was.
    onAssigned: () => {
      for (const end of ends) consumer.seek(end);
    },
  });
  await consumer.start();
  ends = [];
  return {
    ready: async () => consumer.ready(),
    stop: async () => {
      await consumer.stop();
      await removeGroup(kafka, groupId, log);
    },
  };
}

async function takeOne(
  taker: Followed,
  message: KafkaMessage,
  { skipped, place }: { readonly skipped: SkippedRecords; readonly place: RecordPlace },
): Promise<void> {
  try {
    const decoded = await taker.take(message);
    if (decoded.kind === 'bad') skipped.unreadable(place, decoded.detail);
  } catch (error) {
    skipped.failed(place, error);
  }
}

async function endsOf(kafka: KafkaClient, topics: readonly string[]) {
  return await withAdmin(kafka, async (admin) => {
    const found = await Promise.all(
      topics.map(async (topic) =>
        (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ topic, partition, offset: high })),
      ),
    );
    return found.flat();
  });
}

async function removeGroup(kafka: KafkaClient, groupId: string, log: Logger): Promise<void> {
  try {
    await withAdmin(kafka, (admin) => admin.deleteGroups([groupId]));
  } catch (error) {
    // The broker removes it by itself after some days.
    log.debug({ err: error, groupId }, 'the group stays for now');
  }
}
