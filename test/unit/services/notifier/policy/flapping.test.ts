// Flapping: when an incident begins to, what is held back then, and when it is over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFlapping, noteBeginning } from '../../../../../services/notifier/policy/flapping.ts';
import type { Incident } from '../../../../../shared/contracts/incident.ts';
import { reopen } from '../../../../../shared/contracts/incident-operations.ts';
import { anIncident } from '../../../../support/incidents.ts';

const SETTINGS = { episodes: 3, withinMs: 60_000, quietForMs: 10_000 };

/** Begins at these times, each episode over after a millisecond. */
function begun(times: readonly number[], settings = SETTINGS): Incident {
  let incident: Incident | undefined;
  for (const [index, openedAtMs] of times.entries()) {
    const over = incident === undefined ? undefined : { ...incident, resolvedAtMs: incident.openedAtMs + 1 };
    incident = noteBeginning(over, { ...anIncident('abc', 1), episode: index + 1, openedAtMs }, settings);
  }
  return incident ?? assert.fail();
}

test('it flaps from the beginning that is one too many within the time, and not before [alerting 12]', () => {
  assert.equal(begun([0, 1000]).flapping, undefined);
  assert.deepEqual(begun([0, 1000, 2000]).flapping, { sinceMs: 0, episode: 3, count: 3, quietForMs: 10_000 });
  assert.equal(begun([0, 1000, 60_000]).flapping, undefined);
  assert.equal(begun([0, 1, 2, 3, 4], { ...SETTINGS, episodes: 0 }).flapping, undefined);
});

test('as long as it is not quiet it goes on to flap, however long it lasts; after a quiet time it begins anew [alerting 12]', () => {
  const slow = Array.from({ length: 30 }, (_, index) => 2000 + index * 9000);
  assert.deepEqual(begun([0, 1000, ...slow]).flapping, { sinceMs: 0, episode: 3, count: 32, quietForMs: 10_000 });
  assert.equal(begun([0, 1000, 2000, 100_000]).flapping, undefined);
});

test('the beginning that is one too many is notified, all else is held until it is quiet [alerting 12]', () => {
  const now = begun([0, 1000, 2000]);
  assert.equal(checkFlapping(now, now, 2001).kind, 'notify');
  const over: Incident = { ...now, state: 'resolved', resolvedAtMs: 3000 };
  const held = checkFlapping(over, over, 3001);
  assert.ok(held.kind === 'suppressed');
  assert.deepEqual([held.by, held.againAtMs], ['flapping', 13_000]);
  assert.match(held.reason, /begun 3 times since 1970-01-01T00:00:00.000Z/u);
  assert.equal(checkFlapping(over, over, 13_000).kind, 'notify');
  const next = begun([0, 1000, 2000, 4000]);
  assert.equal(checkFlapping(next, next, 4001).kind, 'suppressed');
  assert.equal(checkFlapping(next, next, 14_000).kind, 'notify');
  assert.equal(
    checkFlapping({ episode: 2, state: 'resolved' }, next, 4001).kind,
    'notify',
    'the end of an earlier one',
  );
});

test('once it stayed open for the quiet time it flaps no more: its end is notified at once, and its next beginning too [alerting 12]', () => {
  const now = begun([0, 1000, 2000, 4000]);
  const over: Incident = { ...now, state: 'resolved', resolvedAtMs: 60_000 };
  assert.equal(checkFlapping(over, over, 60_001).kind, 'notify', 'its end');
  const next = noteBeginning(over, { ...anIncident('abc', 1), episode: 5, openedAtMs: 64_000 }, SETTINGS);
  assert.equal(next.flapping, undefined, 'its next beginning');
  const short: Incident = { ...now, state: 'resolved', resolvedAtMs: 13_000 };
  assert.equal(checkFlapping(short, short, 13_001).kind, 'suppressed', 'an episode shorter than the quiet time');
});

test('what a person reopens is notified at once, however it flapped before [alerting 12]', () => {
  const over: Incident = { ...begun([0, 1000, 2000, 4000]), state: 'resolved', resolvedAtMs: 5000 };
  const nowMs = 86_400_000;
  const again = reopen(over, { actor: 'kim', reason: 'still there', nowMs })?.incident ?? assert.fail();
  assert.equal(checkFlapping(again, again, nowMs + 1).kind, 'notify');
});

test('what flaps on and on is said again every four hours, and nothing in between [alerting 12]', () => {
  const HOUR_MS = 3_600_000;
  const times = Array.from({ length: 4 * 6 + 4 }, (_, index) => index * 10 * 60_000);
  const settings = { episodes: 3, withinMs: HOUR_MS, quietForMs: 15 * 60_000 };
  const notified = times.flatMap((atMs, index) => {
    const now = begun(times.slice(0, index + 1), settings);
    return checkFlapping(now, now, atMs + 1).kind === 'notify' ? [index] : [];
  });
  assert.deepEqual(notified, [0, 1, 2, 24]);
});

test('a change of the same episode is no beginning', () => {
  const now = begun([0, 1000, 2000]);
  assert.equal(noteBeginning(now, { ...now, openedAtMs: 3000 }, SETTINGS).beginningsMs, now.beginningsMs);
});

test('the quiet time runs from the end of an episode that was shorter than it, to the millisecond', () => {
  const day = 86_400_000;
  const now = begun([day, day + 1000, day + 2000]);
  const over = (resolvedAtMs: number): Incident => ({ ...now, state: 'resolved', resolvedAtMs });
  const short = over(day + 2000 + 9999);
  const held = checkFlapping(short, short, day + 12_000);
  assert.ok(held.kind === 'suppressed');
  assert.equal(held.againAtMs, day + 2000 + 9999 + 10_000);
  assert.match(held.reason, /quiet for 1 min$/u);
  const long = over(day + 2000 + 10_000);
  assert.equal(checkFlapping(long, long, day + 12_000).kind, 'notify', 'it was quiet while it was on');
});

test('what begins when the quiet time is over flaps no more, a millisecond before it still does', () => {
  const next = (openedAtMs: number) => {
    const now = begun([0, 1000, 2000]);
    const over: Incident = { ...now, state: 'resolved', resolvedAtMs: 3000 };
    return noteBeginning(over, { ...anIncident('abc', 1), episode: 4, openedAtMs }, { ...SETTINGS, withinMs: 500 });
  };
  assert.equal(next(12_999).flapping?.count, 4);
  assert.equal(next(13_000).flapping, undefined);
});

test('how long it has to be quiet is said in minutes, begun ones counted', () => {
  const now = begun([0, 1, 2], { ...SETTINGS, quietForMs: 14.5 * 60_000 });
  const over: Incident = { ...now, state: 'resolved', resolvedAtMs: 3 };
  const held = checkFlapping(over, over, 4);
  assert.match(held.kind === 'suppressed' ? held.reason : '', /quiet for 15 min$/u);
});
