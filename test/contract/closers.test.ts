// What every closer keeps to, whatever it gives back: it does so used or unused, also when the
// dependency is away, in time, twice without harm, and leaves nothing behind that would keep the
// process alive. What a service registers anew is added to the list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueues } from '../../services/notifier/delivery/queue.ts';
import { createRedis, queueConnection } from '../../services/notifier/redis/client.ts';
import { redisSettings } from '../../services/notifier/redis/settings.ts';
import { createElasticsearch, elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { createKafka, kafkaSettings, withAdmin } from '../../shared/kafka/client.ts';
import { BatchingProducer } from '../../shared/kafka/producer.ts';
import { startAdminServer } from '../../shared/http/admin-server.ts';
import { type Close, createClosers } from '../../shared/runtime/closers.ts';
import { quietLog } from '../support/log.ts';
import { until } from '../support/until.ts';

interface Closable {
  /**
   * Tries to work; rejects where the dependency is away. Left out where it would wait for the
   * dependency.
   */
  use?(): Promise<unknown>;
  readonly close: Close;
}

/** Where nobody listens. */
const NOWHERE = '127.0.0.1:1';
const DEADLINE_MS = 10_000;

const CLOSABLES: Readonly<Record<string, () => Promise<Closable> | Closable>> = {
  'Kafka connections': () => {
    const kafka = createKafka({ ...kafkaSettings.parse({}), brokers: [NOWHERE] }, quietLog);
    return {
      use: async () => await withAdmin(kafka, async (admin) => await admin.listTopics()),
      close: () => kafka.end(),
    };
  },
  'Kafka producer': () => {
    const settings = { ...kafkaSettings.parse({}), brokers: [NOWHERE] };
    const producer = new BatchingProducer(createKafka(settings, quietLog), settings);
    return {
      use: async () => await producer.send([{ topic: 'raw', key: null, value: 'x' }]),
      close: async () => await producer.close(),
    };
  },
  Elasticsearch: () => {
    const elasticsearch = createElasticsearch({ ...elasticsearchSettings.parse({}), nodes: [`http://${NOWHERE}`] });
    return {
      use: async () => await elasticsearch.request({ method: 'GET', path: '/' }),
      close: async () => await elasticsearch.close(),
    };
  },
  Redis: () => {
    const client = createRedis(redisSettings.parse({ url: `redis://${NOWHERE}` }), quietLog);
    return {
      use: async () => await client.run(async (redis) => await redis.ping()),
      close: async () => await client.close(),
    };
  },
  'delivery queues': () => {
    const connection = queueConnection(redisSettings.parse({ url: `redis://${NOWHERE}` }));
    const queues = createQueues(['ops'], { connection, prefix: 'x' }, { attempts: 1, log: quietLog });
    return { close: async () => await queues.close() };
  },
  'admin server': async () => {
    const nothing = async () => await Promise.resolve(undefined);
    const source = { ready: nothing, metrics: async () => await Promise.resolve('') };
    const server = await startAdminServer({ host: '127.0.0.1', port: 0 }, source);
    return {
      use: async () => await fetch(`http://127.0.0.1:${server.port}/healthz`, { headers: { connection: 'close' } }),
      close: async () => await server.close(),
    };
  },
};

for (const [name, open] of Object.entries(CLOSABLES))
  for (const isUsed of [false, true])
    test(`${name}, ${isUsed ? 'used' : 'unused'}: closes in time, twice without harm, and leaves nothing behind`, async () => {
      const before = held();
      const { use, close } = await open();
      if (isUsed) await use?.().catch(() => undefined);
      const closers = createClosers();
      closers.add(name, close);
      closers.add(`${name} again`, close);
      const start = Date.now();
      assert.deepEqual(await closers.closeAll(AbortSignal.timeout(DEADLINE_MS)), []);
      assert.ok(Date.now() - start < DEADLINE_MS);
      await until(
        `no more than ${before} handles, but ${process.getActiveResourcesInfo().join(', ')}`,
        () => held() <= before,
      );
    });

/** Sockets, servers and timers that keep the process alive. */
function held(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|Pipe/u.test(name)).length;
}
