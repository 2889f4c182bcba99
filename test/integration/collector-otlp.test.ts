// The OTLP input and a real Kafka: what is answered is there, the reader finds the events, and a
// request that was refused while Kafka was away is stored once it is back.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readEvent } from '../../shared/windows/read-event.ts';
import { startCollectorWith } from '../support/collector-input.ts';
import { type LogRecord, protobufRequest } from '../support/otlp.ts';
import { metricSum } from '../support/service-process.ts';
import { until } from '../support/until.ts';

const TOKEN = '12345678-1234-1234-1234-123456789012';

async function startCollector(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const started = await startCollectorWith(t, 'otlp', {
    FOGHORN_COLLECTOR_OTLP_TOKENS: JSON.stringify({ fleet: TOKEN }),
    ...env,
  });
  const post = async (records: readonly LogRecord[]) =>
    await fetch(`http://127.0.0.1:${started.port}/v1/logs`, {
      method: 'POST',
      body: gzipSync(protobufRequest(records)),
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
        authorization: `Bearer ${TOKEN}`,
        'user-agent': 'OpenTelemetry Collector Contrib/0.150.0 (windows/amd64)',
      },
    });
  return { ...started, post };
}

function recordOf(number: number): LogRecord {
  return {
    timeUnixNano: '1795165200250000000',
    severityNumber: 17,
    body: {
      channel: 'Application',
      computer: `host-${number % 7}`,
      event_id: { id: 309, qualifiers: 49_152 },
      provider: { name: 'WMServer', guid: '', event_source: '' },
      record_id: number,
      system_time: '2026-11-20T09:00:00.2500000Z',
      message: 'x'.repeat(number % 900),
      event_data: { param1: '8080' },
    },
  };
}

test('log records by the thousand: each is stored once, with its sender, and read as its event', async (t) => {
  const { post, service, stored } = await startCollector(t);
  const records = Array.from({ length: 3000 }, (_, number) => recordOf(number));
  const { status, headers } = await post(records);
  assert.deepEqual([status, headers.get('content-length')], [200, '0']);
  const found = await stored(records.length);
  assert.equal(found.length, records.length);
  const numbers = new Set<unknown>();
  for (const { key, value, headers: own } of found) {
    const read = readEvent(value ?? Buffer.alloc(0), 'utf-8');
    assert.ok(read.kind === 'event', String(value));
    assert.deepEqual([read.event.form, read.event.eventId], ['opentelemetry', 309]);
    assert.equal(String(key), read.event.computer);
    assert.deepEqual([own['input'], own['sender']], ['otlp', 'fleet']);
    assert.match(String(own['agent']), /^OpenTelemetry Collector Contrib\/0\.150\.0/u);
    numbers.add(read.event.recordId);
  }
  assert.equal(numbers.size, records.length);
  assert.equal(await metricSum(service, 'foghorn_events_received_total'), records.length);
});

test('Kafka away: 503 with Retry-After, and the same request is stored once it is back', async (t) => {
  const { post, proxy, stored } = await startCollector(t, { FOGHORN_COLLECTOR_DELIVER_TIMEOUT_MS: '1000' });
  assert.equal((await post([{ body: 'before' }])).status, 200);
  proxy.pause();
  const { status, headers } = await post([{ body: 'during' }]);
  assert.deepEqual([status, headers.get('retry-after')], [503, '5']);
  proxy.resume();
  await until('Kafka is back', async () => (await post([{ body: 'during' }])).status === 200);
  const values = (await stored(2)).map(({ value }) => String(value));
  assert.deepEqual(new Set(values), new Set(['{"body":"before"}', '{"body":"during"}']));
});
