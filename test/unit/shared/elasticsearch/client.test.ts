// The client's settings and its errors, against a server that answers badly.
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import {
  createElasticsearch,
  type ElasticsearchSettings,
  elasticsearchSettings,
  reasonText,
} from '../../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../../shared/elasticsearch/names.ts';
import { ConfigError, Unavailable } from '../../../../shared/runtime/errors.ts';
import { startHttpServer } from '../../../support/http-server.ts';

const DEFAULTS: ElasticsearchSettings = elasticsearchSettings.parse({});

async function against(t: TestContext, listener: RequestListener, more: Partial<ElasticsearchSettings> = {}) {
  const elasticsearch = createElasticsearch({ ...DEFAULTS, ...more, nodes: [await startHttpServer(t, listener)] });
  t.after(async () => await elasticsearch.close());
  return elasticsearch;
}

const HEADERS = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };

test('names of data streams and index', () => {
  const own = { incidentIndex: 'i', catalogIndex: 'c', sourceIndex: 's' };
  const settings = { dataset: 'windows.forwarded.foghorn', namespace: 'prod', ...own };
  assert.deepEqual(indexNames(settings), {
    events: 'logs-windows.forwarded.foghorn-prod',
    actions: 'logs-foghorn.actions-prod',
    deadLetters: 'logs-foghorn.dead_letters-prod',
    incidents: 'i',
    catalog: 'c',
    sources: 's',
  });
  for (const namespace of ['with-hyphen', 'Upper', '', 'a*', 'a b', '_a'])
    assert.equal(elasticsearchSettings.safeParse({ namespace }).success, false, namespace);
});

test('credentials that contradict or would show are refused', () => {
  assert.throws(() => createElasticsearch({ ...DEFAULTS, apiKey: 'k', username: 'u' }), ConfigError);
  const withPassword = { ...DEFAULTS, nodes: ['http://u:geheim@127.0.0.1:9200'] };
  assert.throws(
    () => createElasticsearch(withPassword),
    (error) => error instanceof ConfigError && !error.message.includes('geheim'),
  );
  assert.throws(() => createElasticsearch({ ...DEFAULTS, caFile: '/nowhere/ca.pem' }), ConfigError);
});

test('refusals that are the asker’s matter come back as values', async (t) => {
  const elasticsearch = await against(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), HEADERS).end('{"error":{"type":"a","reason":"b"}}');
  });
  for (const status of [400, 404, 409, 413]) {
    const answer = await elasticsearch.request({ method: 'GET', path: `/${status}` });
    assert.deepEqual([answer.status, reasonText(answer.body)], [status, 'a: b']);
  }
});

test('everything else is Unavailable, asked once, and says what to do', async (t) => {
  let asked = 0;
  const elasticsearch = await against(t, (request, response) => {
    asked += 1;
    response
      .writeHead(Number(request.url?.slice(1)), { ...HEADERS, 'retry-after': '7' })
      .end('{"error":{"type":"a","reason":"b"}}');
  });
  for (const [status, words] of [
    [401, /check elasticsearch.apiKey/u],
    [403, /lack a privilege/u],
    [429, /asks for less/u],
    [503, /answered 503: a: b/u],
  ] as const)
    await assert.rejects(
      elasticsearch.request({ method: 'GET', path: `/${status}` }),
      (error) => error instanceof Unavailable && words.test(error.message) && error.retryAfterMs === 7000,
    );
  assert.equal(asked, 4);
});

test('a stranger, a broken answer and nobody at all are Unavailable', async (t) => {
  const stranger = await against(t, (_, response) => void response.writeHead(200).end('hello'));
  assert.match((await stranger.ready()) ?? '', /is not Elasticsearch/u);
  const broken = await against(t, (_, response) => void response.writeHead(200, HEADERS).end('{"a":'));
  await assert.rejects(broken.request({ method: 'GET', path: '/' }), Unavailable);
  const hangsUp = await against(t, (request) => void request.socket.destroy());
  await assert.rejects(hangsUp.request({ method: 'GET', path: '/' }), Unavailable);
});

test('the text of a fault, whatever answered', () => {
  assert.equal(reasonText('<html>bad gateway</html>'), '<html>bad gateway</html>');
  assert.equal(reasonText(undefined), 'it gave no reason');
  assert.equal(reasonText({ error: 'no handler found' }), 'no handler found');
});

for (const [what, listener] of [
  ['hangs up', (request) => void request.once('data', () => request.socket.destroy())],
  [
    'puts off',
    (request, response) => void request.resume().once('end', () => response.writeHead(429, HEADERS).end('{}')),
  ],
] as const satisfies readonly (readonly [string, RequestListener])[])
  test(`a request that ${what} costs no copies of its body, and its error knows neither body nor credentials`, async (t) => {
    const elasticsearch = await against(t, listener, { apiKey: 'Z2VoZWlt' });
    const body = Buffer.alloc(4 * 1024 * 1024, 'a');
    const before = process.memoryUsage().heapUsed;
    const asked = elasticsearch.request({ method: 'POST', path: '/_bulk', body });
    const error = await asked.catch((thrown: unknown) => thrown);
    const grownMegabytes = (process.memoryUsage().heapUsed - before) / 1_048_576;
    assert.ok(error instanceof Unavailable);
    assert.ok(grownMegabytes < 100, `${grownMegabytes.toFixed(0)} MB`);
    const shown = inspect(error, { depth: 20, showHidden: true });
    assert.ok(!shown.includes('Z2VoZWlt') && shown.length < 10_000, shown.slice(0, 1000));
  });
