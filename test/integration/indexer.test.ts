// The indexer against the real Kafka and Elasticsearch: nothing lost, nothing twice, nobody harmed
// by another record, the later snapshot stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { fillIncident } from '../../shared/catalog/remediation-text.ts';
import { toMatch } from '../../shared/catalog/render.ts';
import { type ActivityEntry, encodeActivityEntry } from '../../shared/contracts/activity.ts';
import { encodeIncident } from '../../shared/contracts/incident.ts';
import { toIncidentDocument } from '../../shared/contracts/incident-to-document.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { SAMPLE_ENTRY } from '../attack/samples.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { startTestIndexer as start } from '../support/indexer.ts';
import { testKafka } from '../support/kafka.ts';
import { recordedLog } from '../support/log.ts';
import { requiredEnv } from '../support/servers.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const DEADLINE_MS = 20_000;

function eventRecord(id: string, extra: Readonly<Record<string, unknown>> = {}): OutRecord {
  const document = {
    '@timestamp': '2026-03-01T10:00:00.1234567Z',
    event: { kind: 'event', id, code: '309' },
    host: { name: 'media01' },
    foghorn: { input: 'test' },
    ...extra,
  };
  return {
    topic: 'events',
    key: 'media01',
    value: JSON.stringify(document),
    headers: { id: anId(id), received: String(Date.now()) },
  };
}

const ALL = { match_all: {} };

test('documents of all three topics arrive with their types, and readiness says so', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const indexer = await start(t, kafka, corner);
  const incident = anIncident(anId('inc-1'), 1);
  const params = { port: 554 };
  const { remediation: named } = toMatch({ entry: SAMPLE_ENTRY, params }, 'media02');
  const entity = { ...incident.entity, host: 'media02', params };
  const unfilled = { ...incident, id: anId('inc-2'), entity, remediation: named };
  const action: ActivityEntry = {
    id: anId('act-1'),
    atMs: Date.UTC(2026, 2, 1),
    incidentId: anId('inc-1'),
    episode: 1,
    revision: 1,
    subject: 'delivery',
    type: 'notified',
    actor: 'system',
    reason: 'opened',
    host: 'media01',
    ruleId: 'wmserver-309-port-in-use',
    severity: 'error',
    receiver: 'local',
    timeToAlertMs: 120,
  };
  await kafka.producer.send([
    eventRecord('ev-1', { winlog: { record_id: 4711, event_data: { param1: '80', 'dotted.name': 'x' } } }),
    encodeIncident(incident),
    encodeIncident(unfilled),
    encodeEntry(SAMPLE_ENTRY),
    encodeActivityEntry(action),
  ]);
  await until('the event is there', async () => (await corner.count({ ids: { values: [anId('ev-1')] } })) === 1);
  for (const query of [
    { term: { 'winlog.event_data.param1': '80' } },
    { term: { 'winlog.record_id': '4711' } },
    { range: { '@timestamp': { gte: '2026-03-01T10:00:00Z', lt: '2026-03-01T10:00:01Z' } } },
  ])
    assert.equal(await corner.count(query), 1, JSON.stringify(query));
  await until('the incident is there', async () => (await corner.count(ALL, corner.names.incidents)) === 2);
  const [found] = await corner.search({ term: { 'server.port': 80 } }, 1, corner.names.incidents);
  assert.deepEqual(found?.foghorn['remediation'], {
    id: 'wmserver-309-port-in-use',
    version: '1',
    title: incident.remediation.title,
    first_step: 'Open the console.',
    summary: incident.remediation.summary,
    class: 'address-in-use',
    severity: 'error',
    causes: incident.remediation.causes,
    options: incident.remediation.options,
    verification: incident.remediation.verification,
    notes: [],
    references: [],
  });
  const [second] = await corner.search({ term: { 'server.port': 554 } }, 1, corner.names.incidents);
  const { remediation } = toIncidentDocument(fillIncident(unfilled, () => SAMPLE_ENTRY)).foghorn;
  assert.deepEqual(second?.foghorn['remediation'], JSON.parse(JSON.stringify(remediation)), 'the text is filled in');
  await until(
    'the action is there',
    async () =>
      (await corner.count({ range: { 'foghorn.action.time_to_alert_ms': { gte: 100 } } }, corner.names.actions)) === 1,
  );
  await until('everything is ready', async () => (await indexer.ready()) === undefined);
});

