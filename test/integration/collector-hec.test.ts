// The Splunk HEC input and a real Kafka, with requests as its clients write them: what is answered
// is there byte for byte, and the reader finds the events.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readEvent } from '../../shared/windows/read-event.ts';
import { startCollectorWith } from '../support/collector-input.ts';
import { metricSum } from '../support/service-process.ts';
import { until } from '../support/until.ts';

const TOKEN = '12345678-1234-1234-1234-123456789012';
const CHANNEL = '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba';

async function startCollector(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const { port, service, proxy, stored } = await startCollectorWith(t, 'hec', {
    FOGHORN_COLLECTOR_HEC_TOKENS: JSON.stringify({ fleet: TOKEN }),
    ...env,
  });
  const post = async (path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) => {
    const authorization = `Splunk ${TOKEN}`;
    const url = `http://127.0.0.1:${port}/services/collector${path}`;
    const response = await fetch(url, { method: 'POST', body, headers: { authorization, ...headers } });
    return { status: response.status, answer: (await response.json()) as Readonly<Record<string, unknown>> };
  };
  return { service, proxy, post, stored };
}

/** The body of a case (test/data/cases), whose events are two. */
function bodyOf(name: string): string {
  return readFileSync(`test/data/cases/${name}.json`, 'utf8').trim();
}

test('requests of Splunk, Fluent Bit and Vector: every event is stored as it came, and read', async (t) => {
  const { service, post, stored } = await startCollector(t);
  const channel = { 'x-splunk-request-channel': CHANNEL };
  const [splunk = ''] = bodyOf('11-splunk-hec').split('\n');
  const objects = bodyOf('88-splunk-hec-object');
  const [fluentBit, vector] = [bodyOf('95-fluent-bit-hec'), bodyOf('94-vector-hec')];
  assert.equal((await post('/event/1.0', splunk)).status, 200);
  assert.equal((await post('', objects)).status, 200);
  assert.equal((await post('/event', fluentBit, { 'user-agent': 'Fluent-Bit' })).status, 200);
  const packed = await post('/event', gzipSync(vector), { ...channel, 'content-encoding': 'gzip' });
  assert.deepEqual(packed.answer, { text: 'Success', code: 0, ackId: 0 });
  assert.deepEqual((await post(`/ack?channel=${CHANNEL}`, '{"acks":[0]}')).answer, { acks: { 0: true } });
  const records = await stored(7);
  const bodies = splunk + objects + fluentBit + vector;
  assert.equal(
    records.reduce((sum, { value }) => sum + String(value).length, 0),
    bodies.length,
  );
  for (const { value, headers } of records) {
    assert.ok(bodies.includes(String(value)));
    const read = readEvent(value ?? Buffer.alloc(0), 'utf-8');
    assert.equal(read.kind, 'event', String(value));
    assert.deepEqual([headers['input'], headers['sender']], ['hec', 'fleet']);
  }
  assert.equal(await metricSum(service, 'foghorn_events_received_total'), 7);
});

test('Kafka away: code 9, and the same request is stored once it is back', async (t) => {
  const { proxy, post, stored } = await startCollector(t, { FOGHORN_COLLECTOR_DELIVER_TIMEOUT_MS: '1000' });
  assert.equal((await post('/event', '{"event":"before"}')).status, 200);
  proxy.pause();
  const { status, answer } = await post('/event', '{"event":"during"}');
  assert.deepEqual([status, answer['code']], [503, 9]);
  proxy.resume();
  await until('Kafka is back', async () => (await post('/event', '{"event":"during"}')).status === 200);
  const values = (await stored(2)).map(({ value }) => String(value));
  assert.deepEqual(new Set(values), new Set(['{"event":"before"}', '{"event":"during"}']));
});
