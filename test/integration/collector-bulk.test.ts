// The Elasticsearch _bulk input and a real Kafka, with Elasticsearch's own client: its product
// check, its bulk helper, and what it says of refusals.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Client } from '@elastic/elasticsearch';
import { readEvent } from '../../shared/windows/read-event.ts';
import { startCollectorWith } from '../support/collector-input.ts';
import { metricSum } from '../support/service-process.ts';
import { until } from '../support/until.ts';

const TOKEN = '12345678-1234-1234-1234-123456789012';

async function startCollector(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const { port, service, proxy, stored } = await startCollectorWith(t, 'bulk', {
    FOGHORN_COLLECTOR_BULK_TOKENS: JSON.stringify({ fleet: TOKEN }),
    ...env,
  });
  const apiKey = Buffer.from(`any:${TOKEN}`).toString('base64');
  const client = new Client({ node: `http://127.0.0.1:${port}`, auth: { apiKey }, compression: true });
  t.after(async () => await client.close());
  return { service, proxy, client, stored };
}

/** Winlogbeat's documents as it writes them. */
function winlogbeatDocuments(): readonly object[] {
  return readFileSync('test/data/cases/53-winlogbeat-9.json', 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
}

test('Elasticsearch’s client takes it for what it speaks, and its bulk helper stores every document', async (t) => {
  const { service, client, stored } = await startCollector(t);
  assert.equal((await client.info()).version.number, '8.19.0');
  const documents: readonly object[] = [
    ...Array.from({ length: 500 }, (_, number) => ({ number })),
    ...winlogbeatDocuments(),
  ];
  const dropped: unknown[] = [];
  const outcome = await client.helpers.bulk({
    datasource: [...documents],
    flushBytes: 4096,
    concurrency: 3,
    onDocument: () => ({ create: { _index: 'winlogbeat-9.1.0' } }),
    onDrop: (drop) => void dropped.push(drop),
  });
  assert.deepEqual([outcome.successful, outcome.failed, dropped], [documents.length, 0, []]);
  const records = await stored(documents.length);
  assert.deepEqual(
    new Set(records.map(({ value }) => String(value))),
    new Set(documents.map((document) => JSON.stringify(document))),
  );
  for (const { headers } of records)
    assert.deepEqual([headers['input'], headers['sender'], headers['format']], ['bulk', 'fleet', 'json']);
  const read = records.filter(({ value }) => readEvent(value ?? Buffer.alloc(0), 'utf-8').kind === 'event');
  assert.equal(read.length, winlogbeatDocuments().length);
  assert.equal(await metricSum(service, 'foghorn_events_received_total'), documents.length);
});

test('Kafka away: 503, and what the client sends again is stored once it is back', async (t) => {
  const { proxy, client, stored } = await startCollector(t, { FOGHORN_COLLECTOR_DELIVER_TIMEOUT_MS: '1000' });
  const send = async (document: object) =>
    await client.bulk({ operations: [{ create: {} }, document] }, { maxRetries: 0, meta: true, ignore: [503] });
  assert.equal((await send({ at: 'before' })).statusCode, 200);
  proxy.pause();
  assert.equal((await send({ at: 'during' })).statusCode, 503);
  proxy.resume();
  await until('Kafka is back', async () => (await send({ at: 'during' })).statusCode === 200);
  const values = (await stored(2)).map(({ value }) => String(value));
  assert.deepEqual(new Set(values), new Set(['{"at":"before"}', '{"at":"during"}']));
});

test('a wrong token: the client says that it may not log in', async (t) => {
  const { client } = await startCollector(t, {
    FOGHORN_COLLECTOR_BULK_TOKENS: JSON.stringify({ fleet: 'another-token-of-the-fleet' }),
  });
  await assert.rejects(client.info(), { statusCode: 401, message: /security_exception/u });
});
