// Makes the topics that are missing and checks those that are there, so that a service refuses a topic that cannot serve it.
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import type { TopicKey } from '../contracts/record.ts';
import { TOPICS, topicName } from '../contracts/topics.ts';
import { sleep } from '../runtime/backoff.ts';
import { ConfigError } from '../runtime/errors.ts';
import { KafkaJSProtocolError, type KafkaSettings, toUnavailable } from './client.ts';

/**
 * Makes or checks the topics a service uses. Throws ConfigError, naming topic and setting, for an existing one that cannot serve,
 * and Unavailable while Kafka is.
 */
export async function ensureTopics(kafka: Kafka, settings: KafkaSettings, keys: readonly TopicKey[]): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = keys.filter((key) => !existing.has(topicName(settings.topicPrefix, key)));
    if (missing.length > 0) {
      await createTopics(admin, settings, missing);
      await untilServed(
        admin,
        missing.map((key) => topicName(settings.topicPrefix, key)),
      );
    }
    await checkTopics(
      admin,
      settings,
      keys.filter((key) => !missing.includes(key)),
    );
  } catch (error) {
    throw toUnavailable(error);
  } finally {
    await admin.disconnect();
  }
}

async function createTopics(admin: Admin, settings: KafkaSettings, keys: readonly TopicKey[]): Promise<void> {
  try {
    await admin.createTopics({ topics: keys.map((key) => topicConfig(settings, key)), waitForLeaders: false });
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
}

/** A topic that was just made is unknown to the broker for a moment; kafkajs' own waiting gives up on that. Throws the last refusal. */
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

/** Another service may have made it in between. */
function isAlreadyThere(error: unknown): boolean {
  if (error instanceof KafkaJSProtocolError) return error.type === 'TOPIC_ALREADY_EXISTS';
  return error instanceof AggregateError && error.errors.every(isAlreadyThere);
}

function topicConfig(settings: KafkaSettings, key: TopicKey) {
  const plan = TOPICS[key];
  const configEntries = [
    { name: 'cleanup.policy', value: plan.cleanup },
    { name: 'min.insync.replicas', value: String(settings.minInSyncReplicas) },
    { name: 'max.message.bytes', value: String(settings.maxRecordBytes + RECORD_OVERHEAD_BYTES) },
  ];
  if (plan.retentionMs !== undefined) configEntries.push({ name: 'retention.ms', value: String(plan.retentionMs) });
  return {
    topic: topicName(settings.topicPrefix, key),
    numPartitions: plan.partitions,
    replicationFactor: settings.replicationFactor,
    configEntries,
  };
}

/** Headers, key and batch framing on top of the value. */
const RECORD_OVERHEAD_BYTES = 65_536;

async function checkTopics(admin: Admin, settings: KafkaSettings, keys: readonly TopicKey[]): Promise<void> {
  if (keys.length === 0) return;
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: keys.map((key) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: topicName(settings.topicPrefix, key),
    })),
  });
  const faults: string[] = [];
  for (const [index, key] of keys.entries()) {
    const entries = described.resources[index]?.configEntries ?? [];
    const value = (name: string): string | undefined => entries.find((entry) => entry.configName === name)?.configValue;
    const topic = topicName(settings.topicPrefix, key);
    if (TOPICS[key].cleanup === 'compact' && value('cleanup.policy')?.includes('compact') !== true)
      faults.push(
        `${topic} has cleanup.policy=${value('cleanup.policy')}; it holds the incidents' only durable copy and needs compact`,
      );
    if (Number(value('max.message.bytes')) < settings.maxRecordBytes)
      faults.push(
        `${topic} has max.message.bytes=${value('max.message.bytes')}, less than kafka.maxRecordBytes=${settings.maxRecordBytes}`,
      );
  }
  if (faults.length > 0)
    throw new ConfigError(
      `Kafka topics that are already there cannot serve: ${faults.join('; ')}. Change them, or kafka.topicPrefix.`,
    );
}
