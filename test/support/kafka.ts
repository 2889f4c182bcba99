// A test's own corner of the real Kafka: random prefix, topics removed at the end, reading a topic
// to its end.
import { randomBytes } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import type { InRecord, TopicKey } from '../../shared/contracts/record.ts';
import { TOPICS, topicName } from '../../shared/contracts/topics.ts';
import {
  createKafka,
  type KafkaClient,
  type KafkaSettings,
  kafkaSettings,
  withAdmin,
} from '../../shared/kafka/client.ts';
import { logLevel } from '../../shared/kafka/kafkajs.ts';
import { BatchingProducer, type RecordProducer } from '../../shared/kafka/producer.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import type { Ending } from './ending.ts';
import { quietLog } from './log.ts';
import { requiredEnv } from './servers.ts';
import { until } from './until.ts';

/** A test's corner of Kafka. */
export interface TestKafka {
  readonly kafka: KafkaClient;
  readonly settings: KafkaSettings;
  readonly producer: RecordProducer;
  /** Everything that lies in a topic now, partition after partition. */
  readAll(key: TopicKey): Promise<readonly InRecord[]>;
  /** Waits until a topic holds at least `count` records and gives them. */
  readUntil(key: TopicKey, count: number): Promise<readonly InRecord[]>;
}

/**
 * Makes all topics under a random prefix, or the given one, and removes them when the test ends.
 */
export async function testKafka(t: Ending, overrides: Partial<KafkaSettings> = {}): Promise<TestKafka> {
  const settings: KafkaSettings = {
    ...kafkaSettings.parse({}),
    brokers: overrides.brokers ?? requiredEnv('KAFKA_BROKERS').split(','),
    topicPrefix: `t${randomBytes(6).toString('hex')}`,
    ...overrides,
  };
  const kafka = createKafka(settings, quietLog);
  const producer = new BatchingProducer(kafka, settings);
  const keys = Object.keys(TOPICS) as TopicKey[];
  await until('the topics are made', async () => {
    await ensureTopics(kafka, settings, keys);
    return true;
  });
  // Made is not served yet: a partition's leader takes a moment more, and the producer does not
  // retry.
  await until(
    'the topics have leaders',
    async () =>
      await withAdmin(kafka, async (admin) => {
        for (const key of keys) await admin.fetchTopicOffsets(topicName(settings.topicPrefix, key));
        return true;
      }),
  );
  const remove = async (): Promise<void> => {
    await producer.close();
    // A broker of the test's own may be gone by now, and its topics with it.
    if (overrides.brokers === undefined)
      // kafkajs looks at all topics of the broker, and throws while one that another test is just
      // making has no leader.
      await until(
        'the topics are removed',
        async () =>
          await withAdmin(kafka, async (admin) => {
            const own = new Set(keys.map((key) => topicName(settings.topicPrefix, key)));
            const left = (await admin.listTopics()).filter((topic) => own.has(topic));
            if (left.length > 0) await admin.deleteTopics({ topics: left });
            return true;
          }),
      );
    kafka.end();
  };
  // Hooks run in the order they were added: this one comes behind those of everything that uses the
  // topics.
  t.after(() => t.after(remove));
  const readAll = async (key: TopicKey): Promise<readonly InRecord[]> =>
    await readTopic(kafka, topicName(settings.topicPrefix, key));
  return {
    kafka,
    settings,
    producer,
    readAll,
    readUntil: async (key, count) =>
      await until(`${count} records in ${key}`, async () => {
        const records = await readAll(key);
        return records.length >= count ? records : undefined;
      }),
  };
}

async function readTopic(kafka: Kafka, topic: string): Promise<readonly InRecord[]> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
  );
  const found: { readonly partition: number; readonly record: InRecord }[] = [];
  if (missing.size === 0) return [];
  const consumer = kafka.consumer({
    groupId: `${topic}.reader.${randomBytes(4).toString('hex')}`,
    retry: { retries: 5 },
  });
  consumer.logger().setLogLevel(logLevel.NOTHING);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachBatch: Parameters<typeof consumer.run>[0] = {
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) {
          const headers = Object.fromEntries(
            Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
          );
          found.push({
            partition: batch.partition,
            record: { key: message.key, value: message.value, headers, timestampMs: Number(message.timestamp) },
          });
        }
        if (BigInt(batch.lastOffset()) + 1n >= (missing.get(batch.partition) ?? 0n)) missing.delete(batch.partition);
        if (missing.size === 0) resolve();
        await Promise.resolve();
      },
    };
    consumer.run(eachBatch).catch(reject);
  });
  await consumer.disconnect();
  return found.sort((left, right) => left.partition - right.partition).map(({ record }) => record);
}
