// The Elasticsearch _bulk input over real sockets, Kafka's answers made up.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { choosePort } from '../../../../../deploy/local/ports.ts';
import { collectorSchema } from '../../../../../services/collector/config.ts';
import { bulkInput } from '../../../../../services/collector/inputs/bulk/bulk.ts';
import { createMadeIntake } from '../../../../support/collector-input.ts';
import { START_UPS } from './start-ups.ts';

const TOKEN = '12345678-1234-1234-1234-123456789012';
const NOW_MS = 1_795_165_200_000;

async function startInput(t: TestContext, bulk: Readonly<Record<string, unknown>> = {}, maxInFlightBytes = 24_000_000) {
  const port = await choosePort();
  const { collector } = collectorSchema.parse({
    collector: { bulk: { enabled: true, port, ...bulk }, maxRecordBytes: 100_000 },
  });
  const made = createMadeIntake({ ...collector, maxInFlightBytes }, { partition: 2, nowMs: NOW_MS });
  const { records, state, lines } = made;
  const running = await bulkInput.start(collector.bulk, made.parts);
  t.after(async () => await running.stop(AbortSignal.abort()));
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const text = await response.text();
    const answer = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
    return { status: response.status, answer, headers: response.headers };
  };
  const post = async (body: string | Buffer, headers: Readonly<Record<string, string>> = {}, path = '/_bulk') =>
    await ask(path, { method: 'POST', body, headers });
  const stored = (): readonly string[] => records.map(({ value }) => String(value));
  return { ask, post, records, stored, state, intake: made.parts.intake, lines };
}

const itemOf = (document: string): string => `{"create":{"_index":"logs"}}\n${document}\n`;
const errorOf = (answer: Readonly<Record<string, unknown>>) =>
  answer['error'] as { readonly type: string; readonly reason: string };

function fieldOf(answer: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Readonly<Record<string, unknown>>)[name], answer);
}

for (const { agent, steps } of START_UPS)
  test(`${agent}: each question of its start is answered as it needs`, async (t) => {
    const { ask, lines, stored } = await startInput(t);
    for (const { method, path, status, reads = {} } of steps) {
      const body = method === 'PUT' ? { body: '{"settings":{}}' } : {};
      const found = await ask(path, { method, ...body });
      assert.equal(found.status, status, `${method} ${path}`);
      assert.equal(found.headers.get('x-elastic-product'), 'Elasticsearch');
      for (const [name, value] of Object.entries(reads)) assert.equal(fieldOf(found.answer, name), value, name);
      if (method === 'PUT') assert.deepEqual(found.answer, { acknowledged: true });
    }
    const said = lines.filter(({ msg }) => String(msg).includes('are not used'));
    assert.equal(said.length, steps.some(({ method }) => method === 'PUT') ? 1 : 0, 'the log says so once');
    assert.deepEqual(stored(), []);
  });

test('the cluster has one identity as long as the process runs', async (t) => {
  const { ask } = await startInput(t);
  const uuid = (await ask('/')).answer['cluster_uuid'];
  assert.match(String(uuid), /^[\w-]{22}$/u);
  assert.equal((await ask('/')).answer['cluster_uuid'], uuid);
  const { ask: askOther } = await startInput(t);
  assert.notEqual((await askOther('/')).answer['cluster_uuid'], uuid);
});

test('other requests are refused in the form of Elasticsearch, with what there is', async (t) => {
  const { ask } = await startInput(t);
  for (const [method, path, status, type] of [
    ['GET', '/_nodes/http', 404, 'resource_not_found_exception'],
    ['GET', '/logs/_search', 404, 'resource_not_found_exception'],
    ['POST', '/logs/_doc', 404, 'resource_not_found_exception'],
    ['GET', '/_cluster/constructor', 404, 'resource_not_found_exception'],
    ['GET', '/_bulk', 405, 'illegal_argument_exception'],
    ['DELETE', '/logs', 405, 'illegal_argument_exception'],
    ['POST', '/logs', 405, 'illegal_argument_exception'],
    ['PUT', '/_cluster/health', 405, 'illegal_argument_exception'],
  ] as const) {
    const found = await ask(path, { method });
    assert.deepEqual([found.status, found.answer['status'], errorOf(found.answer).type], [status, status, type], path);
  }
});

