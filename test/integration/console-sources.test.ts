// Who sends what, listed by the API and the command line from the index of sources.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSource, type Source, sourceIdOf } from '../../shared/contracts/source.ts';
import { startTestConsole, TOKENS } from '../support/console.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { runFoghorn } from '../support/foghorn.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { testKafka } from '../support/kafka.ts';
import { aSource } from '../support/sources.ts';
import { until } from '../support/until.ts';

const NOW_MS = Date.UTC(2026, 10, 30, 12);
const COUNT = 25;

function sourceOf(index: number): Source {
  const host = `srv${String(index).padStart(2, '0')}`;
  const { silentSinceMs, drift, isDropped: _, ...ok } = aSource(sourceIdOf(host, 'Security'), NOW_MS, { host });
  const events = { ...ok, events: index };
  if (index < 3) return { ...events, silentSinceMs: silentSinceMs ?? 0 };
  if (index === 3 && drift !== undefined) return { ...events, drift };
  if (index === 4) return { ...events, isDropped: true };
  return index === 5 ? { ...events, agent: { name: 'nxlog' }, input: 'syslog' } : events;
}

interface Page {
  readonly total: number;
  readonly states: Readonly<Record<string, number>>;
  readonly sources: readonly { readonly host: string; readonly state: string; readonly lagMs?: number }[];
  readonly nextCursor?: string;
}

test('sources: filters, counts of states, order, pages, documents that are none of ours, and the command line', async (t) => {
  const kafka = await testKafka(t);
  const corner = await testElasticsearch(t);
  const { elasticsearch, names } = corner;
  await startTestIndexer(t, kafka, corner);
  const console = await startTestConsole(t, { kafka, corner });
  const list = async (query: string): Promise<Page> => {
    const { status, body } = await console.ask('GET', `/api/v1/sources?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body as unknown as Page;
  };
  assert.deepEqual(await list(''), {
    total: 0,
    states: { silent: 0, late: 0, clock_off: 0, ok: 0, dropped: 0 },
    sources: [],
  });
  await kafka.producer.send(Array.from({ length: COUNT }, (_, index) => encodeSource(sourceOf(index))));
  await until('all are indexed', async () => (await corner.count({ match_all: {} }, names.sources)) === COUNT);
  const all = await list('limit=1000');
  assert.equal(all.total, COUNT - 1);
  assert.deepEqual(all.states, { silent: 3, late: 1, clock_off: 0, ok: COUNT - 5, dropped: 1 });
  assert.equal(all.sources.length, COUNT - 1);
  const hostsOf = ({ sources }: Page): readonly string[] => sources.map(({ host }) => host);
  assert.deepEqual(hostsOf(await list('state=silent')), ['srv00', 'srv01', 'srv02']);
  assert.equal((await list('state=silent')).states['ok'], COUNT - 5);
  assert.deepEqual(hostsOf(await list('state=dropped,late')), ['srv03', 'srv04']);
  assert.deepEqual(hostsOf(await list('host=SRV0*&sort=-events&limit=2')), ['srv09', 'srv08']);
  assert.deepEqual(hostsOf(await list('agent=nxlog&input=syslog&channel=sec*')), ['srv05']);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(`limit=7&sort=-last_seen${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    seen.push(...hostsOf(page));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  assert.deepEqual(seen.toSorted(), hostsOf(all));
  const { status } = await console.ask('GET', '/api/v1/sources?cursor=x');
  assert.equal(status, 400);
  // An older snapshot that comes late changes nothing; a newer one does.
  const first = sourceOf(0);
  await kafka.producer.send([encodeSource({ ...first, events: 7, updatedAtMs: NOW_MS - 1 })]);
  const { silentSinceMs: _, ...back } = first;
  await kafka.producer.send([encodeSource({ ...back, events: 1001, updatedAtMs: NOW_MS + 1 })]);
  const newer = { term: { 'foghorn.source.events': 1001 } };
  await until('the newer one is indexed', async () => (await corner.count(newer, names.sources)) === 1);
  assert.deepEqual(hostsOf(await list('state=silent')), ['srv01', 'srv02']);
  await elasticsearch.request({
    method: 'PUT',
    path: `/${names.sources}/_doc/foreign`,
    query: { refresh: 'true' },
    body: { host: { name: 'aaa' }, foghorn: { source: { id: 'foreign', state: 'ok' } } },
  });
  const { body } = await console.ask('GET', '/api/v1/sources?limit=1');
  assert.deepEqual(body['unreadable'], ['foreign']);
  const env = { FOGHORN_CONSOLE_URL: console.url, FOGHORN_CONSOLE_TOKEN: TOKENS.viewer };
  const shown = await runFoghorn(['sources', 'list', '--state', 'silent', '--limit', '1'], { env });
  assert.match(shown.out, /^HOST +CHANNEL +STATE +AGENT/mu);
  assert.match(shown.out, /^srv01 +Security +silent +winlogbeat 8\.19\.0 +lumberjack +agent-web/mu);
  assert.match(shown.err, /1 of 2 shown/u);
  const json = await runFoghorn(['sources', 'list', '--agent', 'nxlog', '--json'], { env });
  assert.notEqual(json.out, '', json.err);
  assert.equal((JSON.parse(json.out) as Page).sources[0]?.host, 'srv05');
});
