// Times: UTC, every digit kept, and no time invented from what is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimeWriter, normaliseTime } from '../../../../shared/windows/time.ts';

test('every digit of a second is kept, up to nine', () => {
  assert.equal(normaliseTime('2026-03-01T10:00:00Z'), '2026-03-01T10:00:00Z');
  assert.equal(normaliseTime('2026-03-01T10:00:00.1234567Z'), '2026-03-01T10:00:00.1234567Z');
  assert.equal(normaliseTime('2026-03-01T10:00:00.123456789012Z'), '2026-03-01T10:00:00.123456789Z');
  assert.equal(normaliseTime('2026-03-01T10:00:00.000Z'), '2026-03-01T10:00:00.000Z');
});

test('zones become UTC, over midnight and the turn of the year', () => {
  assert.equal(normaliseTime('2026-01-01T00:30:00.5+01:00'), '2025-12-31T23:30:00.5Z');
  assert.equal(normaliseTime('2025-12-31T23:30:00-0100'), '2026-01-01T00:30:00Z');
  assert.equal(normaliseTime('2026-03-01t10:00:00z'), '2026-03-01T10:00:00Z');
});

test('without a zone it is UTC, as log files have it, wherever this runs', () => {
  assert.equal(normaliseTime(' 2026-03-01 10:00:00.25 '), '2026-03-01T10:00:00.25Z');
});

test('what is no time gives none', () => {
  const none = [
    '',
    'now',
    '2026-03-01',
    '2026-03-01T10:00Z',
    '10:00:00',
    '1772359200',
    '2026-13-01T10:00:00Z',
    '2026-03-01T10:00:00.Z',
  ];
  const impossible = [
    '2026-02-29T10:00:00Z',
    '2026-02-30T10:00:00+01:00',
    '2026-04-31T10:00:00',
    '2026-03-01T24:00:00Z',
    '2026-03-01T10:60:00Z',
  ];
  const outside = [
    '2026-03-01T10:00:00+99:99',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '12026-03-01T10:00:00Z',
  ];
  for (const text of [...none, ...impossible, ...outside]) assert.equal(normaliseTime(text), undefined, text);
  assert.equal(normaliseTime('2024-02-29T10:00:00+01:00'), '2024-02-29T09:00:00Z');
});

test('times are written as the language writes them, whichever came before', () => {
  const write = createTimeWriter();
  const second = Date.UTC(2026, 2, 1, 12);
  for (const time of [second, second + 999, second + 1000, second + 7, 0, -1, -1000, -1001, 8.64e15, -8.64e15, 1.5])
    assert.equal(write(time), new Date(time).toISOString(), String(time));
  for (const none of [Number.NaN, 8.64e15 + 1000]) assert.throws(() => write(none), RangeError);
  assert.equal(write(second), new Date(second).toISOString());
});