test('repeats make no twin, not even after a rollover', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const records = Array.from({ length: 300 }, (_, index) => eventRecord(`ev-${index}`));
  const first = await start(t, kafka, corner);
  await kafka.producer.send(records);
  await until('all are there', async () => (await corner.count(ALL)) === 300);
  await kafka.producer.send([...records.slice(0, 50), eventRecord('marker-1')]);
  await until('the marker is there', async () => (await corner.count({ ids: { values: [anId('marker-1')] } })) === 1);
  assert.equal(await corner.count(ALL), 301);
  await first.stop(AbortSignal.timeout(DEADLINE_MS));

  const rolled = await corner.elasticsearch.request({ method: 'POST', path: `/${corner.names.events}/_rollover` });
  assert.equal(rolled.status, 200);
  await kafka.producer.send([...records, eventRecord('marker-2')]);
  await start(t, kafka, corner);
  await until(
    'the second marker is there',
    async () => (await corner.count({ ids: { values: [anId('marker-2')] } })) === 1,
  );
  assert.equal(await corner.count(ALL), 302);
});

test('an event sent again after a rollover is no second document; what is younger than the index is not looked up', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const indexer = await start(t, kafka, corner);
  const record = (id: string, createdAtMs: number): OutRecord => {
    const made = eventRecord(id);
    return { ...made, headers: { ...made.headers, created: String(createdAtMs) } };
  };
  const old = Array.from({ length: 120 }, (_, index) => record(`ev-${index}`, Date.now()));
  await kafka.producer.send(old);
  await until('all are there', async () => (await corner.count(ALL)) === 120);
  const rolled = await corner.elasticsearch.request({ method: 'POST', path: `/${corner.names.events}/_rollover` });
  assert.equal(rolled.status, 200);
  const lookups = async (): Promise<number> =>
    Number(/repeat_lookups_total\{[^}]*-windows[^}]*\} (\d+)/u.exec(await indexer.registry.metrics())?.[1] ?? 0);
  let probes = 0;
  await until('the rollover is noticed', async () => {
    const before = await lookups();
    await kafka.producer.send([record(`probe-${probes}`, Date.now())]);
    probes += 1;
    await until(
      'it is there',
      async () => (await corner.count({ ids: { values: [anId(`probe-${probes - 1}`)] } })) === 1,
    );
    return (await lookups()) > before;
  });
  const again = old.slice(0, 20).map((one) => ({ ...one, headers: { ...one.headers, received: String(Date.now()) } }));
  await kafka.producer.send([...again, record('marker', Date.now())]);
  await until('the marker is there', async () => (await corner.count({ ids: { values: [anId('marker')] } })) === 1);
  assert.equal(await corner.count({ prefix: { 'event.id': 'ev-' } }), 120);

  const before = await lookups();
  const later = String(Date.now() + 3_600_000);
  const young = eventRecord('young');
  await kafka.producer.send([{ ...young, headers: { id: anId('young'), created: later, received: later } }]);
  await until('the young one is there', async () => (await corner.count({ ids: { values: [anId('young')] } })) === 1);
  assert.equal(await lookups(), before);
});

test('a document that Elasticsearch refuses becomes a dead letter with the reason; the others are indexed', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  await start(t, kafka, corner);
  const conflicting = eventRecord('bad-mapping', { winlog: 'a text where an object belongs' });
  const long = { ...eventRecord('long'), headers: { id: 'x'.repeat(600) } };
  const hostile = {
    ...eventRecord('two-lines'),
    value: '{"@timestamp":"2026-03-01T10:00:00Z",\n"event":{"code":"1"}}',
  };
  const badIncident = {
    ...encodeIncident(anIncident(anId('inc-bad'), 1)),
    value: JSON.stringify({ id: anId('inc-bad'), revision: 1 }),
  };
  const others = Array.from({ length: 20 }, (_, index) => eventRecord(`good-${index}`));
  await kafka.producer.send([
    ...others.slice(0, 10),
    conflicting,
    { ...eventRecord('broken'), value: '{"@timestamp":' },
    long,
    hostile,
    ...others.slice(10),
    badIncident,
    encodeIncident(anIncident(anId('inc-good'), 1)),
  ]);
  await until('the good ones are there', async () => (await corner.count(ALL)) === 21);
  await until('the good incident is there', async () => (await corner.count(ALL, corner.names.incidents)) === 1);
  const letters = await kafka.readUntil('deadLetters', 4);
  const byReason = letters.map(({ headers }) => [headers['dead-stage'], headers['dead-reason']]).sort();
  assert.deepEqual(byReason, [
    ['indexer', 'index_refused'],
    ['indexer', 'undecodable'],
    ['indexer', 'undecodable'],
    ['indexer-incidents', 'undecodable'],
  ]);
  const letter = letters.find(({ headers }) => headers['id'] === anId('bad-mapping'));
  assert.match(letter?.headers['dead-detail'] ?? '', /object mapping for \[winlog\]/u);
  assert.equal(letter?.value?.toString('utf8'), conflicting.value);
});

