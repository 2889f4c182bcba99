// filter_path as Beats, Logstash and the OpenTelemetry exporter ask for it, and what nobody asks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filteredBy } from '../../../../../services/collector/inputs/bulk/filter-path.ts';

const error = { type: 'document_parsing_exception', reason: 'r', more: 1 };
const ANSWER = {
  took: 3,
  errors: true,
  items: [
    { create: { _index: 'i', _id: '0-1', _version: 1, result: 'created', status: 201 } },
    { index: { _index: 'j', status: 400, error } },
  ],
};

test('Beats and Logstash: errors, statuses and errors of items', () => {
  assert.deepEqual(filteredBy('errors,items.*.error,items.*.status', ANSWER), {
    errors: true,
    items: [{ create: { status: 201 } }, { index: { status: 400, error } }],
  });
});

test('the OpenTelemetry exporter: no errors, but parts of each error', () => {
  const path = 'items.*._index,items.*.status,items.*.failure_store,items.*.error.type,items.*.error.reason';
  assert.deepEqual(filteredBy(path, ANSWER), {
    items: [
      { create: { _index: 'i', status: 201 } },
      { index: { _index: 'j', status: 400, error: { type: error.type, reason: 'r' } } },
    ],
  });
});

test('stars stand for parts of names, and what is left of nothing is nothing', () => {
  assert.deepEqual(filteredBy('t*k', ANSWER), { took: 3 });
  assert.deepEqual(filteredBy('items.*.err*.type', ANSWER), { items: [{ index: { error: { type: error.type } } }] });
  assert.deepEqual(filteredBy('items.*.other', ANSWER), {});
  assert.deepEqual(filteredBy('took.more', ANSWER), {});
});

test('without a path, with exclusions, with ** or very many the answer is whole', () => {
  for (const path of [null, '', ',', '-took', 'items.**', Array.from({ length: 21 }, () => 'took').join(',')])
    assert.equal(filteredBy(path, ANSWER), ANSWER, String(path));
});

test('characters of regular expressions are themselves', () => {
  assert.deepEqual(filteredBy('t+ook,(,[a-z]ook,t\\ook,to{1}k,took|errors', ANSWER), {});
});
