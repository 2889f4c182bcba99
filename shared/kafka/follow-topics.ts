// Follows topics from now on: for whoever shows what happens and keeps nothing.
import { randomUUID } from 'node:crypto';
import type { Consumer, Kafka } from 'kafkajs';
import type { Topic } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Running } from '../runtime/running.ts';
import { type KafkaSettings, toUnavailable } from './client.ts';
import { toInRecord } from './stage.ts';

/** A topic and who is told of each of its values; values that cannot be decoded are passed over. */
export interface Followed {
  readonly key: Topic<unknown>['key'];
  take(record: Parameters<Topic<unknown>['decode']>[0]): void;
}

/** Pairs a topic with who is told. */
export function followed<T>(topic: Topic<T>, take: (value: T) => void): Followed {
  return {
    key: topic.key,
    take: (record) => {
      const decoded = topic.decode(record);
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
  kafka: Kafka,
  settings: KafkaSettings,
  options: { readonly topics: readonly Followed[]; readonly log: Logger },
): Promise<Running> {
  const groupId = `${settings.topicPrefix}.follower.${randomUUID()}`;
  const takers = new Map(options.topics.map(({ key, take }) => [topicName(settings.topicPrefix, key), take]));
  const state = { isStopping: false, isMember: false };
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
    retry: { retries: 5, maxRetryTime: 2000, restartOnFailure: async () => await Promise.resolve(!state.isStopping) },
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    state.isMember = false;
    options.log.warn({ detail: payload.error.message }, 'the follower lost its group');
  });
  try {
    const ends = await endsOf(kafka, [...takers.keys()]);
    await consumer.connect();
    await consumer.subscribe({ topics: [...takers.keys()], fromBeginning: false });
    await begin(consumer, takers);
    for (const end of ends) consumer.seek(end);
    consumer.on(consumer.events.GROUP_JOIN, () => {
      state.isMember = true;
    });
  } catch (error) {
    await consumer.disconnect();
    throw toUnavailable(error);
  }
  state.isMember = true;
  return {
    ready: async () => await Promise.resolve(state.isMember ? undefined : 'the follower is not a member of its group'),
    stop: async () => {
      state.isStopping = true;
      await consumer.disconnect();
      await removeGroup(kafka, groupId, options.log);
    },
  };
}

async function endsOf(kafka: Kafka, topics: readonly string[]) {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const found = await Promise.all(
      topics.map(async (topic) =>
        (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ topic, partition, offset: high })),
      ),
    );
    return found.flat();
  } finally {
    await admin.disconnect();
  }
}

/** Resolves when the consumer has its partitions. */
async function begin(consumer: Consumer, takers: ReadonlyMap<string, Followed['take']>): Promise<void> {
  const joined = new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      takers.get(topic)?.(toInRecord(message));
      await Promise.resolve();
    },
  });
  await joined;
}

async function removeGroup(kafka: Kafka, groupId: string, log: Logger): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.deleteGroups([groupId]);
  } catch (error) {
    // The broker removes it by itself after some days.
    log.debug({ err: error, groupId }, 'the group stays for now');
  } finally {
    await admin.disconnect();
  }
}
