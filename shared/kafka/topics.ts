// Makes the topics that are missing and checks those that are there, so that a service refuses a
// topic that cannot serve it.
import type { Admin } from 'kafkajs';
import type { TopicKey } from '../contracts/record.ts';
import { TOPICS, topicName } from '../contracts/topics.ts';
import { sleep } from '../runtime/backoff.ts';
import { ConfigError, errorText, Unavailable } from '../runtime/errors.ts';
import {
  type KafkaClient,
  KafkaJSAggregateError,
  KafkaJSProtocolError,
  type KafkaSettings,
  withAdmin,
} from './client.ts';
import { raisePartitions } from './raise-partitions.ts';
import { checkTopics, RECORD_OVERHEAD_BYTES } from './topic-check.ts';

/**
 * Makes, raises (see `kafka.partitions`) or checks the topics a service uses. Throws ConfigError,
 * naming topic and setting, for one that cannot serve or may not be made, and Unavailable while
 * Kafka is.
 */
export async function ensureTopics(
  kafka: KafkaClient,
  settings: KafkaSettings,
  keys: readonly TopicKey[],
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = keys.filter((key) => !existing.has(topicName(settings.topicPrefix, key)));
    if (missing.length > 0) {
      await createTopics(admin, settings, missing);
      await untilServed(
        admin,
        missing.map((key) => topicName(settings.topicPrefix, key)),
      );
    }
    await raisePartitions(
      { kafka, admin, settings },
      keys.filter((key) => !missing.includes(key)),
    );
    for (const warning of await checkTopics(admin, settings, keys)) kafka.warn(warning);
  });
}

async function createTopics(admin: Admin, settings: KafkaSettings, keys: readonly TopicKey[]): Promise<void> {
  const { minInSyncReplicas, replicationFactor } = settings;
  if (minInSyncReplicas > replicationFactor)
    throw new ConfigError(
      `kafka.minInSyncReplicas = ${minInSyncReplicas} is more than kafka.replicationFactor = ${replicationFactor}: Kafka would take no write.`,
    );
  try {
    await admin.createTopics({ topics: keys.map((key) => topicConfig(settings, key)), waitForLeaders: false });
  } catch (error) {
    const refusals = error instanceof KafkaJSAggregateError ? error.errors : [error];
    for (const refusal of refusals) throwUnlessThere(refusal, settings);
  }
}

/** Another service may have made it in between. */
function throwUnlessThere(refusal: unknown, { replicationFactor }: KafkaSettings): void {
  if (!(refusal instanceof KafkaJSProtocolError)) throw refusal;
  const { type, message } = refusal;
  const { topic = 'a topic' } = refusal as { readonly topic?: string };
  if (type === 'TOPIC_ALREADY_EXISTS') return;
  if (type.endsWith('AUTHORIZATION_FAILED'))
    throw new ConfigError(
      `${topic} is not there, or hidden, and kafka.saslUsername may not make it (${message}). Make it, or allow CREATE and DESCRIBE.`,
    );
  // Waited for: brokers may just be starting.
  const detail =
    type === 'INVALID_REPLICATION_FACTOR'
      ? `${topic} cannot have kafka.replicationFactor = ${replicationFactor} replicas; are there so many brokers? (${message})`
      : `${topic} cannot be made: ${errorText(refusal)}`;
  throw new Unavailable('Kafka', detail, { cause: refusal });
}

/**
 * A topic that was just made is unknown to the broker for a moment; kafkajs' own waiting gives up
 * on that. Throws the last refusal.
 */
async function untilServed(admin: Admin, topics: string[]): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await admin.fetchTopicMetadata({ topics });
      return;
    } catch (error) {
      const isYoung = error instanceof KafkaJSProtocolError && YOUNG_TOPIC.has(error.type);
      if (!isYoung || attempt >= SERVED_ATTEMPTS) throw error;
      await sleep(SERVED_STEP_MS);
    }
  }
}

const YOUNG_TOPIC: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);
const SERVED_ATTEMPTS = 100;
const SERVED_STEP_MS = 50;

/** A topic as it is made, in kafkajs' words. */
export function topicConfig(settings: KafkaSettings, key: TopicKey) {
  const plan = TOPICS[key];
  const configEntries = [
    { name: 'cleanup.policy', value: plan.cleanup },
    // As producers send it: a broker that compresses everything anew would take time for it, and
    // spoil what was chosen.
    { name: 'compression.type', value: 'producer' },
    { name: 'min.insync.replicas', value: String(settings.minInSyncReplicas) },
    { name: 'max.message.bytes', value: String(settings.maxRecordBytes + RECORD_OVERHEAD_BYTES) },
  ];
  if (plan.retentionMs !== undefined) configEntries.push({ name: 'retention.ms', value: String(plan.retentionMs) });
  if (plan.compaction !== undefined)
    configEntries.push(
      { name: 'max.compaction.lag.ms', value: String(plan.compaction.maxLagMs) },
      { name: 'segment.bytes', value: String(plan.compaction.segmentBytes) },
    );
  return {
    topic: topicName(settings.topicPrefix, key),
    numPartitions: settings.partitions[key] ?? plan.partitions,
    replicationFactor: settings.replicationFactor,
    configEntries,
  };
}
