// Documents made to break the mapping: each can be found or is a dead letter with its reason, and
// the number of fields stays bounded. As many as TORTURE_DOCUMENTS says; 2,000 otherwise.
import assert from 'node:assert/strict';
import { anId } from '../support/ids.ts';
import { test } from 'node:test';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { hostileDocument, MALICE_NAMES } from '../support/hostile-documents.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { testKafka } from '../support/kafka.ts';
import { until } from '../support/until.ts';

const DOCUMENTS = Number(process.env['TORTURE_DOCUMENTS'] ?? 2000);
const BATCH = 250;
/** Elasticsearch takes no more ids in a query: `index.max_result_window`. */
const MAX_IDS = 10_000;
/** The template allows 2,000 dynamic ones; runtime and metadata fields come on top. */
const MAX_FIELDS = 2100;
const LIMIT_MS = Math.max(600_000, DOCUMENTS * 40);

function record(index: number): OutRecord {
  return {
    topic: 'events',
    key: `host-${index % 20}`,
    value: JSON.stringify(hostileDocument(index)),
    headers: { id: anId(`hostile-${index}`), received: String(Date.now()) },
  };
}

test(`${DOCUMENTS} hostile documents are found or dead-lettered, and the mapping stays bounded`, {
  timeout: LIMIT_MS,
}, async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const { elasticsearch, names } = corner;
  await startTestIndexer(t, kafka, corner);
  for (let from = 0; from < DOCUMENTS; from += BATCH)
    await kafka.producer.send(
      Array.from({ length: Math.min(BATCH, DOCUMENTS - from) }, (_, place) => record(from + place)),
    );
  const { found, letters } = await until(
    'every document is found or dead',
    async () => {
      const letters = await kafka.readAll('deadLetters');
      const dead = [...new Set(letters.map(({ headers }) => headers['id'] ?? ''))];
      // A request given up for lost may still be at work: once the limit of fields is reached, it
      // writes what was refused in the repeat. Dead and there loses nothing.
      let both = 0;
      for (let from = 0; from < dead.length; from += MAX_IDS)
        both += await corner.count({ ids: { values: dead.slice(from, from + MAX_IDS) } });
      const found = await corner.count({ match_all: {} });
      return found + dead.length - both === DOCUMENTS && { found, letters };
    },
    LIMIT_MS,
  );
  t.diagnostic(`${found} found, ${letters.length} dead`);
  await until(
    'all dead letters can be searched',
    async () => (await corner.count({ exists: { field: 'foghorn.dead_letter.offset' } }, names.deadLetters)) > 0,
  );
  // Being there is not enough: a document has to be found by what is in it.
  assert.equal(await corner.count({ prefix: { 'event.id': 'hostile-' } }), found);
  for (const { headers, value } of letters) {
    assert.equal(headers['dead-reason'], 'index_refused');
    assert.ok((headers['dead-detail'] ?? '').length > 10, JSON.stringify(headers));
    assert.ok((value?.length ?? 0) > 0);
  }
  const deadKinds = new Set(
    letters.map(({ headers }) => MALICE_NAMES[Number(headers['id']?.slice(8)) % MALICE_NAMES.length]),
  );
  t.diagnostic(`refused: ${[...deadKinds].join(', ')}`);
  // What costs a document must stay the exception: most malice is kept and searchable.
  assert.ok(deadKinds.size * 2 < MALICE_NAMES.length, [...deadKinds].join(', '));

  const { body } = await elasticsearch.request({
    method: 'GET',
    path: `/${names.events}/_field_caps`,
    query: { fields: '*' },
  });
  const fields = Object.keys((body as { readonly fields: object }).fields).length;
  t.diagnostic(`${fields} fields`);
  assert.ok(fields <= MAX_FIELDS, `${fields} fields`);
});