test('a result for each item, in order, under its action; documents are stored as they came', async (t) => {
  const { post, records, stored } = await startInput(t);
  const [first, second, third] = ['{"n":9007199254740993.10, "t":"\\u00fcü"}', ' {"b" : 2} ', '{"c":3}'] as const;
  const body = `{"create":{"_index":"logs"}}\n${first}\n{"index":{"_id":"x"}}\r\n${second}\r\n{"create":{}}\n${third}`;
  const { status, answer } = await post(body, { 'content-type': 'application/x-ndjson' }, '/winlogbeat-9/_bulk');
  assert.equal(status, 200);
  const created = { _version: 1, result: 'created', status: 201 };
  assert.deepEqual(answer, {
    took: 0,
    errors: false,
    items: [
      { create: { _index: 'logs', _id: '2-0', ...created } },
      { index: { _index: 'winlogbeat-9', _id: 'x', ...created } },
      { create: { _index: 'winlogbeat-9', _id: '2-2', ...created } },
    ],
  });
  assert.deepEqual(stored(), [first, second, third]);
  assert.deepEqual(new Set(records.map(({ headers }) => headers?.['format'])), new Set(['json']));
});

test('equal documents are numbered, and an envelope is one event', async (t) => {
  const { post, records } = await startInput(t);
  const envelope = '{"records":[{"a":1},{"a":2}]}';
  await post(itemOf('{"a":1}') + itemOf('{"a":1}') + itemOf(envelope));
  assert.deepEqual(
    records.map(({ value, headers }) => [String(value), headers?.['copy']]),
    [
      ['{"a":1}', undefined],
      ['{"a":1}', '2'],
      [envelope, undefined],
    ],
  );
});

test('what is no event has its own error beside the others, and its bytes are kept', async (t) => {
  const { post, stored } = await startInput(t);
  const large = `{"a":"${'x'.repeat(100_000)}"}`;
  const documents = ['{"a":1}', 'broken', '[1]', large, '{"z":1}'];
  const update = '{"update":{"_id":"1"}}\n{"doc":{}}\n{"delete":{"_id":"2"}}\n';
  const { status, answer } = await post(documents.map(itemOf).join('') + update);
  assert.deepEqual([status, answer['errors']], [200, true]);
  const items = (answer['items'] as readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[]).map(
    (item) =>
      Object.entries(item).map(([action, result]) => [
        action,
        result['status'],
        String((result['error'] as { readonly reason?: string } | undefined)?.reason).split(':')[0],
      ]),
  );
  assert.deepEqual(items.flat(), [
    ['create', 201, 'undefined'],
    ['create', 400, 'invalid_json'],
    ['create', 400, 'not_an_object'],
    ['create', 413, 'too_large'],
    ['create', 201, 'undefined'],
    ['update', 400, 'no_event'],
    ['delete', 400, 'no_event'],
  ]);
  assert.deepEqual(stored(), ['{"a":1}', 'broken', '[1]', large.slice(0, 100_000), '{"z":1}']);
});

test('only what is no event, and only updates: 200 with errors, as Elasticsearch answers', async (t) => {
  const { post, stored } = await startInput(t);
  assert.deepEqual((await post(itemOf('broken'))).answer['errors'], true);
  assert.deepEqual((await post('{"delete":{"_id":"2"}}\n')).answer['errors'], true);
  assert.deepEqual(stored(), ['broken']);
});

test('an event that Kafka refuses for its size is named, and the log says that it is lost', async (t) => {
  const { post, state, lines } = await startInput(t);
  state.mostBytes = 50;
  const { answer } = await post(itemOf(`{"a":"${'x'.repeat(60)}"}`) + itemOf('{"b":1}'));
  const statuses = (answer['items'] as readonly { readonly create: { readonly status: number } }[]).map(
    ({ create }) => create.status,
  );
  assert.deepEqual(statuses, [413, 201]);
  assert.equal(lines.filter(({ msg }) => String(msg).includes('an event is lost')).length, 1);
});

test('a request with a line that is no action is refused whole, and nothing of it is stored', async (t) => {
  const { post, stored } = await startInput(t);
  const { status, answer } = await post(`${itemOf('{"a":1}')}{"no":"action"}\n`);
  assert.deepEqual([status, errorOf(answer).type], [400, 'illegal_argument_exception']);
  assert.match(errorOf(answer).reason, /Line 3/u);
  assert.deepEqual(stored(), []);
});

test('gzip is unpacked within the limit, and filter_path leaves what is asked for', async (t) => {
  const { post, stored } = await startInput(t);
  const headers = { 'content-encoding': 'gzip', 'content-type': 'application/vnd.elasticsearch+x-ndjson' };
  const path = '/_bulk?filter_path=errors,items.*.error,items.*.status&pipeline=p&timeout=60s';
  const { answer } = await post(gzipSync(itemOf('{"a":1}')), headers, path);
  assert.deepEqual(answer, { errors: false, items: [{ create: { status: 201 } }] });
  const bomb = await post(gzipSync(Buffer.alloc(20_000_000)), headers);
  assert.equal(bomb.status, 413);
  assert.match(errorOf(bomb.answer).reason, /collector\.bulk\.maxDecodedBytes/u);
  assert.deepEqual(stored(), ['{"a":1}']);
});

