// An Elasticsearch with everything that comes with a licence, as far as setting up asks for it:
// what is put is there, and is given back the way a cluster does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { startHttpServer } from './http-server.ts';

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
const SIMULATE = '/_index_template/_simulate_index/';

/** What the cluster is like. `isServerless` refuses lifecycle policies the way serverless does. */
export interface FakeOptions {
  readonly isServerless?: boolean;
  readonly version?: string;
  /** Status and error of a request that is refused. */
  readonly refuse?: (method: string, path: string, text: string) => readonly [number, object] | undefined;
}

/** Starts it; it stops with the test. */
export async function fakeElasticsearch(
  t: TestContext,
  { isServerless = false, version = '9.1.0', refuse = () => undefined }: FakeOptions = {},
): Promise<FakeElasticsearch> {
  const store = new Map<string, Json>();
  const changes: string[] = [];
  const build_flavor = isServerless ? 'serverless' : 'default';
  store.set('/', { version: { number: version, build_flavor } });
  const origin = await startHttpServer(t, (request, response) => {
    void answer(request, response, { store, changes, isServerless, refuse });
  });
  return { url: origin, store, changes };
}

interface Fake {
  readonly store: Map<string, Json>;
  readonly changes: string[];
  readonly isServerless: boolean;
  readonly refuse: NonNullable<FakeOptions['refuse']>;
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
  const refusal = fake.refuse(method, path, text);
  if (refusal !== undefined) return [refusal[0], { error: refusal[1] }];
  if (fake.isServerless && SERVERLESS.test(path))
    return [
      410,
      { error: { type: 'api_not_available_exception', reason: 'not available when running in serverless mode' } },
    ];
  if (method === 'GET') return look(path, fake);
  if (path.startsWith(SIMULATE)) return [200, { template: resolved(path.slice(SIMULATE.length), fake) }];
  if (path.endsWith('/_search')) return [200, { hits: { hits: documentsOf(path, fake) } }];
  if (path.endsWith('/_refresh')) return [200, {}];
  return change(method, path, text, fake);
}

function look(path: string, fake: Fake): readonly [number, unknown] {
  const [, name = '', part = ''] = /^\/([^_/][^/]*)\/_(mapping|settings)$/u.exec(path) ?? [];
  if (part !== '') {
    const key = part === 'mapping' ? 'mappings' : 'settings';
    const parts = indicesOf(name, fake).map(([index, body]) => [index.slice(1), { [key]: body[key] ?? {} }]);
    return parts.length === 0 ? [404, {}] : [200, Object.fromEntries(parts)];
  }
  const stream = /^\/_data_stream\/([^/]+)\/_lifecycle$/u.exec(path)?.[1];
  if (stream === undefined) return found(path, fake.store.get(path));
  if (!fake.store.has(`/_data_stream/${stream}`)) return [404, {}];
  return [200, { data_streams: [{ name: stream, lifecycle: fake.store.get(path) }] }];
}

function change(method: string, path: string, text: string, fake: Fake): readonly [number, unknown] {
  const { store, changes } = fake;
  changes.push(`${method} ${path}`);
  if (path.endsWith('/_bulk')) return bulk(path, text, fake);
  if (method === 'DELETE') return [store.delete(path) ? 200 : 404, {}];
  if (path === '/_security/api_key') return [200, { id: '1', name: 'foghorn_indexer', encoded: 'a2V5' }];
  put(path, text === '' ? {} : (JSON.parse(text) as Json), fake);
  return [200, { acknowledged: true }];
}

function put(path: string, body: Json, fake: Fake): void {
  const { store } = fake;
  const [, name = '', what] = /^\/([^_/][^/]*)(?:\/_(rollover|settings))?$/u.exec(path) ?? [];
  if (what === 'rollover') addBacking(name, fake);
  else if (what === 'settings')
    for (const [index, old] of indicesOf(name, fake)) store.set(index, merged(old, { settings: body }));
  else store.set(path, name === '' ? body : merged(resolved(name, fake), body));
  const stream = /^\/_data_stream\/([^/]+)$/u.exec(path)?.[1];
  if (stream !== undefined) addBacking(stream, fake);
}

/**
 * The next index of a stream, under what the templates say now; the stream's lifecycle is theirs
 * only when it is made.
 */
function addBacking(stream: string, fake: Fake): void {
  const generation = indicesOf(stream, fake).length + 1;
  const { lifecycle, ...body } = resolved(stream, fake);
  fake.store.set(`/.ds-${stream}-2026.03.01-${String(generation).padStart(6, '0')}`, body);
  if (generation === 1 && lifecycle !== undefined)
    fake.store.set(`/_data_stream/${stream}/_lifecycle`, { enabled: true, ...lifecycle });
}

/** The backing indices of a stream, or the index itself. */
function indicesOf(name: string, { store }: Fake): readonly (readonly [string, Json])[] {
  return [...store].filter(([path]) => path === `/${name}` || path.startsWith(`/.ds-${name}-2`));
}

/** What the index template of the highest priority gives an index, component by component. */
function resolved(index: string, { store }: Fake): Json {
  const [template] = [...store]
    .filter(([path]) => path.startsWith('/_index_template/'))
    .map(([, body]) => body as { index_patterns: readonly string[]; priority: number; composed_of?: readonly string[] })
    .filter(({ index_patterns: patterns }) =>
      patterns.some((pattern) => (pattern.endsWith('*') ? index.startsWith(pattern.slice(0, -1)) : index === pattern)),
    )
    .sort((left, right) => right.priority - left.priority);
  const components = (template?.composed_of ?? []).map((name) => store.get(`/_component_template/${name}`) ?? {});
  return [...components, { ...template }].reduce<Json>(
    (all, part: Json) => merged(all, (part['template'] ?? {}) as Json),
    {},
  );
}

function merged(left: Json, right: Json): Json {
  const all: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const old = all[key];
    all[key] = isJson(old) && isJson(value) ? merged(old, value) : value;
  }
  return all;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
