// Silences: what may be asked for, which one covers an incident, and until when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsIn, readSilence, silencedBy } from '../../../../../services/notifier/policy/silence.ts';
import type { Silence } from '../../../../../shared/contracts/incident.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.parse('2026-03-10T12:00:00Z');

const silence: Silence = {
  id: 's1',
  matchers: ['host="a"'],
  author: 'kim',
  comment: 'disks are changed',
  startsAtMs: NOW_MS - HOUR_MS,
  endsAtMs: NOW_MS + HOUR_MS,
  revision: 1,
};

function coveredBy(...silences: readonly Silence[]): string | undefined {
  const active = silences.flatMap((each) => readSilence(each) ?? []);
  return silencedBy(active, { host: 'a' }, NOW_MS)?.silence.id;
}

test('of several silences the one that ends last covers an incident, whatever their order', () => {
  const longer = { ...silence, id: 's2', endsAtMs: NOW_MS + 2 * HOUR_MS };
  assert.equal(coveredBy(silence, longer), 's2');
  assert.equal(coveredBy(longer, silence), 's2');
  assert.equal(coveredBy(silence, { ...longer, matchers: ['host="b"'] }), 's1');
  assert.equal(coveredBy(silence, { ...longer, startsAtMs: NOW_MS + 1 }), 's1');
  assert.equal(coveredBy({ ...silence, startsAtMs: NOW_MS }), 's1', 'it begins now');
});

test('the reason says whose silence it is, until when, why, of what, and its id', () => {
  const active = readSilence(silence) ?? assert.fail();
  assert.equal(
    silencedBy([active], { host: 'a' }, NOW_MS)?.reason,
    'silenced by kim until 2026-03-10T13:00:00.000Z: disks are changed {host="a"} (s1)',
  );
});

test('a silence whose matchers cannot be read covers nothing', () => {
  assert.equal(readSilence({ ...silence, matchers: ['host="a"', 'host'] }), undefined);
});

test('a silence of a label that does not exist is refused with the name that was meant; one with other problems is not searched for it', () => {
  const known = { names: new Set(['host', 'port']), values: new Map() };
  const problems = (matchers: readonly string[]) => problemsIn({ ...silence, matchers }, NOW_MS, known);
  assert.match(problems(['prot="80"']).join(), /there is no label prot.*port/u);
  assert.deepEqual(problems(['host="a"']), []);
  assert.equal(problems(['prot="80"', 'host']).length, 1);
  assert.equal(problems(Array.from({ length: 51 }, () => 'prot="80"')).length, 1);
});

test('a silence may begin later, and lasts 90 days at most from now on', () => {
  const from = (startsAtMs: number, endsAtMs: number) => problemsIn({ ...silence, startsAtMs, endsAtMs }, NOW_MS);
  assert.deepEqual(from(NOW_MS + 10 * DAY_MS, NOW_MS + 90 * DAY_MS), []);
  assert.deepEqual(from(NOW_MS + 10 * DAY_MS, NOW_MS + 91 * DAY_MS), ['a silence lasts 90 days at most']);
  assert.deepEqual(from(NOW_MS - DAY_MS, NOW_MS + 90 * DAY_MS), ['a silence lasts 90 days at most']);
  assert.deepEqual(from(NOW_MS + 1, NOW_MS + 1), ['the end has to be after the start']);
  assert.deepEqual(from(NOW_MS - HOUR_MS, NOW_MS), ['the end is past']);
  assert.deepEqual(from(NOW_MS, NOW_MS + 0.5), ['start and end have to be times']);
  assert.deepEqual(from(Number.NaN, NOW_MS + 1), ['start and end have to be times']);
});
