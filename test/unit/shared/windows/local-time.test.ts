// Local times to UTC, over the changes to and from summer time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimeZone, utcOf } from '../../../../shared/windows/local-time.ts';

test('a local time is UTC by its zone, its digits kept [14 §3]', () => {
  for (const [local, zone, utc] of [
    ['2026-03-01T10:00:00.1234567', 'Europe/Berlin', '2026-03-01T09:00:00.1234567Z'],
    ['2026-07-01T10:00:00', 'Europe/Berlin', '2026-07-01T08:00:00Z'],
    ['2026-01-01T00:30:00', 'Asia/Kolkata', '2025-12-31T19:00:00Z'],
    ['2026-07-01T23:30:00', 'America/New_York', '2026-07-02T03:30:00Z'],
    ['2026-07-01T10:00:00', 'UTC', '2026-07-01T10:00:00Z'],
    ['2026-03-29T01:59:59', 'Europe/Berlin', '2026-03-29T00:59:59Z'],
    ['2026-03-29T03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['2026-10-25T01:59:59', 'Europe/Berlin', '2026-10-24T23:59:59Z'],
    ['2026-10-25T03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00Z'],
  ] as const)
    assert.equal(utcOf(local, zone), utc, `${local} ${zone}`);
});

test('an hour shown twice is the first, an hour skipped is after the change [14 §3]', () => {
  assert.equal(utcOf('2026-10-25T02:30:00', 'Europe/Berlin'), '2026-10-25T00:30:00Z');
  assert.equal(utcOf('2026-03-29T02:30:00', 'Europe/Berlin'), '2026-03-29T01:30:00Z');
  assert.equal(utcOf('2026-11-01T01:30:00', 'America/New_York'), '2026-11-01T05:30:00Z');
});

test('a zone that is none is known as such', () => {
  assert.ok(isTimeZone('Europe/Berlin'));
  for (const none of ['', 'Berlin', 'Europe/Nowhere']) assert.ok(!isTimeZone(none), none);
});
