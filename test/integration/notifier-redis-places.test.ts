// Where Redis may be: behind Sentinels, which say where the primary is, and behind TLS with an
// authority and client certificates of its own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createRedis } from '../../services/notifier/redis/client.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { anAlertRecord } from '../support/alerts.ts';
import { CA_CERTIFICATE, OTHER_CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../support/certificates.ts';
import { quietLog } from '../support/log.ts';
import { startNotifier } from '../support/notifier.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { ask, follow } from '../support/redis-link.ts';
import { redisProgram, startRedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { skipHere } from '../support/needs.ts';

/** The program, after the local servers have fetched it. */
async function program(t: TestContext): Promise<string | undefined> {
  const servers = await startOwnServers(t, ['redis']);
  const found = typeof servers === 'string' ? undefined : redisProgram();
  if (found === undefined) skipHere(t, 'servers', 'there is no redis-server');
  return found;
}

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

test('Redis behind Sentinels: the notifier finds the primary, also after a fail-over [cluster R4]', async (t) => {
  const redis = await program(t);
  if (redis === undefined) return;
  const data = ['requirepass secret', 'masterauth secret', 'maxmemory-policy noeviction'];
  const first = await startRedisServer(t, redis, { lines: data });
  const second = await startRedisServer(t, redis, { lines: data });
  const [firstUrl, secondUrl] = [first, second].map((port) => `redis://:secret@127.0.0.1:${port}`) as [string, string];
  await follow(secondUrl, firstUrl);
  const sentinel = await startRedisServer(t, redis, {
    lines: [
      `sentinel monitor media 127.0.0.1 ${first} 1`,
      'sentinel auth-pass media secret',
      'sentinel down-after-milliseconds media 2000',
      'requirepass watcher',
    ],
    args: ['--sentinel'],
  });
  const sentinelUrl = `redis://:watcher@127.0.0.1:${sentinel}`;
  const replicas = async () =>
    await ask(sentinelUrl, async (client) => await client.call('SENTINEL', 'REPLICAS', 'media'));
  await until('the Sentinel knows the replica', async () => JSON.stringify(await replicas()).includes(String(second)));
  const notifier = await startNotifier(t, ['local'], {
    REDIS_URL: 'redis://:secret@sentinels.invalid/0',
    FOGHORN_REDIS_SENTINELS: `127.0.0.1:${sentinel}`,
    FOGHORN_REDIS_SENTINEL_NAME: 'media',
    FOGHORN_REDIS_SENTINEL_PASSWORD: 'watcher',
  });
  const notified = async (host: string): Promise<void> => {
    await notifier.kafka.producer.send([anAlertRecord({ host })]);
    await until(`${host} is notified`, () => notifier.alertsText().includes(host));
  };
  await notified('before.example.org');
  await ask(sentinelUrl, async (client) => await client.call('SENTINEL', 'FAILOVER', 'media'));
  await until('the other is the primary', async () =>
    (await ask(secondUrl, async (client) => await client.info('replication'))).includes('role:master'),
  );
  await notified('after.example.org');
});

test('Redis behind TLS with an authority and client certificates of its own: queues and all are served; another authority is refused [alerting 24]', async (t) => {
  const redis = await program(t);
  if (redis === undefined) return;
  const file = folderWith(t, {
    'ca.pem': CA_CERTIFICATE,
    'other.pem': OTHER_CA_CERTIFICATE,
    'cert.pem': SERVER_CERTIFICATE,
    'key.pem': SERVER_KEY,
  });
  const port = await startRedisServer(t, redis, {
    lines: [
      'tls-port',
      `tls-cert-file ${file('cert.pem')}`,
      `tls-key-file ${file('key.pem')}`,
      `tls-ca-cert-file ${file('ca.pem')}`,
      'tls-auth-clients yes',
      'maxmemory-policy noeviction',
    ],
  });
  const url = `rediss://127.0.0.1:${port}`;
  const own = { certFile: file('cert.pem'), keyFile: file('key.pem') };
  const other = createRedis({ url, keyPrefix: 'x', caFile: file('other.pem'), ...own }, quietLog);
  t.after(async () => await other.close());
  await assert.rejects(
    other.run(async (client) => await client.ping()),
    (error) => error instanceof Unavailable && /certificate/iu.test(error.message),
  );
  const notifier = await startNotifier(t, ['local'], {
    REDIS_URL: url,
    FOGHORN_REDIS_CA_FILE: file('ca.pem'),
    FOGHORN_REDIS_CERT_FILE: own.certFile,
    FOGHORN_REDIS_KEY_FILE: own.keyFile,
  });
  await notifier.kafka.producer.send([anAlertRecord({ host: 'media01.example.org' })]);
  await until('it is notified', () => notifier.alertsText().includes('media01.example.org'));
});
