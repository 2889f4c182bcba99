// Records that could not be read are counted by the headers of the chunks, which say how many there
// were.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMissing } from '../../../../services/cli/evtx/missing.ts';
import { CHUNK_BYTES } from '../../../../services/cli/evtx/reader.ts';

function chunk(first: bigint, last: bigint): Buffer {
  const bytes = Buffer.alloc(CHUNK_BYTES);
  bytes.write('ElfChnk\0', 'latin1');
  bytes.writeBigUInt64LE(first, 8);
  bytes.writeBigUInt64LE(last, 16);
  return bytes;
}

/** The identifiers have gaps, as in a log that was exported by a query. */
const read = (count: number, errors: readonly string[] = []) => ({
  records: Array.from({ length: count }, (_, index) => ({ number: BigInt(1000 + 7 * index), xml: '' })),
  errors,
});

test('one error stands for all records that the header has and the reader has not [14 §6]', () => {
  const missing = createMissing();
  assert.deepEqual(missing(chunk(1n, 10n), read(10)), { count: 0, details: [] });
  const silent = missing(chunk(11n, 20n), read(7));
  assert.equal(silent.count, 3);
  assert.match(silent.details.join('\n'), /10 records, of which 3 could not be read/u);
  const broken = missing(chunk(21n, 88n), read(0, ['a', 'b', 'c', 'd']));
  assert.equal(broken.count, 68);
  assert.deepEqual(missing(chunk(89n, 90n), read(1, ['a'])), { count: 1, details: ['a'] });
});

test('records of a chunk without a readable header are counted by the chunks around it [14 §6]', () => {
  const missing = createMissing();
  missing(chunk(1n, 10n), read(10));
  assert.equal(missing(undefined, read(0, ['this is no chunk'])).count, 1);
  const after = missing(chunk(51n, 60n), read(10));
  assert.equal(after.count, 39, 'forty in all');
  assert.match(after.details.join('\n'), /39 more records/u);
  missing(undefined, read(0, ['this is no chunk']));
  assert.equal(missing(chunk(5n, 6n), read(2)).count, 0, 'a log that began anew at its end');
});

test('a header that says what cannot be is not trusted [14 §6]', () => {
  for (const [first, last] of [
    [0n, 0n],
    [5n, 4n],
    [1n, 2n ** 64n - 1n],
    [2n ** 64n - 1n, 2n ** 64n - 1n],
    [1n, 100_000n],
  ] as const) {
    const { count } = createMissing()(chunk(first, last), read(1, ['a']));
    assert.equal(count, 1, `${first} to ${last}`);
  }
  assert.deepEqual(createMissing()(chunk(1n, 2n), read(5)), { count: 0, details: [] }, 'a header not written yet');
});
