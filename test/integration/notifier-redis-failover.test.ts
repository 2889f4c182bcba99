// Redis fails over without a word, refuses writes or changes its password while the notifier runs:
// it finds the primary, stays alive and says what is missing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { anAlertRecord } from '../support/alerts.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { ask, follow, promote, startLinkedRedis, startRedis } from '../support/redis-link.ts';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

/** Asks for readiness, within the time that an orchestrator has for it. */
async function readiness({ service }: TestNotifier): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`, { signal: AbortSignal.timeout(4000) });
  return await answer.text();
}

async function untilNotified(notifier: TestNotifier, host: string, limitMs?: number): Promise<void> {
  await notifier.kafka.producer.send([anAlertRecord({ host })]);
  await until(`${host} is notified`, () => notifier.alertsText().includes(host), limitMs);
}

interface Pair {
  readonly notifier: TestNotifier;
  readonly proxy: TcpProxy;
  /** Addresses of the one that is the primary at first, and of its replica. */
  readonly first: string;
  readonly second: string;
}

/** A notifier behind a proxy to the first of two servers with the same password. */
async function startPair(t: TestContext): Promise<Pair | undefined> {
  const linked = await startLinkedRedis(t);
  if (linked === undefined) return undefined;
  const { first, second } = linked;
  const proxy = await createTcpProxy(first.host);
  t.after(async () => await proxy.close());
  const url = new URL(first.href);
  url.host = proxy.address;
  const notifier = await startNotifier(t, ['local'], { REDIS_URL: url.href });
  await untilNotified(notifier, 'before.example.org');
  return { notifier, proxy, first: first.href, second: second.href };
}

test('Redis is demoted and keeps its clients: the notifier connects to the new primary by itself [cluster R2, alerting 4]', async (t) => {
  const pair = await startPair(t);
  if (pair === undefined) return;
  const { notifier, proxy, first, second } = pair;
  await promote(second);
  await follow(first, second);
  await until('it is not ready', async () => (await readiness(notifier)).includes('replica'));
  proxy.lead(new URL(second).host);
  await untilNotified(notifier, 'after.example.org');
  await until('it is ready', async () => (await readiness(notifier)) === 'ready\n');
});

test('the host of Redis vanishes without a word: the notifier connects to the new primary by itself [cluster R3]', async (t) => {
  const pair = await startPair(t);
  if (pair === undefined) return;
  const { notifier, proxy, second } = pair;
  await promote(second);
  proxy.strand();
  proxy.lead(new URL(second).host);
  assert.match(await readiness(notifier), /not ready: Redis|^ready/u, 'it answers in time');
  await untilNotified(notifier, 'after.example.org');
  await until('it is ready', async () => (await readiness(notifier)) === 'ready\n');
});

for (const [what, unavailable, well] of [
  ['is out of memory', ['maxmemory', '1mb'], ['maxmemory', '0']],
  ['lacks its replicas', ['min-replicas-to-write', '1'], ['min-replicas-to-write', '0']],
] as const) {
  test(`Redis ${what}: the notifier waits, says so, and goes on where it was [alerting 5]`, async (t) => {
    const redis = await startRedis(t);
    if (redis === undefined) return;
    const notifier = await startNotifier(t, ['local'], { REDIS_URL: redis.address });
    await untilNotified(notifier, 'before.example.org');
    const { pid } = notifier.service;
    const before = pid();
    await ask(redis.address, async (client) => await client.config('SET', ...unavailable));
    await notifier.kafka.producer.send([anAlertRecord({ host: 'after.example.org' })]);
    await until('it says so', async () => (await readiness(notifier)).startsWith('not ready: Redis'));
    await until('its log says so', () =>
      readFileSync(notifier.service.logFile, 'utf8').includes('Redis is not available'),
    );
    await ask(redis.address, async (client) => await client.config('SET', ...well));
    await until('it is notified', () => notifier.alertsText().includes('after.example.org'));
    assert.equal(pid(), before);
    const log = readFileSync(notifier.service.logFile, 'utf8').split('\n');
    assert.deepEqual(
      log.filter((line) => line.length > 2000),
      [],
      'no line has a script or a snapshot',
    );
  });
}

test('the password of Redis is rotated while the notifier runs: it lives, and log and readiness say what to do [alerting 23]', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const { password } = new URL(redis.address);
  const notifier = await startNotifier(t, ['local'], { REDIS_URL: redis.address });
  const rotated = new URL(redis.address);
  rotated.password = 'another';
  await ask(redis.address, async (client) => {
    await client.config('SET', 'requirepass', 'another');
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  });
  await until('readiness says so', async () =>
    (await readiness(notifier)).includes('refuses the user or the password'),
  );
  const lines = (): readonly string[] =>
    readFileSync(notifier.service.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('refuses the user or the password') && line.includes('"level":50'))
      // Each receiver whose deliveries wait says so in a line of its own.
      .filter((line) => line.includes('Redis cannot be used with these settings'));
  await until('the log says so', () => lines().length > 0);
  await ask(rotated.href, async (client) => await client.config('SET', 'requirepass', password));
  await untilNotified(notifier, 'after.example.org');
  assert.equal(lines().length, 1, 'once for a change of state');
});
