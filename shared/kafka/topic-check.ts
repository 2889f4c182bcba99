// Whether topics that are already there can serve: cleanup, sizes, replicas, retention, partitions.
import type { Admin } from 'kafkajs';
import { kafkajs } from './kafkajs.ts';
import type { TopicKey } from '../contracts/record.ts';
import { TOPICS, topicName } from '../contracts/topics.ts';
import { ConfigError } from '../runtime/errors.ts';
import type { KafkaSettings } from './client.ts';

/** Headers, key and batch framing on top of the value. */
export const RECORD_OVERHEAD_BYTES = 65_536;

/** A topic as it is. */
interface Found {
  readonly key: TopicKey;
  readonly topic: string;
  readonly partitions: number;
  /** Of the partition that has fewest; 0 where there is no topic. */
  readonly replicas: number;
  /** A setting of the topic, as Kafka names it. */
  value(name: string): string | undefined;
}

/**
 * Gives what is not as planned and serves all the same. Throws ConfigError, naming topic and
 * setting, for what does not.
 */
export async function checkTopics(
  admin: Admin,
  settings: KafkaSettings,
  keys: readonly TopicKey[],
): Promise<readonly string[]> {
  const found = await describe(admin, settings, keys);
  const problems = [...found.flatMap((one) => [...problemsIn(one, settings)]), ...deadLetterProblems(found)];
  if (problems.length > 0)
    throw new ConfigError(
      `These Kafka topics cannot serve: ${problems.join('; ')}. Change them, or kafka.topicPrefix.`,
    );
  return found.flatMap((one) => [...warningsOf(one, settings)]);
}

async function describe(admin: Admin, settings: KafkaSettings, keys: readonly TopicKey[]): Promise<readonly Found[]> {
  const names = keys.map((key) => topicName(settings.topicPrefix, key));
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  return keys.map((key) => {
    const topic = topicName(settings.topicPrefix, key);
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
    const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
    return {
      key,
      topic,
      partitions: partitions.length,
      replicas: partitions.length === 0 ? 0 : Math.min(...partitions.map(({ replicas }) => replicas.length)),
      value: (name) => entries.find(({ configName }) => configName === name)?.configValue,
    };
  });
}

function* problemsIn({ key, topic, value }: Found, settings: KafkaSettings): Generator<string> {
  const policy = value('cleanup.policy');
  if (policy !== TOPICS[key].cleanup)
    yield TOPICS[key].cleanup === 'compact'
      ? `${topic} has cleanup.policy=${policy}; it holds the only durable copy of what it is about and needs compact alone`
      : `${topic} has cleanup.policy=${policy}; its keys repeat, so that it would lose records, and needs delete`;
  const maxBytes = Number(value('max.message.bytes'));
  if (maxBytes < settings.maxRecordBytes)
    yield `${topic} has max.message.bytes=${maxBytes}, less than kafka.maxRecordBytes=${settings.maxRecordBytes}`;
  const inSync = Number(value('min.insync.replicas'));
  if (inSync < settings.minInSyncReplicas)
    yield `${topic} has min.insync.replicas=${inSync}, less than kafka.minInSyncReplicas=${settings.minInSyncReplicas}`;
}

/**
 * A record that cannot be processed has to fit into the dead-letter topic, or its partition stops.
 */
function deadLetterProblems(found: readonly Found[]): readonly string[] {
  const bytesOf = ({ value }: Found): number => Number(value('max.message.bytes'));
  const deadLetters = found.find(({ key }) => key === 'deadLetters');
  if (deadLetters === undefined) return [];
  return found
    .filter((one) => bytesOf(one) > bytesOf(deadLetters))
    .map((one) => `${one.topic} has max.message.bytes=${bytesOf(one)}, more than ${deadLetters.topic} takes`);
}

function* lagWarnings({ key, topic, value }: Found): Generator<string> {
  const { compaction } = TOPICS[key];
  const lagMs = value('max.compaction.lag.ms');
  if (compaction !== undefined && Number(lagMs) > compaction.maxLagMs)
    yield `${topic} has max.compaction.lag.ms=${lagMs}, longer than the planned ${compaction.maxLagMs}: whoever reads a state reads the revisions of that time`;
}

function* warningsOf(found: Found, settings: KafkaSettings): Generator<string> {
  const { key, topic, partitions, replicas, value } = found;
  const { retentionMs, isOrderKept } = TOPICS[key];
  const planned = settings.partitions[key] ?? TOPICS[key].partitions;
  const kept = Number(value('retention.ms'));
  if (retentionMs !== undefined && kept >= 0 && kept < retentionMs)
    yield `${topic} has retention.ms=${kept}, shorter than the planned ${retentionMs}`;
  if (replicas < settings.replicationFactor)
    yield `${topic} has fewer replicas (${replicas}) than kafka.replicationFactor=${settings.replicationFactor}; kafka-reassign-partitions, a tool of Kafka, adds them`;
  yield* lagWarnings(found);
  if (partitions < planned) yield `${topic} has ${partitions} partitions, fewer than the planned ${planned}`;
  if (partitions > planned && isOrderKept)
    yield `${topic} has ${partitions} partitions, more than the planned ${planned}; if any were added after it had records, earlier records of a key lie in another partition. Where it was made so, set kafka.partitions.${key} to ${partitions}`;
  const compression = value('compression.type');
  if (compression !== undefined && compression !== 'producer')
    yield `${topic} has compression.type=${compression}: the broker compresses anew what comes in another form; planned is producer`;
}
