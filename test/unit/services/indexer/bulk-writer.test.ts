// The writer against a server that speaks the bulk API and fails as Elasticsearch does: each
// document is settled by its own answer.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BulkWriter, type WriteBulk } from '../../../../services/indexer/bulk-writer.ts';
import { declareIndexerMetrics } from '../../../../services/indexer/metrics.ts';
import { createElasticsearch, elasticsearchSettings } from '../../../../shared/elasticsearch/client.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../../shared/runtime/metrics.ts';
import { startHttpServer } from '../../../support/http-server.ts';

/**
 * What the server answers to a bulk request with these ids: a status with items, or a status alone.
 */
type Answer = {
  readonly status: number;
  readonly items?: readonly Readonly<Record<string, unknown>>[];
  readonly error?: unknown;
};

interface Setting {
  readonly write: WriteBulk;
  ready(): string | undefined;
  /** The ids of each bulk request. */
  readonly requests: readonly (readonly string[])[];
  readonly bodies: readonly string[];
}

const DONE = { status: 201 };
const PUT_OFF = { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } };
const STREAM = { index: 'logs-a-b', action: 'create' } as const;

interface Options {
  readonly now?: () => number;
  /** The answer for documents that are there: what `_mget` has in `docs`. */
  readonly showing?: () => readonly Readonly<Record<string, unknown>>[];
}

async function withServer(
  t: TestContext,
  answerTo: (ids: readonly string[]) => Answer,
  { now = Date.now, showing = () => [] }: Options = {},
): Promise<Setting> {
  const requests: (readonly string[])[] = [];
  const bodies: string[] = [];
  const node = await startHttpServer(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('x-elastic-product', 'Elasticsearch');
      if (request.url?.startsWith('/_resolve/') === true) {
        response.setHeader('content-type', 'application/json');
        response.end('{}');
        return;
      }
      if (request.url?.startsWith('/_mget') === true) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ docs: showing() }));
        return;
      }
      const body = Buffer.concat(chunks).toString('utf8');
      const ids = [...body.matchAll(/"_id":"([^"]*)"/gu)].map((found) => found[1] ?? '');
      bodies.push(body);
      requests.push(ids);
      const { status, items, error } = answerTo(ids);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: true, error, items: items?.map((item) => ({ create: item })) }));
    });
  });
  const elasticsearch = createElasticsearch({ ...elasticsearchSettings.parse({}), nodes: [node] });
  t.after(async () => await elasticsearch.close());
  const metrics = declareIndexerMetrics(createRegistry('test'));
  const limits = { maxBulkBytes: 1_000_000, bulkTargetMs: 10_000, maxBulksInFlight: 2, itemTries: 3 };
  const writer = new BulkWriter({ elasticsearch, metrics, now, ...limits });
  return { write: writer.write, ready: () => writer.ready(), requests, bodies };
}

const items = (...ids: readonly string[]) => ids.map((id) => ({ id, document: Buffer.from('{}') }));
const context = () => ({ signal: new AbortController().signal, mayRepeat: false });

test('in the order of ids; only what was put off goes again, and outcomes keep the order of what was asked', async (t) => {
  let isFirst = true;
  const { write, requests } = await withServer(t, (ids) => {
    const answers = ids.map((id) => {
      if (id === 'bad') return { status: 400, error: { type: 'document_parsing_exception', reason: 'no' } };
      return isFirst && id.startsWith('later') ? PUT_OFF : DONE;
    });
    isFirst = false;
    return { status: 200, items: answers };
  });
  const settled = await write(STREAM, items('a', 'later1', 'bad', 'later2', 'b'), context());
  assert.deepEqual(
    settled.map(({ kind }) => kind),
    ['created', 'created', 'refused', 'created', 'created'],
  );
  assert.deepEqual(requests, [
    ['a', 'b', 'bad', 'later1', 'later2'],
    ['later1', 'later2'],
  ]);
});

