// The size of bulk requests: down when Elasticsearch is slow, up again when it is not, never beyond
// its bounds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBulkSize } from '../../../../services/indexer/bulk-size.ts';

const MIB = 1024 * 1024;
const quick = { tookMs: 10, isOverloaded: false };
const slow = { tookMs: 5000, isOverloaded: false };

test('slow answers halve it, down to a floor; quick ones bring it back, up to its ceiling', () => {
  const size = createBulkSize({ maxBytes: 4 * MIB, targetMs: 1000 });
  size.record(4 * MIB, slow);
  assert.equal(size.now(), 2 * MIB);
  for (let round = 0; round < 20; round += 1) size.record(size.now(), slow);
  assert.equal(size.now(), 65_536);
  for (let round = 0; round < 50; round += 1) size.record(size.now(), quick);
  assert.equal(size.now(), 4 * MIB);
});

test('an answer that puts off counts as slow; one in between changes nothing', () => {
  const size = createBulkSize({ maxBytes: 4 * MIB, targetMs: 1000 });
  size.record(4 * MIB, { tookMs: 700, isOverloaded: false });
  assert.equal(size.now(), 4 * MIB);
  size.record(4 * MIB, { ...quick, isOverloaded: true });
  assert.equal(size.now(), 2 * MIB);
});

test('small requests say nothing about large ones', () => {
  const size = createBulkSize({ maxBytes: 4 * MIB, targetMs: 1000 });
  size.record(1000, slow);
  assert.equal(size.now(), 4 * MIB);
  size.record(4 * MIB, slow);
  size.record(1000, quick);
  assert.equal(size.now(), 2 * MIB);
});

test('requests that were under way together and slow together are one lesson each, the floor holds, and a ceiling below the floor stands', () => {
  const size = createBulkSize({ maxBytes: 10_000, targetMs: 1000 });
  for (let round = 0; round < 4; round += 1) size.record(10_000, slow);
  assert.equal(size.now(), 10_000);
});
