// The queues on a real Redis: pauses are never cut short, the oldest delivery is found, and a
// receiver's messages of a minute are counted.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Queue } from 'bullmq';
import { createRateLimit } from '../../services/notifier/delivery/rate-limit.ts';
import { createQueues, PAUSE_LIMITER, queueName } from '../../services/notifier/delivery/queue.ts';
import { keysOf } from '../../services/notifier/redis/keys.ts';
import { declareNotifierMetrics } from '../../services/notifier/metrics.ts';
import { createRedis, queueConnection } from '../../services/notifier/redis/client.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { quietLog } from '../support/log.ts';
import { testRedis } from '../support/redis.ts';

const HOUR_MS = 3_600_000;

function open(t: TestContext) {
  const { url, keyPrefix } = testRedis(t);
  const settings = { url, keyPrefix };
  const keys = keysOf(keyPrefix);
  const place = { connection: queueConnection(settings), prefix: keys.queues };
  const queues = createQueues(['hook', 'idle'], place, { attempts: 1, log: quietLog });
  const raw = new Queue(queueName('hook'), place);
  const client = createRedis(settings, quietLog);
  t.after(async () => {
    await queues.close();
    await raw.close();
    await client.close();
  });
  return { queues, raw, client, keys };
}

test('a shorter pause does not end a longer one', async (t) => {
  const { queues, raw } = open(t);
  await queues.pause('hook', 50_000);
  await queues.pause('hook', 100);
  assert.ok((await raw.getRateLimitTtl(PAUSE_LIMITER.max)) > 40_000);
});

test('the oldest delivery is found whether it is due first or last', async (t) => {
  const { queues, raw } = open(t);
  const registry = createRegistry('notifier');
  const metrics = declareNotifierMetrics(registry);
  const nowMs = Date.now();
  await raw.add('opened', {}, { jobId: 'n-new', timestamp: nowMs, delay: 60_000 });
  await raw.add('opened', {}, { jobId: 'n-old', timestamp: nowMs - HOUR_MS, delay: 2 * HOUR_MS });
  assert.deepEqual(await queues.observe(metrics), ['hook']);
  const text = await registry.metrics();
  const age = Number(/oldest_job_seconds\{[^}]*receiver="hook"[^}]*\} (?<age>\S+)/u.exec(text)?.groups?.['age']);
  assert.ok(age >= HOUR_MS / 1000, `${age} s`);
});

test('what was put off on purpose does not wait before its time', async (t) => {
  const { queues, raw } = open(t);
  const nowMs = Date.now();
  await raw.add('updated', { notBeforeMs: nowMs + HOUR_MS }, { jobId: 'n-later', delay: HOUR_MS });
  const metrics = declareNotifierMetrics(createRegistry('notifier'));
  assert.deepEqual(await queues.observe(metrics), []);
});

test('a minute has so many messages for all processes together', async (t) => {
  const { client, keys } = open(t);
  const [one, other] = [
    createRateLimit(client, keys.rateLimit('hook'), 2),
    createRateLimit(client, keys.rateLimit('hook'), 2),
  ];
  assert.deepEqual([await one(), await other()], [0, 0]);
  const waitMs = await one();
  assert.ok(waitMs > 0 && waitMs <= 60_000, `${waitMs} ms`);
  assert.equal(await createRateLimit(client, keys.rateLimit('hook'), undefined)(), 0);
});
