// How a cluster is reached: any of several nodes, with a key or a password, compressed where that
// is asked for.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  createElasticsearch,
  type Elasticsearch,
  type ElasticsearchSettings,
  elasticsearchSettings,
} from '../../../../shared/elasticsearch/client.ts';
import { ConfigError, Unavailable } from '../../../../shared/runtime/errors.ts';
import { listen } from '../../../support/http-server.ts';

interface Seen {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function node(t: TestContext): Promise<{ readonly url: string; readonly seen: Seen[]; stop(): void }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });
      response.end('{}');
    });
  });
  const port = await listen(server);
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.after(stop);
  return { url: `http://127.0.0.1:${port}`, seen, stop };
}

function connect(t: TestContext, settings: Partial<ElasticsearchSettings>): Elasticsearch {
  const elasticsearch = createElasticsearch({ ...elasticsearchSettings.parse({}), ...settings });
  t.after(async () => await elasticsearch.close());
  return elasticsearch;
}

test('requests go round the nodes, and past one that is away', async (t) => {
  const [first, second] = [await node(t), await node(t)];
  const elasticsearch = connect(t, { nodes: [first.url, second.url] });
  const ask = async (): Promise<unknown> => await elasticsearch.request({ method: 'GET', path: '/' });
  for (let count = 0; count < 6; count += 1) await ask();
  assert.deepEqual([first.seen.length, second.seen.length], [3, 3]);
  first.stop();
  let faults = 0;
  for (let count = 0; count < 6; count += 1)
    await ask().catch((error: unknown) => {
      assert.ok(error instanceof Unavailable);
      faults += 1;
    });
  assert.ok(faults <= 1, `${faults} requests went to the node that is away`);
  assert.ok(second.seen.length >= 8);
});

test('a key, or a user with a password, in the words of HTTP', async (t) => {
  const { url, seen } = await node(t);
  await connect(t, { nodes: [url], apiKey: 'a2V5' }).request({ method: 'GET', path: '/' });
  await connect(t, { nodes: [url], username: 'fog', password: 'horn' }).request({ method: 'GET', path: '/' });
  assert.deepEqual(
    seen.map(({ headers }) => headers.authorization),
    ['ApiKey a2V5', `Basic ${Buffer.from('fog:horn').toString('base64')}`],
  );
});

test('bulk requests are compressed where that is set, and are the same inside', async (t) => {
  const { url, seen } = await node(t);
  const body = Buffer.from(`{"create":{"_id":"a"}}\n${JSON.stringify({ text: 'x'.repeat(5000) })}\n`);
  for (const compression of [true, false])
    await connect(t, { nodes: [url], compression }).request({ method: 'POST', path: '/i/_bulk', body });
  const [packed, plain] = seen;
  assert.equal(packed?.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(packed?.body ?? Buffer.alloc(0)), body);
  assert.ok((packed?.body.length ?? 0) < 1000);
  assert.equal(plain?.headers['content-encoding'], undefined);
  assert.deepEqual(plain?.body, body);
});

test('a certificate file that cannot be read is said to be so', () => {
  const settings = { ...elasticsearchSettings.parse({}), caFile: '/no/such/ca.pem' };
  assert.throws(
    () => createElasticsearch(settings),
    (error) => error instanceof ConfigError && error.message.includes('ca.pem'),
  );
});
