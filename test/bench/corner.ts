// One benchmark's corner of the servers: topics and indices of its own, services started in it and
// measured, all removed at the end.
import { randomBytes } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import type { Kafka } from 'kafkajs';
import { choosePort } from '../../deploy/local/ports.ts';
import type { TopicKey } from '../../shared/contracts/record.ts';
import { TOPICS, topicName } from '../../shared/contracts/topics.ts';
import { createKafka, type KafkaSettings, kafkaSettings } from '../../shared/kafka/client.ts';
import { BatchingProducer, type RecordProducer } from '../../shared/kafka/producer.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import { quietLog } from '../support/log.ts';
import { prepareService, type ServiceName, type ServiceProcess } from '../support/service-process.ts';
import { LIMIT_MS } from '../support/until.ts';

/** Where the servers are. */
export type Addresses = Readonly<Record<'KAFKA_BROKERS' | 'ELASTICSEARCH_URL' | 'REDIS_URL', string>>;

/** What a benchmark works with. */
export interface Bench {
  readonly events: number;
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  readonly producer: RecordProducer;
  readonly elasticsearch: Client;
  readonly dataStream: string;
  readonly elasticsearchUrl: string;
  readonly eventsUrl: string;
  /** Starts a service; resolves when it is ready, within `limitMs`. */
  start(name: ServiceName, env?: Readonly<Record<string, string>>, limitMs?: number): Promise<ServiceProcess>;
  /** Records in a topic by its end offsets. */
  countRecords(key: TopicKey): Promise<number>;
  /**
   * Documents indexed so far, searchable or not: a refresh at every look would be the load that is
   * measured.
   */
  countDocuments(): Promise<number>;
  /** Another corner of the same servers. */
  another(): Promise<Bench>;
  close(): Promise<void>;
}

/** Makes the corner. */
export async function createBench(
  addresses: Addresses,
  options: { readonly folder: string; readonly events: number },
): Promise<Bench> {
  const name = `bench${randomBytes(4).toString('hex')}`;
  const settings: KafkaSettings = {
    ...kafkaSettings.parse({}),
    brokers: addresses.KAFKA_BROKERS.split(','),
    topicPrefix: name,
  };
  const kafka = createKafka(settings, quietLog);
  await ensureTopics(kafka, settings, Object.keys(TOPICS) as TopicKey[]);
  const producer = new BatchingProducer(kafka, settings);
  const admin = kafka.admin();
  await admin.connect();
  const elasticsearch = new Client({ node: addresses.ELASTICSEARCH_URL });
  const httpPort = await choosePort();
  const started: ServiceProcess[] = [];
  const env: Record<string, string> = {
    ...addresses,
    FOGHORN_KAFKA_TOPIC_PREFIX: name,
    FOGHORN_LOG_LEVEL: 'warn',
  };
  const elasticsearchEnv = {
    FOGHORN_ELASTICSEARCH_NAMESPACE: name,
    FOGHORN_ELASTICSEARCH_INCIDENT_INDEX: `${name}-incidents`,
    FOGHORN_ELASTICSEARCH_SOURCE_INDEX: `${name}-sources`,
  };
  const own: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
    collector: { FOGHORN_COLLECTOR_HTTP_PORT: String(httpPort) },
    enricher: {},
    indexer: elasticsearchEnv,
    notifier: { FOGHORN_REDIS_KEY_PREFIX: name },
    console: elasticsearchEnv,
  };
  const dataStream = `logs-windows.forwarded.foghorn-${name}`;
  return {
    events: options.events,
    kafka,
    settings,
    producer,
    elasticsearch,
    dataStream,
    elasticsearchUrl: addresses.ELASTICSEARCH_URL,
    eventsUrl: `http://127.0.0.1:${httpPort}/v1/events`,
    start: async (service, more = {}, limitMs = LIMIT_MS) => {
      const process = await prepareService(service, { ...env, ...own[service], ...more }, options.folder);
      started.push(process);
      await process.start(limitMs);
      return process;
    },
    countRecords: async (key) =>
      (await admin.fetchTopicOffsets(topicName(name, key))).reduce(
        (sum, { high, low }) => sum + Number(high) - Number(low),
        0,
      ),
    countDocuments: async () => {
      const stats = await elasticsearch.indices.stats({ index: dataStream, metric: 'indexing' }).catch(() => undefined);
      return stats?._all.primaries?.indexing?.index_total ?? 0;
    },
    another: async () => await createBench(addresses, options),
    close: async () => {
      await Promise.all(started.map(async (service) => await service.stop()));
      await producer.close();
      await admin.deleteTopics({ topics: (Object.keys(TOPICS) as TopicKey[]).map((key) => topicName(name, key)) });
      await admin.disconnect();
      await elasticsearch.close();
    },
  };
}
