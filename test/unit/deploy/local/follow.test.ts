// Following the sample: with the names and the credentials of the settings, to the stage that
// failed, and no longer than it is wanted.
import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener } from 'node:http';
import { test, type TestContext } from 'node:test';
import { followSamples, type Way } from '../../../../deploy/local/follow.ts';
import { elasticsearchSettings } from '../../../../shared/elasticsearch/client.ts';
import { startHttpServer } from '../../../support/http-server.ts';

const SAMPLES = [{ name: 'a sample', contentType: 'application/xml', body: '<Event/>' }];
const TOKEN = 'a token of 16 characters';
const API_KEY = 'a2V5OnNlY3JldA==';

const DOCUMENTS: Readonly<Record<string, unknown>> = {
  '/logs-own.events-prod/_search': {
    rule: { id: 'wmserver-309', version: '1' },
    event: { id: 'e1' },
    server: { port: 80 },
  },
  '/own-incidents/_search': { foghorn: { incident: { id: 'i1', episode: 1, total_count: 1, state: 'open' } } },
  '/logs-foghorn.actions-prod/_search': { foghorn: { action: { receiver: 'local', time_to_alert_ms: 5 } } },
};

const collector: RequestListener = (request, response) => {
  const isKnown = request.headers.authorization === `Bearer ${TOKEN}`;
  const offsets = [{ partition: 3, first: '7', last: '7' }];
  response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(isKnown ? { offsets } : { error: 'who are you?' }));
};

/** A cluster that wants an API key; `find` gives the document of an index. */
function cluster(find: (path: string) => unknown): RequestListener {
  const answerTo = (request: IncomingMessage): readonly [number, unknown] => {
    if (request.headers.authorization !== `ApiKey ${API_KEY}`)
      return [401, { error: { type: 'security_exception', reason: 'missing authentication credentials' } }];
    const document = find(new URL(request.url ?? '', 'http://fake').pathname);
    return [200, { hits: { hits: document === undefined ? [] : [{ _source: document }] } }];
  };
  return (request, response) => {
    request.resume();
    const [status, body] = answerTo(request);
    response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    response.end(JSON.stringify(body));
  };
}

interface Followed {
  readonly way: Way;
  readonly said: readonly string[];
}

async function wayOf(t: TestContext, find: (path: string) => unknown, changes: Partial<Way> = {}): Promise<Followed> {
  const said: string[] = [];
  const elasticsearch = elasticsearchSettings.parse({
    nodes: [await startHttpServer(t, cluster(find))],
    apiKey: API_KEY,
    dataset: 'own.events',
    namespace: 'prod',
    incidentIndex: 'own-incidents',
  });
  const way: Way = {
    eventsUrl: await startHttpServer(t, collector),
    token: TOKEN,
    topicPrefix: 'own',
    elasticsearch,
    recordId: 1,
    signal: new AbortController().signal,
    say: (stage, text) => said.push(`${stage}: ${text}`),
    ...changes,
  };
  return { way, said };
}

test('a secured cluster and a collector with tokens, under names of their own', async (t) => {
  const { way, said } = await wayOf(t, (path) => DOCUMENTS[path]);
  await followSamples(SAMPLES, way);
  assert.deepEqual(
    said.map((line) => line.split(':')[0]),
    ['accepted', 'matched entry', 'tagged', 'in Elasticsearch', 'incident', 'delivered'],
  );
  assert.equal(said[0], 'accepted: a sample: own.raw partition 3 offset 7');
  assert.equal(said[3], 'in Elasticsearch: logs-own.events-prod, _id e1');
});

test('refused credentials are said at once, with the stage', async (t) => {
  const { way } = await wayOf(t, (path) => DOCUMENTS[path]);
  const elasticsearch = { ...way.elasticsearch, apiKey: 'wrong' };
  const failure = { name: 'StageFailed', message: /^document in Elasticsearch: .*401.*elasticsearch\.apiKey/u };
  await assert.rejects(followSamples(SAMPLES, { ...way, elasticsearch }), failure);
  await assert.rejects(
    followSamples(SAMPLES, { ...way, token: undefined }),
    /^StageFailed: accepted: .* answered 401/u,
  );
});

test('whoever stops it does not wait for what is looked for', async (t) => {
  const ending = new AbortController();
  const { way, said } = await wayOf(
    t,
    (path) => {
      if (!path.includes('incidents')) return DOCUMENTS[path];
      setImmediate(() => ending.abort(new Error('stopped by SIGINT')));
      return undefined;
    },
    { signal: ending.signal },
  );
  await assert.rejects(followSamples(SAMPLES, way), (error: Error) => error.name !== 'StageFailed');
  assert.match(said.at(-1) ?? '', /^in Elasticsearch/u);
});
