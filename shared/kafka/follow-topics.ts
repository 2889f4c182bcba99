// Follows topics from now on: for whoever shows what happens and keeps nothing.
import { randomUUID } from 'node:crypto';
import type { Topic } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Running } from '../runtime/running.ts';
import { type KafkaClient, type KafkaSettings, withAdmin } from './client.ts';
import { LastingConsumer } from './lasting-consumer.ts';
import { decodeMessage } from './in-record.ts';

/** A topic and who is told of each of its values; values that cannot be decoded are passed over. */
export interface Followed {
  readonly key: Topic<unknown>['key'];
  take(message: Parameters<typeof decodeMessage>[1]): void;
}

/** Pairs a topic with who is told. */
export function followed<T>(topic: Topic<T>, take: (value: T) => void): Followed {
  return {
    key: topic.key,
    take: (message) => {
      const decoded = decodeMessage(topic, message);
      if (decoded.kind === 'value') take(decoded.value);
    },
  };
}

const MAX_FETCH_WAIT_MS = 100;

/**
 * Calls with every value that comes after the promise resolves, each partition in order, in a group of its own that is removed at the end.
 * Throws Unavailable when it cannot begin; later faults are waited out.
 */
export async function followTopics(
  kafka: KafkaClient,
  settings: KafkaSettings,
  options: { readonly topics: readonly Followed[]; readonly log: Logger },
): Promise<Running> {
  const { log } = options;
  const groupId = `${settings.topicPrefix}.follower.${randomUUID()}`;
  const takers = new Map(options.topics.map(({ key, take }) => [topicName(settings.topicPrefix, key), take]));
  const topics = [...takers.keys()];
  let ends: Awaited<ReturnType<typeof endsOf>> = await endsOf(kafka, topics);
  const consumer = new LastingConsumer({
    kafka,
    config: { groupId, maxWaitTimeInMs: MAX_FETCH_WAIT_MS },
    topics,
    // What was there before is passed over by `onAssigned`; partitions that are added later are read from their first record.
    fromBeginning: true,
    run: {
      eachMessage: async ({ topic, message }) => {
        takers.get(topic)?.(message);
        await Promise.resolve();
      },
    },
    log,
    // kafkajs commits where it was set to, so that a consumer that takes over goes on where the first one was.
    onAssigned: () => {
      for (const end of ends) consumer.seek(end);
    },
  });
  await consumer.start();
  ends = [];
  return {
    ready: async () => await Promise.resolve(consumer.ready()),
    stop: async () => {
      await consumer.stop();
      await removeGroup(kafka, groupId, log);
    },
  };
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
    await withAdmin(kafka, async (admin) => await admin.deleteGroups([groupId]));
  } catch (error) {
    // The broker removes it by itself after some days.
    log.debug({ err: error, groupId }, 'the group stays for now');
  }
}
