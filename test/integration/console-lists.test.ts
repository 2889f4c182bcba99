// What the console lists is whole: nothing is lost between pages, no limit cuts before a filter,
// and what is left out is said.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type ActivityEntry, encodeActivityEntry, type EntryFields } from '../../shared/contracts/activity.ts';
import { encodeIncident, type Incident } from '../../shared/contracts/incident.ts';
import { startTestConsole, type TestConsole, TOKENS } from '../support/console.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { runFoghorn } from '../support/foghorn.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { type TestKafka, testKafka } from '../support/kafka.ts';
import { until } from '../support/until.ts';

const START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);
const HOUR_MS = 3_600_000;

interface Corner {
  readonly kafka: TestKafka;
  readonly corner: TestElasticsearch;
  readonly console: TestConsole;
}

async function start(t: TestContext): Promise<Corner> {
  const kafka = await testKafka(t);
  const corner = await testElasticsearch(t);
  await startTestIndexer(t, kafka, corner);
  return { kafka, corner, console: await startTestConsole(t, { kafka, corner }) };
}

function incidentOf(index: number, own: Partial<Incident> = {}): Incident {
  const base = anIncident(anId(`i${index}`), 1);
  const host = `media${String(index).padStart(2, '0')}`;
  const atMs = START_MS + index * 1000;
  const times = { openedAtMs: atMs, firstSeenMs: atMs, lastSeenMs: atMs, updatedAtMs: atMs };
  return { ...base, entity: { ...base.entity, host }, ...times, ...own };
}

async function indexed(
  { corner }: Corner,
  index: 'incidents' | 'actions',
  query: unknown,
  count: number,
): Promise<void> {
  await until(`${count} are in ${index}`, async () => {
    return (await corner.count(query as Readonly<Record<string, unknown>>, corner.names[index])) === count;
  });
}

const COUNT = 30;

for (const sort of [undefined, '-updated', 'updated', '-last_seen', '-count', '-opened', 'opened', 'host', '-host'])
  test(`no page of a list in the order ${sort ?? 'that is the default'} loses an incident that changes meanwhile [alerting 17]`, async (t) => {
    const corner = await start(t);
    const { console, kafka } = corner;
    const all = Array.from({ length: COUNT }, (_, index) => incidentOf(index));
    await kafka.producer.send(all.map(encodeIncident));
    await indexed(corner, 'incidents', { match_all: {} }, COUNT);
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const { body } = await console.ask(
        'GET',
        `/api/v1/incidents?limit=10${sort === undefined ? '' : `&sort=${sort}`}${cursor === undefined ? '' : `&cursor=${cursor}`}`,
      );
      assert.equal(body['total'], COUNT);
      seen.push(...(body['incidents'] as readonly { readonly id: string }[]).map(({ id }) => id));
      cursor = body['nextCursor'] as string | undefined;
      pages += 1;
      if (pages > 1) continue;
      // The first and the last are seen again, and opened once more, between the first page and the
      // second.
      const again = { revision: 2, episode: 2, totalCount: 99, updatedAtMs: START_MS + HOUR_MS };
      const later = { ...again, openedAtMs: START_MS + HOUR_MS, lastSeenMs: START_MS + HOUR_MS };
      await kafka.producer.send([0, COUNT - 1].map((index) => encodeIncident(incidentOf(index, later))));
      await indexed(corner, 'incidents', { term: { 'foghorn.incident.revision': 2 } }, 2);
    } while (cursor !== undefined);
    assert.deepEqual(seen.toSorted(), all.map(({ id }) => id).toSorted());
    assert.equal(pages, COUNT / 10, 'a full last page leads to no empty one');
  });

