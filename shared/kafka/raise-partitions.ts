// Adds partitions to topics that have fewer than `kafka.partitions` asks for.
import type { Admin } from 'kafkajs';
import type { TopicKey } from '../contracts/record.ts';
import { TOPICS, topicName } from '../contracts/topics.ts';
import { sleep } from '../runtime/backoff.ts';
import { ConfigError, errorText, Unavailable } from '../runtime/errors.ts';
import { type KafkaClient, KafkaJSProtocolError, type KafkaSettings } from './client.ts';

interface Parts {
  readonly kafka: KafkaClient;
  readonly admin: Admin;
  readonly settings: KafkaSettings;
}

interface Raise {
  readonly key: TopicKey;
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Raises the topics, which have to be there. Throws ConfigError, naming topic and setting, where
 * records have to stay in order by key (`isOrderKept` in contracts/topics.ts), and Unavailable
 * while Kafka cannot do it now. Where it may not, that is a warning: the topic serves all the same.
 */
export async function raisePartitions(parts: Parts, keys: readonly TopicKey[]): Promise<void> {
  const raises = await tooFew(parts, keys);
  const refused = raises.filter(({ key }) => TOPICS[key].isOrderKept);
  if (refused.length > 0)
    throw new ConfigError(
      `Partitions cannot be added to these topics: ${refused.map(refusal).join('; ')}. Their records have to stay in order by key, and a key would go to another partition. Set kafka.partitions to what they have, or begin anew under another kafka.topicPrefix.`,
    );
  for (const raise of raises) await raiseOne(parts, raise);
}

function refusal({ key, topic, from, to }: Raise): string {
  return `${topic} has ${from}, and kafka.partitions.${key} = ${to}`;
}

async function tooFew({ admin, settings }: Parts, keys: readonly TopicKey[]): Promise<readonly Raise[]> {
  const wanted = keys.filter((key) => settings.partitions[key] !== undefined);
  if (wanted.length === 0) return [];
  const names = wanted.map((key) => topicName(settings.topicPrefix, key));
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  return wanted.flatMap((key): readonly Raise[] => {
    const topic = topicName(settings.topicPrefix, key);
    const from = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    const to = settings.partitions[key] ?? from;
    return from > 0 && from < to ? [{ key, topic, from, to }] : [];
  });
}

async function raiseOne({ kafka, admin }: Parts, raise: Raise): Promise<void> {
  const { key, topic, from, to } = raise;
  try {
    await admin.createPartitions({ topicPartitions: [{ topic, count: to }] });
    kafka.changed(`${topic} has ${to} partitions now, before it had ${from}`);
  } catch (error) {
    if (!(error instanceof KafkaJSProtocolError)) throw error;
    if (error.type.endsWith('AUTHORIZATION_FAILED')) {
      kafka.warn(
        `${topic} has ${from} partitions, and kafka.saslUsername may not raise it to kafka.partitions.${key} = ${to}`,
      );
      return;
    }
    // Another service was faster.
    if (error.type !== 'INVALID_PARTITIONS')
      throw new Unavailable('Kafka', `${topic} cannot be raised to ${to} partitions: ${errorText(error)}`, {
        cause: error,
      });
  }
  await untilServed(admin, raise);
}

const SERVED_ATTEMPTS = 100;
const SERVED_STEP_MS = 50;

/** Throws Unavailable when the broker does not know of them in time. */
async function untilServed(admin: Admin, { topic, to }: Raise): Promise<void> {
  for (let attempt = 0; attempt < SERVED_ATTEMPTS; attempt += 1) {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions ?? [];
    if (partitions.length >= to && partitions.every(({ leader }) => leader >= 0)) return;
    await sleep(SERVED_STEP_MS);
  }
  throw new Unavailable('Kafka', `${topic} does not have its ${to} partitions yet`);
}