test('what stays put off is Unavailable after the tries, with the reason', async (t) => {
  const { write, requests } = await withServer(t, (ids) => ({ status: 200, items: ids.map(() => PUT_OFF) }));
  await assert.rejects(
    write(STREAM, items('a'), context()),
    (error) => error instanceof Unavailable && error.message.includes('es_rejected_execution_exception: full'),
  );
  assert.equal(requests.length, 3);
});

test('a request that is too big, or that one item spoils, is divided down to the one to blame', async (t) => {
  for (const status of [413, 400]) {
    const { write } = await withServer(t, (ids) =>
      ids.includes('spoiler') ? { status } : { status: 200, items: ids.map(() => DONE) },
    );
    const settled = await write(STREAM, items('a', 'b', 'spoiler', 'c', 'd'), context());
    assert.deepEqual(
      settled.map(({ kind }) => kind),
      ['created', 'created', 'refused', 'created', 'created'],
    );
  }
});

test('a request refused for its own parameters makes no document a dead letter', async (t) => {
  const reason = 'request [/logs-a-b/_bulk] contains unrecognized parameter: [require_data_stream]';
  const error = { type: 'illegal_argument_exception', reason };
  const { write, requests } = await withServer(t, () => ({ status: 400, error }));
  await assert.rejects(
    write(STREAM, items('a', 'b'), context()),
    (fault) => fault instanceof Unavailable && fault.message.includes('unrecognized parameter'),
  );
  assert.equal(requests.length, 1);
});

/** As Elasticsearch answers for a processor that fails; it names most by what went wrong inside. */
const OF_PIPELINE = [
  { type: 'ingest_processor_exception', reason: 'java.lang.IllegalStateException: no' },
  { type: 'fail_processor_exception', reason: 'not for this index' },
  { type: 'script_exception', reason: 'runtime error' },
  { type: 'illegal_argument_exception', reason: 'field [client.ip] not present as part of path [client.ip]' },
  { type: 'illegal_argument_exception', reason: 'Limit of total fields [10] has been exceeded' },
] as const;

test('a pipeline that refuses every document makes none a dead letter: they wait, and readiness says why [alerting 20]', async (t) => {
  for (const error of OF_PIPELINE) {
    let isBroken = true;
    const { write, ready } = await withServer(t, (ids) => ({
      status: 200,
      items: ids.map(() => (isBroken ? { status: 400, error } : DONE)),
    }));
    for (const batch of [items('a', 'b', 'c'), items('d')])
      await assert.rejects(
        write(STREAM, batch, context()),
        (fault) => fault instanceof Unavailable && fault.message.includes(error.reason),
      );
    assert.match(
      ready() ?? '',
      /documents for logs-a-b wait: every document is refused alike: look at the ingest pip/u,
    );
    isBroken = false;
    assert.deepEqual(await write(STREAM, items('a'), context()), [{ kind: 'created' }]);
    assert.equal(ready(), undefined);
  }
});

test('a document that a pipeline refuses beside others is a dead letter [alerting 20]', async (t) => {
  for (const error of OF_PIPELINE) {
    const { write } = await withServer(t, (ids) => ({
      status: 200,
      items: ids.map((id) => (id.startsWith('bad') ? { status: 400, error } : DONE)),
    }));
    const settled = await write(STREAM, items('a', 'bad1', 'bad2'), context());
    assert.deepEqual(
      settled.map(({ kind }) => kind),
      ['created', 'refused', 'refused'],
    );
    // Alone it waits for what becomes of another.
    await assert.rejects(write(STREAM, items('bad3'), context()), Unavailable);
    await write(STREAM, items('b'), context());
    assert.deepEqual(
      (await write(STREAM, items('bad3'), context())).map(({ kind }) => kind),
      ['refused'],
    );
  }
});

test('a document that a pipeline refuses, and that is alone for long, stops nothing for good [alerting 20]', async (t) => {
  let now = 1_000_000;
  const error = OF_PIPELINE[0];
  const { write } = await withServer(t, (ids) => ({ status: 200, items: ids.map(() => ({ status: 400, error })) }), {
    now: () => now,
  });
  await assert.rejects(write(STREAM, items('bad1', 'bad2'), context()), Unavailable);
  now += 300_000;
  await assert.rejects(write(STREAM, items('bad1', 'bad2'), context()), /it deferred 1 documents/u);
  now += 300_000;
  const settled = await write(STREAM, items('bad1'), context());
  assert.deepEqual(
    settled.map(({ kind }) => kind),
    ['refused'],
  );
});