test('a cursor that has expired, or that is none, is refused in words and the list can be begun again [alerting 17]', async (t) => {
  const corner = await start(t);
  const { console, kafka } = corner;
  await kafka.producer.send([0, 1, 2].map((index) => encodeIncident(incidentOf(index))));
  await indexed(corner, 'incidents', { match_all: {} }, 3);
  const { body } = await console.ask('GET', '/api/v1/incidents?limit=1');
  const cursor = String(body['nextCursor']);
  const [, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as readonly string[];
  await corner.corner.elasticsearch.request({ method: 'DELETE', path: '/_pit', body: { id } });
  const expired = await console.ask('GET', `/api/v1/incidents?limit=1&cursor=${cursor}`);
  assert.deepEqual([expired.status, expired.body['code']], [410, 'expired_cursor']);
  assert.match(String(expired.body['detail']), /begin again/u);
  const forged = Buffer.from(JSON.stringify(['-updated', 'nothing', [1, 'i00']])).toString('base64url');
  assert.equal((await console.ask('GET', `/api/v1/incidents?limit=1&cursor=${forged}`)).status, 400);
  assert.equal((await console.ask('GET', '/api/v1/incidents?limit=1')).status, 200);
});

test('a document that the indexer did not write hides no other, and is named', async (t) => {
  const corner = await start(t);
  const { console, kafka } = corner;
  const { elasticsearch, names } = corner.corner;
  await kafka.producer.send([0, 1].map((index) => encodeIncident(incidentOf(index))));
  await indexed(corner, 'incidents', { match_all: {} }, 2);
  const path = `/${names.incidents}/_doc/foreign`;
  const body = { '@timestamp': new Date().toISOString(), foghorn: { incident: { id: 'foreign', state: 'open' } } };
  assert.equal((await elasticsearch.request({ method: 'PUT', path, query: { refresh: 'true' }, body })).status, 201);
  const listed = await console.ask('GET', '/api/v1/incidents');
  assert.deepEqual([listed.status, listed.body['total'], listed.body['unreadable']], [200, 3, ['foreign']]);
  assert.equal((listed.body['incidents'] as readonly unknown[]).length, 2);
  const env = { FOGHORN_CONSOLE_URL: console.url, FOGHORN_CONSOLE_TOKEN: TOKENS.viewer };
  assert.match((await runFoghorn(['incidents', 'list'], { env })).err, /Not shown, .*: foreign$/mu);
});

test('nothing is listed, and nothing fails, while there is no incident at all', async (t) => {
  const { console } = await start(t);
  const { status, body } = await console.ask('GET', '/api/v1/incidents');
  assert.deepEqual([status, body], [200, { total: 0, incidents: [] }]);
});

function rowOf(index: number, own: Partial<EntryFields>): ReturnType<typeof encodeActivityEntry> {
  return encodeActivityEntry({
    subject: 'delivery',
    id: anId(`row ${index} ${own.type ?? 'delivery_failed'}`),
    atMs: Date.now() - HOUR_MS + index * 1000,
    incidentId: anId(`i${index}`),
    episode: 1,
    revision: 1,
    type: 'delivery_failed',
    actor: 'system',
    reason: 'route default',
    host: 'media01',
    ruleId: 'r',
    severity: 'error',
    receiver: 'ops',
    error: 'HTTP 400',
    ...own,
  } as ActivityEntry);
}

test('a failed delivery is listed whatever the limit and however many later ones were made in the end [alerting 16]', async (t) => {
  const corner = await start(t);
  const { console, kafka } = corner;
  const rows = [
    rowOf(0, { deliveryId: 'lost' }),
    rowOf(1, { deliveryId: 'lost', incidentId: anId('i0') }),
    rowOf(2, { deliveryId: 'other', receiver: 'night' }),
  ];
  for (let index = 3; index < 23; index += 1) {
    rows.push(rowOf(index, { deliveryId: `made-${index}` }));
    rows.push(rowOf(index + 100, { deliveryId: `made-${index}`, type: 'notified', reason: 'again' }));
  }
  await kafka.producer.send(rows);
  await indexed(corner, 'actions', { match_all: {} }, rows.length);
  for (const limit of [1, 2, 5, 1000]) {
    const { body } = await console.ask('GET', `/api/v1/deliveries?receiver=ops&limit=${limit}`);
    const deliveries = body['deliveries'] as readonly { readonly id: string; readonly incidents: number }[];
    assert.deepEqual(
      [body['total'], deliveries.map(({ id, incidents }) => [id, incidents])],
      [1, [['lost', 1]]],
      `limit ${limit}`,
    );
  }
  const { body } = await console.ask('GET', '/api/v1/deliveries?limit=1');
  assert.deepEqual(
    [body['total'], (body['deliveries'] as readonly { readonly id: string }[]).map(({ id }) => id)],
    [2, ['other']],
  );
  const env = { FOGHORN_CONSOLE_URL: console.url, FOGHORN_CONSOLE_TOKEN: TOKENS.viewer };
  assert.match((await runFoghorn(['deliveries', 'list', '--limit', '1'], { env })).err, /1 of 2 shown/u);
  assert.equal((await runFoghorn(['deliveries', 'list'], { env })).err, '');
});

test('an active silence is listed however many later ones have ended [alerting 16]', async (t) => {
  const corner = await start(t);
  const { console, kafka } = corner;
  const rows = Array.from({ length: 1100 }, (_, index) => {
    const endsAtMs = Date.now() + (index === 0 ? HOUR_MS : -1000);
    const silence = {
      id: anId(`s${index}`),
      matchers: ['host="a"'],
      author: 'kim',
      comment: 'works',
      startsAtMs: Date.now() - HOUR_MS,
      endsAtMs,
      revision: index === 0 ? 1 : 5,
    };
    const type = index === 0 ? 'silence_created' : 'silence_changed';
    return encodeActivityEntry({
      subject: 'silence',
      id: anId(`row ${index}`),
      atMs: Date.now() - HOUR_MS + index * 1000,
      type,
      actor: 'kim',
      reason: silence.comment,
      silence,
    });
  });
  await kafka.producer.send(rows);
  await indexed(corner, 'actions', { match_all: {} }, rows.length);
  const idsOf = async (query: string): Promise<readonly unknown[]> => {
    const { body } = await console.ask('GET', `/api/v1/silences${query}`);
    return [body['total'], (body['silences'] as readonly { readonly id: string }[]).slice(0, 1).map(({ id }) => id)];
  };
  assert.deepEqual(await idsOf(''), [1, [anId('s0')]]);
  assert.deepEqual(await idsOf('?state=active&limit=1'), [1, [anId('s0')]]);
  assert.deepEqual(await idsOf('?state=all'), [1100, [anId('s0')]]);
});

test('a time line that is longer than what is shown says so, in the API and on a terminal', async (t) => {
  const corner = await start(t);
  const { console, kafka } = corner;
  await kafka.producer.send([encodeIncident(incidentOf(1))]);
  await kafka.producer.send(
    Array.from({ length: 510 }, (_, index) =>
      rowOf(index, { incidentId: anId('i1'), revision: index, type: 'notified' }),
    ),
  );
  await indexed(corner, 'incidents', { match_all: {} }, 1);
  await indexed(corner, 'actions', { match_all: {} }, 510);
  const { body } = await console.ask('GET', `/api/v1/incidents/${anId('i1')}`);
  assert.deepEqual([body['timelineTotal'], (body['timeline'] as readonly unknown[]).length], [510, 500]);
  assert.match(String(body['now']), /Z$/u);
  const env = { FOGHORN_CONSOLE_URL: console.url, FOGHORN_CONSOLE_TOKEN: TOKENS.viewer };
  assert.match(
    (await runFoghorn(['incidents', 'show', anId('i1')], { env })).out,
    /Time line \(the latest 500 of 510\)/u,
  );
});
