// The Foghorn that agents are tried with: one collector with TLS and authentication on every input,
// and one without, for what has neither, which also reads the topic that agents write to; both can
// be killed. An enricher behind them.
import { join } from 'node:path';
import { choosePort } from '../../deploy/local/ports.ts';
import { type KafkaClient, withAdmin } from '../../shared/kafka/client.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import type { Ending } from '../support/ending.ts';
import { until } from '../support/until.ts';
import { metricSum, prepareService, type ServiceProcess } from '../support/service-process.ts';

const TLS_FOLDER = packagePath('test', 'data', 'tls');
const TOKEN = '5c0f6a52-4d1e-4a8e-9a0b-7d1c2f3e4a5b';
/** The inputs by the ports that the pages name. */
const GUARDED = { http: '8309', lumberjack: '5044', hec: '8088', bulk: '9201', otlp: '4318', syslog: '6514' } as const;
const OPEN_SYSLOG_PORT = '5514';
/** Kafka and the topic there, as the pages have them. */
const BROKERS = 'kafka.example.org:9092';
const TOPIC = 'windows-events';
const PARTITIONS = 3;
/** Files of certificates by the names that the pages give them. */
const FILES = { ca: 'authority', agent: 'agent', 'agent-key': 'agent-key' } as const;

/** What agents send to. */
export interface Receivers {
  /** A configuration of the pages, sent here. */
  fill(configuration: string): string;
  /** Events that were answered since the last start, of all inputs. */
  received(): Promise<number>;
  /** Datagrams that were counted as dropped since the last start. */
  dropped(): Promise<number>;
  /** SIGKILL to both collectors. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** What they are started with; `env` has the address of the same Kafka. */
interface ReceiverOptions {
  readonly folder: string;
  readonly kafka: KafkaClient;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts them on a Kafka of the test's own; they end with the test. */
export async function startReceivers(t: Ending, { folder, kafka, env }: ReceiverOptions): Promise<Receivers> {
  await makeTopic(kafka);
  const ports = new Map<string, number>();
  for (const port of [...Object.values(GUARDED), OPEN_SYSLOG_PORT]) ports.set(port, await choosePort());
  const guarded = await prepareService('collector', { ...env, ...guardedSettings(ports) }, join(folder, 'guarded'));
  const open = await prepareService('collector', { ...env, ...openSettings(ports) }, join(folder, 'open'));
  const enricher = await prepareService('enricher', env, folder);
  const collectors = [guarded, open];
  t.after(async () => {
    for (const service of [...collectors, enricher]) await service.retire();
  });
  const start = async (): Promise<void> => {
    await Promise.all(collectors.map(async (collector) => await collector.start()));
  };
  await Promise.all([start(), enricher.start()]);
  return {
    fill: fillWith(ports, env['KAFKA_BROKERS']),
    received: async () => await sumOf(collectors, 'foghorn_events_received_total'),
    dropped: async () => {
      const outcomes = await open.metrics('foghorn_events_received_total');
      const ours = [...outcomes].flatMap(([labels, count]) => (labels.includes('"dropped"') ? [count] : []));
      return ours.reduce((sum, count) => sum + count, await metricSum(open, 'foghorn_datagrams_dropped'));
    },
    kill: async () => {
      await Promise.all(collectors.map(async (collector) => await collector.kill()));
    },
    start,
  };
}

async function makeTopic(kafka: KafkaClient): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }], waitForLeaders: false });
  });
  // Made is not served yet: a partition's leader takes a moment more.
  await until(
    'the topic of the agents has leaders',
    async () => await withAdmin(kafka, async (admin) => (await admin.fetchTopicOffsets(TOPIC)).length === PARTITIONS),
  );
}

/** A connection that is left from before a kill fails once. */
async function sumOf(services: readonly ServiceProcess[], metric: string): Promise<number> {
  const sums = await until(
    `the metric ${metric}`,
    async () => await Promise.all(services.map(async (service) => await metricSum(service, metric))),
  );
  return sums.reduce((sum, one) => sum + one, 0);
}

function guardedSettings(ports: ReadonlyMap<string, number>): Readonly<Record<string, string>> {
  const tls = (kind: string): Readonly<Record<string, string>> => ({
    [`FOGHORN_COLLECTOR_${kind}_ENABLED`]: 'true',
    [`FOGHORN_COLLECTOR_${kind}_PORT`]: String(ports.get(GUARDED[kind.toLowerCase() as keyof typeof GUARDED])),
    [`FOGHORN_COLLECTOR_${kind}_TLS_CERT`]: join(TLS_FOLDER, 'server.pem'),
    [`FOGHORN_COLLECTOR_${kind}_TLS_KEY`]: join(TLS_FOLDER, 'server-key.pem'),
  });
  const byToken = ['HTTP', 'HEC', 'BULK', 'OTLP'].map((kind) => ({
    ...tls(kind),
    [`FOGHORN_COLLECTOR_${kind}_TOKENS`]: JSON.stringify({ fleet: TOKEN }),
  }));
  const byCertificate = ['LUMBERJACK', 'SYSLOG'].map((kind) => ({
    ...tls(kind),
    [`FOGHORN_COLLECTOR_${kind}_CLIENT_CA_FILE`]: join(TLS_FOLDER, 'authority.pem'),
  }));
  return Object.assign({}, ...byToken, ...byCertificate) as Readonly<Record<string, string>>;
}

function openSettings(ports: ReadonlyMap<string, number>): Readonly<Record<string, string>> {
  return {
    FOGHORN_COLLECTOR_HTTP_ENABLED: 'false',
    FOGHORN_COLLECTOR_SYSLOG_ENABLED: 'true',
    FOGHORN_COLLECTOR_SYSLOG_UDP: 'true',
    FOGHORN_COLLECTOR_SYSLOG_PORT: String(ports.get(OPEN_SYSLOG_PORT)),
    FOGHORN_COLLECTOR_KAFKA_ENABLED: 'true',
    FOGHORN_COLLECTOR_KAFKA_TOPICS: TOPIC,
  };
}

/**
 * Fills in a configuration of the pages; `ports` are those used by the ports that the pages name,
 * `brokers` is the address of Kafka.
 */
export function fillWith(ports: ReadonlyMap<string, number>, brokers = BROKERS): (configuration: string) => string {
  return (configuration) =>
    configuration
      .replaceAll(BROKERS, brokers)
      .replaceAll('foghorn.example.org', 'localhost')
      .replaceAll('TOKEN', TOKEN)
      .replaceAll(/\/etc\/foghorn\/(?<name>[\w-]+)\.pem/gu, (_all, name: keyof typeof FILES) =>
        join(TLS_FOLDER, `${FILES[name]}.pem`),
      )
      .replaceAll(/\b\d{4}\b/gu, (port) => String(ports.get(port) ?? port));
}
