// The Lumberjack input with Elastic's own client and a real Kafka: everything arrives once,
// whatever happens in between.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import {
  CA_CERTIFICATE,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../support/certificates.ts';
import { testKafka } from '../support/kafka.ts';
import { createKafkaProxy } from '../support/kafka-proxy.ts';
import { lumberjackClient, sendWithClient } from '../support/lumberjack-client.ts';
import { skipWithout } from '../support/needs.ts';
import { pemFiles } from '../support/pem-files.ts';
import { metricSum, startService } from '../support/service-process.ts';
import { until } from '../support/until.ts';

const client = lumberjackClient();
const skip = skipWithout('go', 'missing' in client ? client.missing : undefined);
const path = 'path' in client ? client.path : '';

async function startCollector(
  t: TestContext,
  {
    env = {},
    isBehindProxy = false,
  }: { readonly env?: Readonly<Record<string, string>>; readonly isBehindProxy?: boolean } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-lumberjack-'));
  const kafka = await testKafka(t);
  const [broker = ''] = kafka.settings.brokers;
  const proxy = isBehindProxy ? await createKafkaProxy(broker) : undefined;
  const port = await choosePort();
  const service = await startService(
    'collector',
    {
      KAFKA_BROKERS: proxy?.address ?? broker,
      FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
      FOGHORN_COLLECTOR_HTTP_ENABLED: 'false',
      FOGHORN_COLLECTOR_LUMBERJACK_ENABLED: 'true',
      FOGHORN_COLLECTOR_LUMBERJACK_PORT: String(port),
      ...env,
    },
    folder,
  );
  t.after(async () => {
    await service.stop();
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const stored = async (count: number) => await kafka.readUntil('raw', count);
  const send = async (events: readonly string[], options: Readonly<Record<string, string | number>> = {}) =>
    await sendWithClient(path, events, { address: `127.0.0.1:${port}`, ...options });
  return { service, proxy, stored, send };
}

function madeEvents(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      '@timestamp': '2026-02-01T10:00:00.000Z',
      '@metadata': { beat: 'winlogbeat', version: '8.17.0', type: '_doc' },
      winlog: { computer_name: `host-${index % 7}`, record_id: index, event_id: '4624', channel: 'Security' },
      message: 'x'.repeat(index % 1500),
    }),
  );
}

for (const options of [
  { level: 0 },
  { level: 3 },
  { level: 9, window: 1 },
  { level: 0, inflight: 2, window: 50 },
  { level: 3, inflight: 4, window: 500 },
])
  test(`go-lumber with ${JSON.stringify(options)}: every event is stored once and acknowledged`, {
    skip,
  }, async (t) => {
    const { stored, send } = await startCollector(t);
    const events = madeEvents('window' in options && options.window === 1 ? 100 : 3000);
    assert.deepEqual(await send(events, options), { acknowledged: events.length, connections: 1, error: '' });
    const records = await stored(events.length);
    assert.deepEqual(records.map(({ value }) => String(value)).sort(), [...events].sort());
    assert.deepEqual(new Set(records.map(({ headers }) => headers['agent'])), new Set(['winlogbeat/8.17.0']));
  });

test('go-lumber by TLS: the sender is its certificate', { skip }, async (t) => {
  const file = pemFiles(t);
  const ca = file(CA_CERTIFICATE);
  const { stored, send } = await startCollector(t, {
    env: {
      FOGHORN_COLLECTOR_LUMBERJACK_TLS_CERT: file(SERVER_CERTIFICATE),
      FOGHORN_COLLECTOR_LUMBERJACK_TLS_KEY: file(SERVER_KEY),
      FOGHORN_COLLECTOR_LUMBERJACK_CLIENT_CA_FILE: ca,
    },
  });
  const events = madeEvents(300);
  const own = { ca, cert: file(CLIENT_CERTIFICATE), key: file(CLIENT_KEY) };
  assert.deepEqual(await send(events, own), { acknowledged: 300, connections: 1, error: '' });
  const [first] = await stored(300);
  assert.equal(first?.headers['sender'], 'client');
  const stranger = await send(events, { ca, 'retry-for': '100ms' });
  assert.equal(stranger.acknowledged, 0);
  assert.notEqual(stranger.error, '');
});

test('Kafka is silent for longer than the client waits: it keeps its connection and sends nothing again', {
  skip,
}, async (t) => {
  const { proxy, service, stored, send } = await startCollector(t, {
    isBehindProxy: true,
    env: { FOGHORN_COLLECTOR_LUMBERJACK_KEEP_ALIVE_MS: '300' },
  });
  await send(madeEvents(10));
  proxy?.pause();
  const events = madeEvents(500);
  const began = performance.now();
  const sending = send(events, { timeout: '2s', window: 100, inflight: 2 });
  await until('the window is under way', async () => (await metricSum(service, 'foghorn_in_flight_bytes')) > 0);
  await until('longer than the client waits', () => performance.now() - began > 6000);
  proxy?.resume();
  assert.deepEqual(await sending, { acknowledged: 500, connections: 1, error: '' });
  assert.equal((await stored(510)).length, 510);
});

test('the collector is killed and started again: the client sends again what was not acknowledged, and nothing is lost', {
  skip,
}, async (t) => {
  const { service, stored, send } = await startCollector(t);
  const events = madeEvents(20_000);
  const sending = send(events, { window: 200 });
  await until('some are stored', async () => (await metricSum(service, 'foghorn_events_received_total')) > 1000);
  await service.kill();
  await service.start();
  const { acknowledged, connections, error } = await sending;
  assert.deepEqual([acknowledged, error], [events.length, '']);
  assert.ok(connections > 1);
  const values = new Set((await stored(events.length)).map(({ value }) => String(value)));
  assert.ok(values.size <= events.length);
  assert.deepEqual(
    events.filter((event) => !values.has(event)),
    [],
  );
});

test('SIGTERM: open windows are acknowledged, the others go elsewhere, and nothing is stored twice', {
  skip,
}, async (t) => {
  const { service, stored, send } = await startCollector(t);
  const events = madeEvents(20_000);
  const sending = send(events, { window: 200 });
  await until('some are stored', async () => (await metricSum(service, 'foghorn_events_received_total')) > 1000);
  assert.equal(await service.stop(), 0);
  await service.start();
  const { acknowledged, error } = await sending;
  assert.deepEqual([acknowledged, error], [events.length, '']);
  const values = (await stored(events.length)).map(({ value }) => String(value));
  assert.deepEqual([values.length, new Set(values).size], [events.length, events.length]);
});
