// Settings read anew in mid-run: no incident changes by it, no message repeats, none is lost;
// settings that cannot be used are refused and reported.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { anAlertRecord } from '../support/alerts.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { testKafka } from '../support/kafka.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { testRedis } from '../support/redis.ts';
import { requiredEnv } from '../support/servers.ts';
import { startService } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const HOSTS = 60;
const ROUNDS = 4;

const TO_FIRST = 'notifier: { route: { receiver: first, group_by: ["..."], group_wait: 0s, repeat_interval: 0s } }\n';
const TO_SECOND = 'notifier: { route: { receiver: second, group_by: ["..."], group_wait: 0s, repeat_interval: 0s } }\n';
const BROKEN = 'notifier: { route: { receiver: first, group_wait: soon }, unheardOf: 1 }\n';
/** Fits the schema; that the receiver is missing shows only at the start. */
const UNKNOWN_RECEIVER = 'notifier: { route: { receiver: nobody } }\n';

interface Setting {
  readonly notifier: TestNotifier;
  readonly first: WebhookServer;
  readonly second: WebhookServer;
  /** Writes the file and asks for a reload. */
  reload(text: string): Promise<void>;
}

async function start(t: TestContext): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-reload-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'foghorn.yaml');
  writeFileSync(file, TO_FIRST);
  const [first, second] = await Promise.all([startWebhookServer(t), startWebhookServer(t)]);
  const receivers = [hook(first, { name: 'first' }), hook(second, { name: 'second' })];
  const notifier = await startNotifier(t, receivers, { FOGHORN_CONFIG: file });
  return {
    notifier,
    first,
    second,
    reload: async (text) => {
      writeFileSync(file, text);
      notifier.service.hangUp();
      await Promise.resolve();
    },
  };
}

async function gauge({ service }: Pick<TestNotifier, 'service'>, name: string): Promise<number | undefined> {
  return [...(await service.metrics(name)).values()][0];
}

async function untilTakenOver(notifier: Pick<TestNotifier, 'service'>, work: () => Promise<void>): Promise<void> {
  const at = async () => (await gauge(notifier, 'foghorn_config_last_reload_success_timestamp_seconds')) ?? 0;
  const before = await at();
  await work();
  await until('the settings are taken over', async () => (await at()) > before);
}

async function untilRefused(notifier: TestNotifier, work: () => Promise<void>): Promise<void> {
  await work();
  await until('they are refused', async () => (await gauge(notifier, 'foghorn_config_last_reload_successful')) === 0);
}

