// Reads a topic from its beginning to the end it had at the start: how a state is rebuilt from what Kafka keeps.
import { randomUUID } from 'node:crypto';
import type { Consumer, Kafka } from 'kafkajs';
import type { Topic } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import { type KafkaSettings, toUnavailable } from './client.ts';
import { toInRecord } from './stage.ts';

/** Calls `take` with the values of the topic, batch by batch, each partition in order; records that cannot be decoded are counted in the answer. Throws Unavailable. */
export async function readTopic<T>(
  kafka: Kafka,
  settings: KafkaSettings,
  topic: Topic<T>,
  take: (values: readonly T[]) => Promise<void>,
): Promise<{ readonly bad: number }> {
  const name = topicName(settings.topicPrefix, topic.key);
  const groupId = `${settings.topicPrefix}.reader.${randomUUID()}`;
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, retry: { retries: 5 } });
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(name);
    const ends = new Map(
      offsets.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
    );
    if (ends.size === 0) return { bad: 0 };
    await consumer.connect();
    await consumer.subscribe({ topic: name, fromBeginning: true });
    return { bad: await readUntil(consumer, { topic, ends, take }) };
  } catch (error) {
    throw toUnavailable(error);
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

interface Reading<T> {
  readonly topic: Topic<T>;
  readonly ends: Map<number, bigint>;
  readonly take: (values: readonly T[]) => Promise<void>;
}

async function readUntil<T>(consumer: Consumer, { topic, ends, take }: Reading<T>): Promise<number> {
  let bad = 0;
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    // A compacted or transactional partition may end with offsets that hold no record: what counts is how far was fetched.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const end = ends.get(payload.partition);
      if (end !== undefined && BigInt(payload.lastOffset) + 1n >= end) ends.delete(payload.partition);
      if (ends.size === 0) resolve();
    });
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const decoded = batch.messages.map((message) => topic.decode(toInRecord(message)));
        const values = decoded.flatMap((item) => (item.kind === 'value' ? [item.value] : []));
        bad += decoded.filter(({ kind }) => kind === 'bad').length;
        await take(values);
      },
    });
    run.catch(reject);
  });
  return bad;
}
