// Faults in a cluster's set-up that the indexer meets while it runs: what waits for them is no dead
// letter, readiness says why, and all of it arrives once they are mended.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeIncident } from '../../shared/contracts/incident.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { startTestIndexer, type TestIndexer } from '../support/indexer.ts';
import { testKafka } from '../support/kafka.ts';
import { until } from '../support/until.ts';

const ALL = { match_all: {} };
const EVENTS = 50;

function eventRecord(id: string, document: Readonly<Record<string, unknown>> = {}): OutRecord {
  const whole = {
    '@timestamp': '2026-03-01T10:00:00.000Z',
    event: { kind: 'event', id, code: '309' },
    host: { name: `media-${id}` },
    foghorn: { input: 'test' },
    ...document,
  };
  const headers = { id: anId(id), received: String(Date.now()) };
  return { topic: 'events', key: `media-${id}`, value: JSON.stringify(whole), headers };
}

async function asked(
  { elasticsearch }: TestElasticsearch,
  method: 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const answer = await elasticsearch.request({ method, path, ...(body === undefined ? {} : { body }) });
  assert.ok(answer.status < 300, JSON.stringify(answer.body));
}

/** By reason, of all stages; none is left out of the count. */
async function deadLetters({ registry }: TestIndexer): Promise<number> {
  const counts = (await registry.metrics()).matchAll(/^foghorn_dead_letters_total\{[^}]*\} (?<count>\d+)/gmu);
  return [...counts].reduce((sum, { groups }) => sum + Number(groups?.['count']), 0);
}

async function corners(t: TestContext) {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  return { kafka, corner, indexer: await startTestIndexer(t, kafka, corner) };
}

for (const setting of ['default_pipeline', 'final_pipeline'])
  test(`events wait while index.${setting} names a pipeline that is not there [alerting 20]`, async (t) => {
    const { kafka, corner, indexer } = await corners(t);
    await kafka.producer.send([eventRecord('first')]);
    await until('the first event is there', async () => (await corner.count(ALL)) === 1);
    const settings = `/${corner.names.events}/_settings`;
    await asked(corner, 'PUT', settings, { [`index.${setting}`]: 'gone' });
    await kafka.producer.send(Array.from({ length: EVENTS }, (_, at) => eventRecord(`waiting-${at}`)));
    await until('readiness names the pipeline', async () =>
      /documents for logs-.* wait: .*pipeline with id \[gone\] does not exist/u.test((await indexer.ready()) ?? ''),
    );
    assert.equal(await deadLetters(indexer), 0);
    await asked(corner, 'PUT', settings, { [`index.${setting}`]: '_none' });
    await until('all events are there', async () => (await corner.count(ALL)) === 1 + EVENTS);
    await until('it is ready', async () => (await indexer.ready()) === undefined);
    assert.equal(await deadLetters(indexer), 0);
  });

test('incidents wait while their index is an alias of two without one to write to [alerting 20]', async (t) => {
  const { kafka, corner, indexer } = await corners(t);
  const { incidents } = corner.names;
  await kafka.producer.send([encodeIncident(anIncident(anId('inc-1'), 1))]);
  await until('the first incident is there', async () => (await corner.count(ALL, incidents)) === 1);
  const [one, other] = [`${incidents}-a`, `${incidents}-b`] as const;
  await asked(corner, 'DELETE', `/${incidents}`);
  for (const index of [one, other]) await asked(corner, 'PUT', `/${index}`, { aliases: { [incidents]: {} } });
  const ids = Array.from({ length: 5 }, (_, at) => anId(`inc-${at + 2}`));
  await kafka.producer.send(ids.map((id) => encodeIncident(anIncident(id, 1))));
  await until('readiness names the alias', async () =>
    new RegExp(`documents for ${incidents} wait: .*(?:no write index|more than one index)`, 'u').test(
      (await indexer.ready()) ?? '',
    ),
  );
  assert.equal(await deadLetters(indexer), 0);
  await asked(corner, 'POST', '/_aliases', {
    actions: [{ add: { index: other, alias: incidents, is_write_index: true } }],
  });
  await until('all incidents are there', async () => (await corner.count(ALL, incidents)) === ids.length);
  await until('it is ready', async () => (await indexer.ready()) === undefined);
  assert.equal(await deadLetters(indexer), 0);
  await indexer.stop(AbortSignal.timeout(20_000));
  for (const index of [one, other]) await asked(corner, 'DELETE', `/${index}`);
});

test('one document that Elasticsearch cannot take is a dead letter, and the others arrive [alerting 20]', async (t) => {
  const { kafka, corner, indexer } = await corners(t);
  await kafka.producer.send([
    ...Array.from({ length: 10 }, (_, at) => eventRecord(`good-${at}`)),
    eventRecord('bad', { '@timestamp': 'yesterday' }),
  ]);
  await until('the good events are there', async () => (await corner.count(ALL)) === 10);
  await until('the bad one is a dead letter', async () => (await deadLetters(indexer)) === 1);
  assert.equal(await indexer.ready(), undefined);
});