test('what a partition that moved away waits for is not shown for ever', async (t) => {
  let now = 1_000_000;
  const error = { type: 'cluster_block_exception', reason: 'disk usage exceeded flood-stage watermark' };
  const { write, ready } = await withServer(
    t,
    (ids) => ({ status: 200, items: ids.map(() => ({ status: 429, error })) }),
    { now: () => now },
  );
  await assert.rejects(write(STREAM, items('a'), context()), Unavailable);
  assert.match(ready() ?? '', /documents for logs-a-b wait: a disk is over the flood-stage watermark/u);
  now += 100_000;
  await assert.rejects(write(STREAM, items('a'), context()), Unavailable);
  now += 100_000;
  assert.match(ready() ?? '', /logs-a-b/u, 'it was tried again meanwhile');
  now += 100_000;
  assert.equal(ready(), undefined);
});

test('requests that are refused whole, whatever is in them, make no dead letter [alerting 20]', async (t) => {
  const error = { type: 'proxy_error', reason: 'bad request' };
  const { write, ready } = await withServer(t, () => ({ status: 400, error }));
  await assert.rejects(write(STREAM, items('a', 'b'), context()), Unavailable);
  assert.match(ready() ?? '', /bad request/u);
});

test('a cluster that puts off gets smaller requests, one whose disk is full does not', async (t) => {
  const full = { status: 429, error: { type: 'cluster_block_exception', reason: 'disk usage exceeded' } };
  for (const [putOff, isSmaller] of [
    [PUT_OFF, true],
    [full, false],
  ] as const) {
    let isOver = false;
    const { write, requests } = await withServer(t, (ids) => ({
      status: 200,
      items: ids.map(() => (isOver ? DONE : putOff)),
    }));
    const large = Array.from({ length: 10 }, (_, at) => ({ id: `d${at}`, document: Buffer.alloc(90_000, 0x20) }));
    await assert.rejects(write(STREAM, large, context()), Unavailable);
    isOver = true;
    await write(STREAM, large, context());
    assert.equal(requests[0]?.length, 10);
    assert.equal(requests.at(-1)?.length === 10, !isSmaller, putOff.error.type);
  }
});

test('an answer for fewer documents than were sent confirms none of them: each is sent alone [security H7]', async (t) => {
  const { write, requests } = await withServer(t, () => ({ status: 200, items: [DONE] }));
  assert.deepEqual(await write(STREAM, items('a', 'b'), context()), [{ kind: 'created' }, { kind: 'created' }]);
  assert.deepEqual(requests, [['a', 'b'], ['a'], ['b']]);
});

test('a document that is taken for several is refused, and the others are written [security H7]', async (t) => {
  const { write } = await withServer(t, (ids) => ({
    status: 200,
    items: ids.flatMap((id) => (id === 'b' ? [DONE, DONE, DONE] : [DONE])),
  }));
  const [first, culprit, last] = await write(STREAM, items('a', 'b', 'c'), context());
  assert.deepEqual([first, last], [{ kind: 'created' }, { kind: 'created' }]);
  assert.match(culprit?.kind === 'refused' ? culprit.detail : '', /answered for 3 documents where 1 /u);
});

test('what is no answer to a bulk request refuses no document', async (t) => {
  const { write } = await withServer(t, () => ({ status: 200 }));
  await assert.rejects(write(STREAM, items('a', 'b'), context()), Unavailable);
});