test('Elasticsearch away and back again: nothing is lost and nothing is twice', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const proxy = await createTcpProxy(new URL(requiredEnv('ELASTICSEARCH_URL')).host);
  t.after(async () => await proxy.close());
  const indexer = await start(t, kafka, corner, { node: `http://${proxy.address}` });
  const send = async (from: number): Promise<void> =>
    void (await kafka.producer.send(Array.from({ length: 100 }, (_, index) => eventRecord(`ev-${from + index}`))));
  await send(0);
  await until('the first hundred is there', async () => (await corner.count(ALL)) === 100);
  for (const [fail, from] of [
    ['cut', 100],
    ['pause', 200],
  ] as const) {
    proxy[fail]();
    await send(from);
    await until('it is noticed', async () => (await indexer.ready()) !== undefined);
    await until('a batch waits', async () =>
      /foghorn_dependency_retries_total\{[^}]*stage="indexer"[^}]*\} [1-9]/u.test(await indexer.registry.metrics()),
    );
    if (fail === 'cut') assert.equal(await corner.count(ALL), from);
    proxy.resume();
    await until('all are there', async () => (await corner.count(ALL)) === from + 100);
  }
  await until('it is ready again', async () => (await indexer.ready()) === undefined);
  assert.deepEqual(await kafka.readAll('deadLetters'), []);
});

test('the block of a full disk is waited out, not dead-lettered, and readiness and log name it', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const { log, lines } = recordedLog();
  const indexer = await start(t, kafka, corner, { log });
  await kafka.producer.send([eventRecord('before')]);
  await until('the index is there', async () => (await corner.count(ALL)) === 1);
  const block = async (isBlocked: boolean): Promise<void> => {
    const body = { 'index.blocks.read_only_allow_delete': isBlocked };
    const path = `/${corner.names.events}/_settings`;
    assert.equal((await corner.elasticsearch.request({ method: 'PUT', path, body })).status, 200);
  };
  await block(true);
  await kafka.producer.send([eventRecord('during')]);
  const advice = /free space on it .*flood-stage watermark/u;
  await until('readiness names it', async () => advice.test((await indexer.ready()) ?? ''));
  await until('the log names it', () => lines.some(({ detail }) => advice.test(String(detail))));
  await block(false);
  await until('it is there', async () => (await corner.count(ALL)) === 2);
  await until('it is ready again', async () => (await indexer.ready()) === undefined);
  assert.deepEqual(await kafka.readAll('deadLetters'), []);
});

test('incident snapshots out of order keep the later one', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  await start(t, kafka, corner);
  await kafka.producer.send([3, 1, 2].map((revision) => encodeIncident(anIncident(anId('inc-1'), revision))));
  const stateOf = async (): Promise<unknown> =>
    (await corner.search(ALL, 1, corner.names.incidents))[0]?.foghorn['incident'];
  const { revision } = await until('it is there', async () => (await stateOf()) as { revision: number } | undefined);
  assert.equal(revision, 3);
  await kafka.producer.send([
    encodeIncident(anIncident(anId('inc-1'), 2)),
    encodeIncident(anIncident(anId('inc-2'), 1)),
  ]);
  await until('the marker is there', async () => (await corner.count(ALL, corner.names.incidents)) === 2);
  assert.equal(await corner.count({ term: { 'foghorn.incident.revision': 3 } }, corner.names.incidents), 1);
  assert.deepEqual(await kafka.readAll('deadLetters'), []);
});
