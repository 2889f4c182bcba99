// An Elasticsearch with everything that comes with a licence, as far as setting up asks for it: what is put is there, and is given back the way a cluster does.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A fake cluster. */
export interface FakeElasticsearch {
  readonly url: string;
  /** What is there, by path, e.g. `/_ilm/policy/x`. */
  readonly store: Map<string, Readonly<Record<string, unknown>>>;
  /** Every request but those that only look, as `PUT /path`. */
  readonly changes: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const SERVERLESS = /^\/_ilm\//u;

/** What the cluster is like. `isServerless` refuses lifecycle policies the way serverless does. */
export interface FakeOptions {
  readonly isServerless?: boolean;
  readonly version?: string;
}

/** Starts it; it stops with the test. */
export async function fakeElasticsearch(
  t: TestContext,
  { isServerless = false, version = '9.1.0' }: FakeOptions = {},
): Promise<FakeElasticsearch> {
  const store = new Map<string, Json>();
  const changes: string[] = [];
  const build_flavor = isServerless ? 'serverless' : 'default';
  store.set('/', { version: { number: version, build_flavor } });
  const server = createServer((request, response) => {
    void answer(request, response, { store, changes, isServerless });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, store, changes };
}

interface Fake {
  readonly store: Map<string, Json>;
  readonly changes: string[];
  readonly isServerless: boolean;
}

async function answer(request: IncomingMessage, response: ServerResponse, fake: Fake): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path = new URL(request.url ?? '', 'http://fake').pathname;
  const [status, body] = answerTo(request.method ?? '', path, Buffer.concat(chunks).toString('utf8'), fake);
  response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
  response.end(JSON.stringify(body));
}

function answerTo(method: string, path: string, text: string, fake: Fake): readonly [number, unknown] {
  if (fake.isServerless && SERVERLESS.test(path))
    return [
      410,
      { error: { type: 'api_not_available_exception', reason: 'not available when running in serverless mode' } },
    ];
  if (method === 'GET') return path.endsWith('/_mapping') ? mappingOf(path, fake) : found(path, fake.store.get(path));
  if (path.endsWith('/_search')) return [200, { hits: { hits: documentsOf(path, fake) } }];
  if (path.endsWith('/_refresh')) return [200, {}];
  return change(method, path, text, fake);
}

function change(method: string, path: string, text: string, fake: Fake): readonly [number, unknown] {
  fake.changes.push(`${method} ${path}`);
  if (path.endsWith('/_bulk')) return bulk(path, text, fake);
  if (method === 'DELETE') return [fake.store.delete(path) ? 200 : 404, {}];
  if (path === '/_security/api_key') return [200, { id: '1', name: 'foghorn_indexer', encoded: 'a2V5' }];
  fake.store.set(path, text === '' ? {} : (JSON.parse(text) as Json));
  return [200, { acknowledged: true }];
}

/** Each kind of definition comes back in an envelope of its own. */
function found(path: string, body: Json | undefined): readonly [number, unknown] {
  const name = path.split('/').at(-1) ?? '';
  if (path === '/') return [200, body];
  if (body === undefined)
    return [404, { error: { type: 'resource_not_found_exception', reason: `${name} not found` }, status: 404 }];
  if (path.startsWith('/_component_template/'))
    return [200, { component_templates: [{ name, component_template: body }] }];
  if (path.startsWith('/_index_template/')) return [200, { index_templates: [{ name, index_template: body }] }];
  return [200, { [name]: body }];
}

/** A data stream or index comes under the component template that the test's template composes it from. */
function mappingOf(path: string, { store }: Fake): readonly [number, unknown] {
  const index = path.split('/')[1] ?? '';
  if (!store.has(`/_data_stream/${index}`) && !store.has(`/${index}`)) return [404, {}];
  const made = [...store.keys()]
    .filter((key) => key.startsWith('/_component_template/') && key.endsWith('@package'))
    .find((key) => index.startsWith(key.slice('/_component_template/'.length, -'@package'.length)));
  const { template } = (store.get(made ?? '') ?? {}) as { readonly template?: { readonly mappings?: Json } };
  return [200, { [`.ds-${index}-000001`]: { mappings: template?.mappings ?? {} } }];
}

function bulk(path: string, text: string, { store }: Fake): readonly [number, unknown] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  for (let at = 0; at < lines.length; at += 1) {
    const action = lines[at] as {
      readonly index?: { readonly _id: string };
      readonly delete?: { readonly _id: string };
    };
    if (action.delete !== undefined) store.delete(`${path.replace('/_bulk', '/_doc/')}${action.delete._id}`);
    if (action.index === undefined) continue;
    at += 1;
    store.set(`${path.replace('/_bulk', '/_doc/')}${action.index._id}`, lines[at] ?? {});
  }
  return [200, { errors: false, items: [] }];
}

function documentsOf(path: string, { store }: Fake): readonly unknown[] {
  const prefix = path.replace('/_search', '/_doc/');
  return [...store]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, _source]) => ({ _id: key.slice(prefix.length), _source }));
}
