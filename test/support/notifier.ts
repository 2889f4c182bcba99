// A notifier process in a test's own corner of Kafka and Redis, and what it left there.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EntryFields } from '../../shared/contracts/activity.ts';
import type { Incident } from '../../shared/contracts/incident.ts';
import { type TestKafka, testKafka } from './kafka.ts';
import { type TestRedis, testRedis } from './redis.ts';
import { requiredEnv } from './servers.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { until } from './until.ts';

/** What a test sees of a notifier. */
export interface TestNotifier {
  readonly service: ServiceProcess;
  readonly kafka: TestKafka;
  readonly redis: TestRedis;
  /** The file of the receiver `local`, whether or not it is configured. */
  readonly alertsFile: string;
  /** What is in that file, empty before it is there. */
  alertsText(): string;
  /** The last snapshot of every incident in Kafka, by id. */
  incidents(): Promise<ReadonlyMap<string, Incident>>;
  /** The action stream, each id once. */
  actions(): Promise<readonly EntryFields[]>;
}

/**
 * Starts a notifier with these receivers; `local` stands for one that writes `alertsFile`, `file`
 * instead of a list for those of the settings file.
 */
export async function startNotifier(
  t: TestContext,
  receivers: readonly (Readonly<Record<string, unknown>> | 'local')[] | 'file',
  env: Readonly<Record<string, string>> = {},
): Promise<TestNotifier> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-notifier-'));
  const alertsFile = join(folder, 'alerts.log');
  let service: ServiceProcess | undefined;
  const kafka = await testKafka(t);
  const redis = testRedis(t);
  t.after(async () => {
    await service?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const local = { name: 'local', kind: 'local', file: alertsFile };
  service = await startService(
    'notifier',
    {
      KAFKA_BROKERS: requiredEnv('KAFKA_BROKERS'),
      REDIS_URL: redis.url,
      FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
      FOGHORN_REDIS_KEY_PREFIX: redis.keyPrefix,
      ...(receivers === 'file'
        ? {}
        : {
            FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(
              receivers.map((receiver) => (receiver === 'local' ? local : receiver)),
            ),
          }),
      FOGHORN_NOTIFIER_RETRY_MIN_MS: '100',
      FOGHORN_NOTIFIER_RETRY_MAX_MS: '1000',
      ...env,
    },
    folder,
  );
  const read = async <T>(topic: 'incidents' | 'actions'): Promise<readonly T[]> =>
    (await kafka.readAll(topic)).flatMap(({ value }) => (value === null ? [] : [JSON.parse(String(value)) as T]));
  return {
    service,
    kafka,
    redis,
    alertsFile,
    alertsText: () => {
      try {
        return readFileSync(alertsFile, 'utf8');
      } catch {
        return '';
      }
    },
    incidents: async () => new Map((await read<Incident>('incidents')).map((incident) => [incident.id, incident])),
    actions: async () => [
      ...new Map((await read<EntryFields>('actions')).map((action) => [action.id, action])).values(),
    ],
  };
}

/** The environment that puts another notifier into the same corner of Kafka and Redis. */
export function cornerOf({ kafka, redis }: Pick<TestNotifier, 'kafka' | 'redis'>): Readonly<Record<string, string>> {
  return {
    FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
    FOGHORN_REDIS_KEY_PREFIX: redis.keyPrefix,
  };
}

/** Waits for as many activity entries of a type; gives all that are there then. */
export async function untilEntries(
  notifier: TestNotifier,
  type: EntryFields['type'],
  count = 1,
): Promise<readonly EntryFields[]> {
  return await until(`${count} entries ${type}`, async () => {
    const found = (await notifier.actions()).filter((entry) => entry.type === type);
    return found.length >= count ? found : undefined;
  });
}

/** Waits until Redis is complete again after it was wiped once while the notifier ran. */
export async function untilRebuilt({ service }: TestNotifier): Promise<void> {
  await until('it is rebuilt', async () => {
    const rebuilds = await service.metrics('foghorn_rebuilds_total');
    return (rebuilds.get('service="notifier"') ?? 0) >= 2;
  });
}