test('of several versions of a document the latest alone is written, in whatever order they come', async (t) => {
  const { write, bodies } = await withServer(t, (ids) => ({ status: 200, items: ids.map(() => DONE) }));
  const at = (id: string, version: number) => ({ id, version, document: Buffer.from(`{"revision":${version}}`) });
  const settled = await write(
    { index: 'i', action: 'index' },
    [at('a', 2), at('b', 1), at('a', 3), at('a', 1), at('b', 4)],
    context(),
  );
  assert.deepEqual(
    settled.map(({ kind }) => kind),
    ['exists', 'exists', 'created', 'exists', 'created'],
  );
  assert.deepEqual(
    bodies.map((body) => body.match(/"_id":"."|"revision":./gu)),
    [['"_id":"a"', '"revision":3', '"_id":"b"', '"revision":4']],
  );
});

test('of several versions of a document an older one is written when the later are refused', async (t) => {
  const refused = { status: 400, error: { type: 'document_parsing_exception', reason: 'no' } };
  let requests = 0;
  const { write } = await withServer(t, (ids) => {
    requests += 1;
    return { status: 200, items: ids.map((id) => (id === 'a' && requests < 3 ? refused : DONE)) };
  });
  const at = (id: string, version: number) => ({ id, version, document: Buffer.from(`{"revision":${version}}`) });
  const settled = await write(
    { index: 'i', action: 'index' },
    [at('a', 2), at('b', 1), at('a', 3), at('a', 1), at('a', 4)],
    context(),
  );
  assert.deepEqual(
    settled.map(({ kind }) => kind),
    ['created', 'created', 'refused', 'exists', 'refused'],
  );
  assert.equal(requests, 3);
});

for (const version of ['1}}\n{"delete":{"_index":"x","_id":"y"}}\n', 1.5, -1, 2 ** 60, Number.NaN, null, {}])
  test(`a version ${JSON.stringify(version)} goes into no request [security H7]`, async (t) => {
    const { write, requests } = await withServer(t, (ids) => ({ status: 200, items: ids.map(() => DONE) }));
    const bad = { id: 'bad', document: Buffer.from('{}'), version: version as number };
    const settled = await write({ index: 'i', action: 'index' }, [bad, ...items('a')], context());
    assert.deepEqual(
      settled.map(({ kind }) => kind),
      ['refused', 'created'],
    );
    assert.deepEqual(requests, [['a']]);
  });

for (const id of [{ a: 1 }, '', 'x'.repeat(513)])
  test(`an id ${JSON.stringify(id).slice(0, 20)} goes into no request [security M5]`, async (t) => {
    const { write, requests } = await withServer(t, (ids) => ({ status: 200, items: ids.map(() => DONE) }));
    const bad = { id: id as string, document: Buffer.from('{}') };
    const settled = await write(STREAM, [bad, ...items('a')], context());
    assert.deepEqual(
      settled.map(({ kind }) => kind),
      ['refused', 'created'],
    );
    assert.deepEqual(requests, [['a']]);
  });

/** As Elasticsearch answers for a document that is there, and that it cannot show now. */
const HIDDEN = [
  { _id: 'a', error: { type: 'no_shard_available_action_exception', reason: 'No shard available for [get]' } },
  // Of a copy that has not got it yet.
  { _id: 'a', found: false },
] as const;
for (const hidden of HIDDEN)
  test(`an event that is there and cannot be seen is compared later: ${'error' in hidden ? 'no shard' : 'not found'}`, async (t) => {
    const there = { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'there', index: 'i' } };
    let docs: readonly Readonly<Record<string, unknown>>[] = [hidden];
    const { write } = await withServer(t, (ids) => ({ status: 200, items: ids.map(() => there) }), {
      showing: () => docs,
    });
    const forged = [{ id: 'a', document: Buffer.from('{}'), content: 'other' }];
    await assert.rejects(write(STREAM, forged, context()), Unavailable);
    docs = [{ _id: 'a', found: true, _source: { foghorn: { content: 'first' } } }];
    const [settled] = await write(STREAM, forged, context());
    assert.equal(settled?.kind, 'conflict');
  });

test('a write that is aborted ends', async (t) => {
  const { write } = await withServer(t, (ids) => ({ status: 200, items: ids.map(() => PUT_OFF) }));
  await assert.rejects(write(STREAM, items('a'), { signal: AbortSignal.abort(), mayRepeat: false }), Unavailable);
});