test('too many items: 413, so that the agent sends fewer; blank lines without end cost nothing', async (t) => {
  const { post, stored } = await startInput(t, { maxEvents: 2 });
  assert.equal((await post(itemOf('{}').repeat(3))).status, 413);
  assert.equal((await post('\n'.repeat(1_000_000))).status, 400);
  assert.equal((await post(`${'\n'.repeat(1_000_000)}${itemOf('{"a":1}')}`)).status, 200);
  assert.deepEqual(stored(), ['{"a":1}']);
});

test('Basic, ApiKey and Bearer show a token; nothing else is answered', async (t) => {
  const expires = new Date(NOW_MS - 1000).toISOString();
  const { ask, post, records } = await startInput(t, {
    tokens: { fleet: TOKEN, old: { token: 'o'.repeat(36), expires } },
  });
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  for (const [authorization, status] of [
    [undefined, 401],
    [`Basic ${encoded('elastic:other-password')}`, 401],
    [`Basic ${encoded(`${TOKEN}:x`)}`, 401],
    [`ApiKey ${encoded('no-colon')}`, 401],
    [`ApiKey ${encoded(`id:${'o'.repeat(36)}`)}`, 401],
    [`Splunk ${TOKEN}`, 401],
    [`Basic ${encoded(`elastic:${TOKEN}`)}`, 200],
    [`ApiKey ${encoded(`id:${TOKEN}`)}`, 200],
    [`apikey ${encoded(`id:${TOKEN}`)}`, 200],
    [`Bearer ${TOKEN}`, 200],
  ] as const) {
    const headers = authorization === undefined ? {} : { authorization };
    const found = await post(itemOf('{"a":1}'), headers);
    assert.equal(found.status, status, authorization);
    if (status === 200) assert.equal((await ask('/', { headers })).status, 200);
    else {
      assert.equal(errorOf(found.answer).type, 'security_exception');
      assert.match(found.headers.get('www-authenticate') ?? '', /Basic.*Bearer.*ApiKey/u);
    }
  }
  assert.deepEqual(
    records.map(({ headers }) => headers?.['sender']),
    ['fleet', 'fleet', 'fleet', 'fleet'],
  );
  assert.equal((await ask('/')).status, 401, 'the start takes a token, too');
});

test('an event of a host that the token may not send for: 403 for the item, and it is not stored', async (t) => {
  const { post, stored } = await startInput(t, { tokens: { web: { token: TOKEN, hosts: ['web-*'] } } });
  const event = (host: string) =>
    JSON.stringify({
      '@timestamp': '2026-11-20T09:00:00.250Z',
      winlog: { computer_name: host, channel: 'System', event_id: 1, provider_name: 'p', record_id: 1 },
    });
  const { answer } = await post(itemOf(event('web-1')) + itemOf(event('dc01')), { authorization: `Bearer ${TOKEN}` });
  const statuses = (answer['items'] as readonly { readonly create: { readonly status: number } }[]).map(
    ({ create }) => create.status,
  );
  assert.deepEqual(statuses, [201, 403]);
  assert.deepEqual(stored(), [event('web-1')]);
});

test('Kafka gone: the cluster is red before anybody sends; 503 with Retry-After', async (t) => {
  const { ask, post, state, stored } = await startInput(t);
  const health = async () => (await ask('/_cluster/health')).answer['status'];
  assert.equal(await health(), 'green');
  state.isAway = true;
  assert.equal(await health(), 'red');
  const { status, answer, headers } = await post(itemOf('{"a":1}'));
  assert.deepEqual([status, answer['status'], headers.get('retry-after')], [503, 503, '5']);
  state.isAway = false;
  assert.equal(await health(), 'green');
  assert.equal((await post(itemOf('{"a":1}'))).status, 200);
  assert.deepEqual(stored(), ['{"a":1}']);
});

test('no room: 429 for the whole request, as agents know it', async (t) => {
  const { ask, intake, post, stored } = await startInput(t, {}, 100_000);
  const room = intake.reserve();
  room.grow(100_000);
  const body = itemOf(`{"a":"${'a'.repeat(40_000)}"}`);
  const { status, answer, headers } = await post(body);
  assert.deepEqual([status, headers.get('retry-after')], [429, '1']);
  assert.equal(errorOf(answer).type, 'es_rejected_execution_exception');
  assert.equal((await ask('/_cluster/health')).answer['status'], 'red');
  room.release();
  assert.equal((await post(body)).status, 200);
  assert.equal(stored().length, 1);
});

test('a page of another site reaches nothing', async (t) => {
  const { post, stored } = await startInput(t);
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  assert.equal((await post(itemOf('{"a":1}'), headers)).status, 403);
  assert.deepEqual(stored(), []);
});
