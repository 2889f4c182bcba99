// A Redis that cannot serve ends the start with the reason and what to do about it; the user that
// docs/redis.md describes is enough.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import { redisAclRules } from '../../services/notifier/redis/commands.ts';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { aCommandRecord } from '../support/commands.ts';
import { startNotifier } from '../support/notifier.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { ask } from '../support/redis-link.ts';
import { redisProgram, startRedisServer } from '../support/redis-server.ts';
import { LIMIT_MS, until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';
import { skipHere } from '../support/needs.ts';

async function ownRedis(t: TestContext): Promise<string | undefined> {
  const servers = await startOwnServers(t, ['redis']);
  if (typeof servers !== 'string') return servers.redis.address;
  skipHere(t, 'servers', servers);
  return undefined;
}

function changed(address: string, change: (url: URL) => void): string {
  const url = new URL(address);
  change(url);
  return url.href;
}

async function addUser(address: string, name: string, rules: readonly string[]): Promise<string> {
  await ask(address, async (redis) => await redis.call('ACL', 'SETUSER', name, 'on', '>secret', ...rules));
  return changed(address, (url) => {
    url.username = name;
    url.password = 'secret';
  });
}

/**
 * Runs the notifier until it ends by itself; it gets no further than Redis, so that it needs no
 * Kafka.
 */
async function runNotifier(
  t: TestContext,
  url: string,
): Promise<{ readonly code: number | null; readonly out: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-start-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const main = fileURLToPath(new URL('../../services/notifier/main.js', import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { REDIS_URL: url, KAFKA_BROKERS: '127.0.0.1:9', FOGHORN_NOTIFIER_ADMIN_PORT: '0', FOGHORN_LOG_FORMAT: 'json' },
    cwd: folder,
    timeout: LIMIT_MS,
  });
  const ended = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { code: child.exitCode, out: `${out}${err}` };
}

const FAULTS: readonly (readonly [what: string, said: RegExp, make: (address: string) => Promise<string> | string])[] =
  [
    [
      'a wrong password [alerting 23]',
      /refuses the user or the password/u,
      (at) => changed(at, (url) => (url.password = 'x')),
    ],
    [
      'no password [alerting 23]',
      /refuses the user or the password/u,
      (at) => changed(at, (url) => (url.password = '')),
    ],
    [
      'a database that it has not [alerting 22]',
      /no database of the number/u,
      (at) => changed(at, (url) => (url.pathname = '/99')),
    ],
    [
      'a user who may not use INFO [alerting 21]',
      /'info'.*docs\/redis\.md/u,
      async (at) => await addUser(at, 'noinfo', ['~*', '&*', '+@all', '-info']),
    ],
  ];

for (const [what, said, make] of FAULTS) {
  test(`Redis with ${what}: the start ends with 78 and the reason, and nothing was written`, async (t) => {
    const address = await ownRedis(t);
    if (address === undefined) return;
    const { code, out } = await runNotifier(t, await make(address));
    assert.equal(code, 78, out);
    assert.match(out, said);
    assert.equal(await ask(address, async (redis) => await redis.dbsize()), 0);
  });
}

test('Redis in cluster mode: the start ends with 78 and the reason [cluster R4]', async (t) => {
  const program = (await ownRedis(t)) === undefined ? undefined : redisProgram();
  if (program === undefined) return;
  const port = await startRedisServer(t, program, { lines: ['cluster-enabled yes'] });
  const { code, out } = await runNotifier(t, `redis://127.0.0.1:${port}`);
  assert.equal(code, 78, out);
  assert.match(out, /cluster mode/u);
});

test('a user with the listed commands and keys is enough, in a database of its own, for all that the notifier does [alerting 21, 22]', async (t) => {
  const address = await ownRedis(t);
  if (address === undefined) return;
  const keyPrefix = 'limited';
  const url = changed(
    await addUser(address, 'foghorn-notifier', redisAclRules(keyPrefix)),
    (to) => (to.pathname = '/3'),
  );
  const webhook = await startWebhookServer(t);
  const route = { receivers: ['hook', 'local'], group_by: ['rule'], group_wait: '0s', group_interval: '1s' };
  const receiver = hook(webhook);
  const notifier = await startNotifier(t, [receiver, 'local'], {
    REDIS_URL: url,
    FOGHORN_REDIS_KEY_PREFIX: keyPrefix,
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify(route),
    FOGHORN_NOTIFIER_INHIBIT_RULES: JSON.stringify([
      { source_matchers: ['severity="critical"'], target_matchers: ['severity="error"'], equal: ['host'] },
    ]),
  });
  const { incidentId } = anAlert({ host: 'one.example.org' });
  webhook.behave({ kind: 'answer', status: 503 });
  await notifier.kafka.producer.send([
    anAlertRecord({ host: 'one.example.org' }),
    anAlertRecord({ host: 'two.example.org' }),
    anAlertRecord({ host: 'two.example.org', number: 1 }),
  ]);
  await until('it was tried', () => webhook.requests() > 1);
  webhook.behave({ kind: 'take' });
  await until('it is notified', () => webhook.deliveries().length > 0);
  await notifier.kafka.producer.send([aCommandRecord({ kind: 'acknowledge', incidentId })]);
  await notifier.service.kill();
  await notifier.service.start();
  // As if it had been wiped: everything comes from Kafka again.
  await ask(address, async (redis) => await redis.flushall());
  await notifier.kafka.producer.send([aCommandRecord({ kind: 'resolve', incidentId })]);
  await until('the end is known', async () => (await notifier.incidents()).get(incidentId)?.state === 'resolved');
  const before = webhook.deliveries().length;
  await notifier.kafka.producer.send([anAlertRecord({ host: 'three.example.org' })]);
  await until('the next is notified', () => webhook.deliveries().length > before);
  await notifier.service.stop();
  assert.equal(await ask(address, async (redis) => await redis.dbsize()), 0, 'all is in the other database');
  const refused = await ask(address, async (redis) => await redis.call('ACL', 'LOG'));
  assert.deepEqual(refused, []);
});
