// Times: UTC, every digit kept, and no time invented from what is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimeWriter, hasZone, normaliseTime } from '../../../../shared/windows/time.ts';

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

test('numbers count since 1970, in the unit that their length shows, or are a FILETIME [14 §3]', () => {
  for (const [number, time] of [
    ['1795165200', '2026-11-20T09:00:00Z'],
    ['1795165200.25', '2026-11-20T09:00:00.25Z'],
    ['1795165200,25', '2026-11-20T09:00:00.25Z'],
    ['1795165200250', '2026-11-20T09:00:00.250Z'],
    ['1795165200250.5', '2026-11-20T09:00:00.2505Z'],
    ['1795165200250125', '2026-11-20T09:00:00.250125Z'],
    ['1795165200250125700', '2026-11-20T09:00:00.250125700Z'],
    ['134396388002501257', '2026-11-20T09:00:00.2501257Z'],
    ['946684799', '1999-12-31T23:59:59Z'],
  ] as const) {
    assert.equal(normaliseTime(number), time, number);
    assert.ok(hasZone(number));
  }
});

test('a comma before the fraction, UTC as a word, a leap second and 24:00 are times [14 §3]', () => {
  assert.equal(normaliseTime('2026-03-01 11:00:00,25 +0100'), '2026-03-01T10:00:00.25Z');
  assert.equal(normaliseTime('2026-03-01 10:00:00 UTC'), '2026-03-01T10:00:00Z');
  assert.equal(normaliseTime('2026-03-01T10:00:00.5 gmt'), '2026-03-01T10:00:00.5Z');
  assert.equal(normaliseTime('2026-12-31T23:59:60.5Z'), '2027-01-01T00:00:00.5Z');
  assert.equal(normaliseTime('2027-01-01T00:59:60+01:00'), '2027-01-01T00:00:00Z');
  assert.equal(normaliseTime('2026-02-28T24:00:00.000'), '2026-03-01T00:00:00.000Z');
  assert.equal(normaliseTime('2026-03-01T24:00:00+01:00'), '2026-03-01T23:00:00Z');
});

test('a time states whether it names its zone', () => {
  for (const zoned of ['2026-03-01 10:00:00 UTC', '2026-03-01T10:00:00z', '2026-03-01 10:00:00 +0100'])
    assert.ok(hasZone(zoned), zoned);
  for (const local of ['2026-03-01 10:00:00', '2026-03-01T10:00:00,5']) assert.ok(!hasZone(local), local);
});

test('what is no time gives none', () => {
  const none = [
    '',
    'now',
    '2026-03-01',
    '2026-03-01T10:00Z',
    '10:00:00',
    '5',
    '17723592001',
    '1e9',
    '-1772359200',
    '2026-03-01T10:00:00 CET',
    '2026-13-01T10:00:00Z',
    '2026-03-01T10:00:00.Z',
  ];
  const impossible = [
    '2026-02-29T10:00:00Z',
    '2026-02-30T10:00:00+01:00',
    '2026-04-31T10:00:00',
    '2026-03-01T24:00:01Z',
    '2026-03-01T24:00:00.1Z',
    '2026-03-01T10:00:61Z',
    '2026-03-01T10:60:00Z',
  ];
  const outside = [
    '2026-03-01T10:00:00+99:99',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '12026-03-01T10:00:00Z',
    '0001-01-01T00:00:00Z',
    '1601-01-01T00:00:00.0000000Z',
    '1979-12-31T23:59:59Z',
    '116444736000000000',
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