function hosts(group: string, count = HOSTS): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${group}${index}.example.org`);
}

test('reloads in mid-run change no incident and repeat no message (alertmanager 627, 2417)', async (t) => {
  const { notifier, first, second, reload } = await start(t);
  const names = hosts('media');
  for (let number = 0; number < ROUNDS; number += 1) {
    await notifier.kafka.producer.send(names.map((host) => anAlertRecord({ host, number })));
    await untilTakenOver(notifier, async () => await reload(TO_FIRST));
  }
  await until('every event is counted', async () => {
    const incidents = [...(await notifier.incidents()).values()];
    return incidents.reduce((sum, { totalCount }) => sum + totalCount, 0) === HOSTS * ROUNDS;
  });
  await until('everybody is notified', () => first.alerts().length === HOSTS);
  const incidents = await notifier.incidents();
  assert.equal(incidents.size, HOSTS);
  for (const { episode, state } of incidents.values()) assert.deepEqual([episode, state], [1, 'open']);
  assert.equal(first.requests(), HOSTS);
  assert.equal(second.requests(), 0);
  const opened = (await notifier.actions()).filter(({ type }) => type === 'opened');
  assert.equal(opened.length, HOSTS);
});

test('a new route counts for what comes after; settings that cannot be used are refused, and nothing stops for them', async (t) => {
  const { notifier, first, second, reload } = await start(t);
  await notifier.kafka.producer.send(hosts('a', 5).map((host) => anAlertRecord({ host })));
  await until('the first receiver is notified', () => first.alerts().length === 5);
  await untilRefused(notifier, async () => await reload(BROKEN));
  await notifier.kafka.producer.send(hosts('b', 5).map((host) => anAlertRecord({ host })));
  await until('it goes on', () => first.alerts().length === 10);

  await untilTakenOver(notifier, async () => await reload(TO_SECOND));
  assert.equal(await gauge(notifier, 'foghorn_config_last_reload_successful'), 1);
  await notifier.kafka.producer.send(hosts('c', 5).map((host) => anAlertRecord({ host })));
  await until('the second receiver is notified', () => second.alerts().length === 5);

  await untilRefused(notifier, async () => await reload(UNKNOWN_RECEIVER));
  await notifier.kafka.producer.send(hosts('d', 5).map((host) => anAlertRecord({ host })));
  await until('the settings before are back', () => second.alerts().length === 10);
  assert.equal(first.requests(), 10);
  assert.equal(second.requests(), 10);
  assert.equal(await notifier.service.stop(), 0);
});

test('a file that cannot even be read as YAML is refused at a reload, and the service lives on [security M11]', async (t) => {
  const { notifier, first, reload } = await start(t);
  const bomb = Array.from({ length: 9 }, (_, n) => `x${n}: &a${n} [${n === 0 ? '1' : `*a${n - 1}, `.repeat(9)}]`).join(
    '\n',
  );
  for (const text of [
    'x: *nope\n',
    bomb,
    'notifier: {}\nnotifier: {}\n',
    'notifier:\n\troute: {}\n',
    '\0',
    `a: ${'['.repeat(50_000)}`,
  ]) {
    await untilTakenOver(notifier, async () => await reload(TO_FIRST));
    await untilRefused(notifier, async () => await reload(text));
  }
  await notifier.kafka.producer.send(hosts('y', 3).map((host) => anAlertRecord({ host })));
  await until('it goes on', () => first.alerts().length === 3);
  assert.equal(await notifier.service.stop(), 0);
});

test('a secret in a file of its own is read again at a reload [issue 11]', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-reload-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const webhook = await startWebhookServer(t);
  const [file, header] = [join(folder, 'foghorn.yaml'), join(folder, 'header')];
  writeFileSync(header, 'one\n');
  writeFileSync(file, TO_FIRST);
  const receiver = {
    name: 'first',
    kind: 'webhook',
    url: webhook.url,
    allowPrivate: true,
    headers: { 'x-key': { file: header } },
  };
  const notifier = await startNotifier(t, [receiver], { FOGHORN_CONFIG: file });
  await notifier.kafka.producer.send([anAlertRecord({ host: 'one' })]);
  await until('it is notified', () => webhook.alerts().length === 1);
  writeFileSync(header, 'two\n');
  await untilTakenOver(notifier, async () => await Promise.resolve(notifier.service.hangUp()));
  await notifier.kafka.producer.send([anAlertRecord({ host: 'two' })]);
  await until('it is notified', () => webhook.alerts().length === 2);
  assert.deepEqual(
    webhook.deliveries().map(({ headers }) => headers['x-key']),
    ['one', 'two'],
  );
});

for (const name of ['collector', 'enricher', 'indexer', 'console'] as const)
  test(`the ${name} starts again in its process with settings read anew`, async (t) => {
    const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
    const redis = testRedis(t);
    const folder = mkdtempSync(join(tmpdir(), 'foghorn-reload-'));
    const file = join(folder, 'foghorn.yaml');
    writeFileSync(file, 'log: { level: info }\n');
    const service = await startService(
      name,
      {
        FOGHORN_CONFIG: file,
        KAFKA_BROKERS: requiredEnv('KAFKA_BROKERS'),
        ELASTICSEARCH_URL: requiredEnv('ELASTICSEARCH_URL'),
        REDIS_URL: redis.url,
        FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
        FOGHORN_ELASTICSEARCH_NAMESPACE: corner.settings.namespace,
        FOGHORN_COLLECTOR_HTTP_PORT: '0',
        FOGHORN_CONSOLE_HTTP_PORT: '0',
      },
      folder,
    );
    t.after(async () => {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const pid = service.pid();
    await untilTakenOver({ service }, async () => {
      writeFileSync(file, 'log: { level: debug }\n');
      service.hangUp();
      await Promise.resolve();
    });
    await until('it is ready', async () => (await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).ok);
    assert.equal(service.pid(), pid);
    assert.equal(await service.stop(), 0);
  });
