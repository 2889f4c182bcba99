// Two instances of each service on one cluster, a third of each in reserve, and whom they notify.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../deploy/local/ports.ts';
import { AT_ONCE } from '../support/at-once.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import type { Ending } from '../support/ending.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { randomName, settingsFor } from '../support/fleet.ts';
import { type TestKafka, testKafka } from '../support/kafka.ts';
import { prepareService, type ServiceName, type ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';
import type { ClusterServers } from './servers.ts';
import { LIMIT_MS } from './state.ts';

/** The services that work on a cluster; the console only reads. */
export const CROWD = ['notifier', 'indexer', 'enricher', 'collector'] as const satisfies readonly ServiceName[];

/** See `CROWD`. */
export type CrowdName = (typeof CROWD)[number];

/** Copies of a topic, and of those how many have to have a record. */
export const REPLICAS = { replicationFactor: 3, minInSyncReplicas: 2 } as const;
/** How many instances of a service run at first. */
const RUNNING = 2;
const INSTANCES = [0, 1, 2] as const;
/** Pino's levels error and fatal. https://getpino.io/#/docs/api?id=level-string */
const ERROR_LINE = /^\{"level":[56]0,/u;

/** One instance, and what is done to it. */
export interface Instance extends ServiceProcess {
  /** Where a collector takes events. */
  readonly eventsUrl: string;
  /** What Kafka knows it by. */
  readonly clientId: string;
  /** SIGSTOP: its connections stay, and it does nothing. */
  hang(): void;
  /** SIGCONT. */
  goOn(): void;
}

/** The services, running, whom they notify, and looks behind them. */
export interface Crowd {
  readonly kafka: TestKafka;
  readonly elasticsearch: TestElasticsearch;
  readonly webhook: WebhookServer;
  readonly slack: FakeSlack;
  /** Three of each kind; the third is not started. */
  readonly instances: Readonly<Record<CrowdName, readonly Instance[]>>;
  /** Resolves when an instance says that it can work. */
  untilReady(instance: Instance): Promise<void>;
  /** Resolves when a running instance says that it is not ready, in words that match. */
  untilOneWaits(name: CrowdName, what: RegExp): Promise<void>;
  /** What the services logged as errors. */
  errors(): readonly string[];
  /** Leaves their logs where they are; gives the folder. */
  keepLogs(): string;
}

/** Starts two of each on the cluster; they end with `t`. */
export async function startCrowd(t: Ending, { brokers, nodes, redis }: ClusterServers): Promise<Crowd> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-cluster-'));
  const addresses = brokers.map(({ address }) => address);
  const kafka = await testKafka(t, { brokers: addresses, ...REPLICAS });
  const elasticsearch = await testElasticsearch(t, ...nodes.map(({ address }) => address));
  const webhook = await startWebhookServer(t);
  const slack = await startFakeSlack(t);
  const team = { name: 'team', kind: 'slack', token: 'xoxb-right', channel: 'C012345', apiUrl: slack.apiUrl };
  const settings = {
    KAFKA_BROKERS: addresses.join(','),
    FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
    FOGHORN_KAFKA_REPLICATION_FACTOR: String(REPLICAS.replicationFactor),
    FOGHORN_KAFKA_MIN_IN_SYNC_REPLICAS: String(REPLICAS.minInSyncReplicas),
    ELASTICSEARCH_URL: nodes.map(({ address }) => address).join(','),
    ...elasticsearch.env,
    REDIS_URL: redis.address,
    FOGHORN_REDIS_KEY_PREFIX: randomName('cluster'),
    ...AT_ONCE,
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify([hook(webhook), team]),
    // One sender stands for all agents.
    FOGHORN_NOTIFIER_MAX_INCIDENTS_PER_RULE: '1000000',
    FOGHORN_NOTIFIER_MAX_INCIDENTS_PER_SENDER: '1000000',
  };
  const instances: Partial<Record<CrowdName, readonly Instance[]>> = {};
  for (const name of CROWD)
    instances[name] = await Promise.all(
      INSTANCES.map(async (place) => await prepare(`${name}-${place}`, name, settings, join(folder, String(place)))),
    );
  const all = Object.values(instances).flat();
  let isKept = false;
  t.after(async () => {
    for (const instance of all) instance.goOn();
    await Promise.all(all.map(async (instance) => await instance.retire()));
    if (!isKept) rmSync(folder, { recursive: true, force: true });
  });
  await Promise.all(
    Object.values(instances).flatMap((ones) =>
      ones.slice(0, RUNNING).map(async (instance) => await instance.start(LIMIT_MS)),
    ),
  );
  return {
    kafka,
    elasticsearch,
    webhook,
    slack,
    instances: instances as Record<CrowdName, readonly Instance[]>,
    untilReady: async (instance) => {
      await until(`${instance.name} is ready`, async () => (await readyz(instance)).ok, LIMIT_MS);
    },
    untilOneWaits: async (name, what) => {
      const texts = async (): Promise<readonly string[]> => {
        const running = (instances[name] ?? []).filter((one) => one.pid() !== 0);
        return await Promise.all(running.map(async (instance) => await (await readyz(instance)).text()));
      };
      await until(`${name} says ${what}`, async () => (await texts()).some((text) => what.test(text)), LIMIT_MS);
    },
    errors: () => all.flatMap(({ logFile }) => linesOf(logFile)).filter((line) => ERROR_LINE.test(line)),
    keepLogs: () => {
      isKept = true;
      return folder;
    },
  };
}

async function prepare(
  clientId: string,
  name: CrowdName,
  settings: Readonly<Record<string, string>>,
  folder: string,
): Promise<Instance> {
  const port = await choosePort();
  const input = name === 'collector' ? { FOGHORN_COLLECTOR_HTTP_PORT: String(port) } : {};
  const own = { ...input, FOGHORN_KAFKA_CLIENT_ID: clientId };
  const service = await prepareService(name, { ...settingsFor(name, settings), ...own }, folder);
  const signal = (signalName: NodeJS.Signals): void => {
    if (service.pid() === 0) return;
    try {
      process.kill(service.pid(), signalName);
    } catch {
      // It is gone already.
    }
  };
  return {
    ...service,
    clientId,
    eventsUrl: `http://127.0.0.1:${port}/v1/events`,
    hang: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
  };
}

async function readyz({ adminPort }: Instance): Promise<Response> {
  return await fetch(`http://127.0.0.1:${adminPort}/readyz`);
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    // An instance that was never started.
    return [];
  }
}
