// A whole Foghorn for an end-to-end test: all five services as processes with topics, indices and
// Redis keys of their own.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../deploy/local/ports.ts';
import type { Ending } from './ending.ts';
import type { OwnServer, ServerName } from './own-servers.ts';
import { type ServiceName, type ServiceProcess, prepareService } from './service-process.ts';
import { requiredEnv } from './servers.ts';
import { type TestElasticsearch, testElasticsearch } from './elasticsearch.ts';
import { type TestKafka, testKafka } from './kafka.ts';
import { type TestRedis, testRedis } from './redis.ts';

/** The services, running, and what is needed to talk to them and to look behind them. */
export interface Fleet {
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>;
  readonly kafka: TestKafka;
  readonly elasticsearch: TestElasticsearch;
  readonly redis: TestRedis;
  /** `POST` here. */
  readonly eventsUrl: string;
  /** The console's API lies under it. */
  readonly consoleUrl: string;
  readonly folder: string;
}

const ORDER: readonly ServiceName[] = ['notifier', 'indexer', 'enricher', 'console', 'collector'];

/**
 * Starts all services with `env` on top of the usual settings, on the shared servers or on the
 * test's own; stops them and removes what they made when the test ends.
 */
export async function startFleet(
  t: Ending,
  env: Readonly<Record<string, string>> = {},
  own?: Readonly<Record<ServerName, OwnServer>>,
): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-e2e-'));
  const started: ServiceProcess[] = [];
  let isEnded = false;
  const kafka = await testKafka(t, own === undefined ? {} : { brokers: [own.kafka.address] });
  const elasticsearch = await testElasticsearch(t, ...(own === undefined ? [] : [own.elasticsearch.address]));
  const redis = testRedis(t, own?.redis.address);
  t.after(async () => {
    isEnded = true;
    await Promise.all(started.map(async (service) => await service.retire()));
    rmSync(folder, { recursive: true, force: true });
  });
  const httpPort = await choosePort();
  const consolePort = await choosePort();
  const settings = {
    ...addressesOf(own),
    FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
    ...elasticsearch.env,
    FOGHORN_REDIS_KEY_PREFIX: redis.keyPrefix,
    FOGHORN_COLLECTOR_HTTP_PORT: String(httpPort),
    FOGHORN_CONSOLE_HTTP_PORT: String(consolePort),
    ...env,
  };
  const services: Partial<Record<ServiceName, ServiceProcess>> = {};
  for (const name of ORDER) {
    const service = await prepareService(name, settingsFor(name, settings), folder);
    if (isEnded) throw new Error('The test ended while its services were starting.');
    started.push(service);
    await service.start();
    services[name] = service;
  }
  return {
    services: services as Record<ServiceName, ServiceProcess>,
    kafka,
    elasticsearch,
    redis,
    eventsUrl: `http://127.0.0.1:${httpPort}/v1/events`,
    consoleUrl: `http://127.0.0.1:${consolePort}`,
    folder,
  };
}

function addressesOf(own: Readonly<Record<ServerName, OwnServer>> | undefined): Record<string, string> {
  return {
    KAFKA_BROKERS: own?.kafka.address ?? requiredEnv('KAFKA_BROKERS'),
    ELASTICSEARCH_URL: own?.elasticsearch.address ?? requiredEnv('ELASTICSEARCH_URL'),
    REDIS_URL: own?.redis.address ?? requiredEnv('REDIS_URL'),
  };
}

/** A random lower-case name that is free everywhere. */
export function randomName(prefix: string): string {
  return `${prefix}${randomBytes(5).toString('hex')}`;
}

/** The settings without those of other services, which a service would refuse. */
export function settingsFor(name: ServiceName, settings: Readonly<Record<string, string>>): Record<string, string> {
  const others = ORDER.filter((other) => other !== name).map((other) => `FOGHORN_${other.toUpperCase()}_`);
  return Object.fromEntries(
    Object.entries(settings).filter(([key]) => !others.some((prefix) => key.startsWith(prefix))),
  );
}
