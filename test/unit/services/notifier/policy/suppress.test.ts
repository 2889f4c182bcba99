// What holds a message back: intervals in their time zones, inhibition, silences, each with its
// reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inhibits, sourceKeys, targetKeys } from '../../../../../services/notifier/policy/inhibit.ts';
import { problemsIn, readSilence, type SilenceRequest } from '../../../../../services/notifier/policy/silence.ts';
import { checkSuppression, type SuppressionFacts } from '../../../../../services/notifier/policy/suppress.ts';
import { isWithin, nextChangeMs } from '../../../../../services/notifier/policy/time-interval.ts';
import type { Silence } from '../../../../../shared/contracts/incident.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2026-03-10T12:00:00Z');

function isIn(span: Readonly<Record<string, unknown>>, time: string): boolean {
  const { intervals } = aPolicy({ timeIntervals: [{ name: 'i', time_intervals: [span] }] }, []);
  const interval = intervals.get('i');
  assert.ok(interval !== undefined);
  return isWithin(interval, Date.parse(time));
}

const office = {
  times: [{ start_time: '09:00', end_time: '17:00' }],
  weekdays: ['monday:friday'],
  location: 'Europe/Berlin',
};

for (const [span, time, expected] of [
  [office, '2026-03-10T07:59:59Z', false],
  [office, '2026-03-10T08:00:00Z', true],
  [office, '2026-03-10T15:59:59Z', true],
  [office, '2026-03-10T16:00:00Z', false],
  [office, '2026-03-14T12:00:00Z', false],
  // Summer time began on 29 March 2026.
  [office, '2026-03-30T07:00:00Z', true],
  [{ ...office, location: 'Asia/Kolkata' }, '2026-03-10T03:30:00Z', true],
  [{ times: [{ start_time: '22:00', end_time: '24:00' }] }, '2026-03-10T23:59:59Z', true],
  [{ days_of_month: ['-1'] }, '2026-02-28T12:00:00Z', true],
  [{ days_of_month: ['-1'] }, '2028-02-28T12:00:00Z', false],
  [{ days_of_month: ['31'] }, '2026-02-28T12:00:00Z', false],
  [{ days_of_month: ['-3:-1'] }, '2026-03-29T12:00:00Z', true],
  [{ months: ['december:december', '1:2'] }, '2026-02-01T00:00:00Z', true],
  [{ months: ['december'] }, '2026-02-01T00:00:00Z', false],
  [{ months: ['January:march'] }, '2026-01-31T12:00:00Z', true],
  [{ months: ['january:march'] }, '2026-04-01T00:00:00Z', false],
  [{ days_of_month: ['20:-2'] }, '2026-02-27T12:00:00Z', true],
  [{ days_of_month: ['20:-2'] }, '2026-02-28T12:00:00Z', false],
  [{ days_of_month: ['-31:-31'] }, '2026-02-01T12:00:00Z', false],
  [{ days_of_month: ['-28'] }, '2026-02-01T12:00:00Z', true],
  [{ days_of_month: ['1:31'] }, '2026-02-28T12:00:00Z', true],
  [{ days_of_month: ['-31:-1'] }, '2026-02-01T12:00:00Z', true],
  [{ days_of_month: ['5'] }, '2026-02-05T12:00:00Z', true],
  [{ days_of_month: ['5'] }, '2026-02-06T12:00:00Z', false],
  [{ times: [{ start_time: '09:15', end_time: '09:45' }] }, '2026-03-10T09:30:00Z', true],
  [{ weekdays: ['sunday'] }, '2026-03-15T12:00:00Z', true],
  [{ weekdays: ['wednesday'] }, '2026-03-11T12:00:00Z', true],
  [{ weekdays: ['thursday'] }, '2026-03-12T12:00:00Z', true],
  [{ weekdays: ['friday'] }, '2026-03-13T12:00:00Z', true],
  [{ weekdays: ['saturday'] }, '2026-03-14T12:00:00Z', true],
  [{ weekdays: ['monday:friday'] }, '2026-03-15T12:00:00Z', false],
  [{ times: [{ start_time: '00:00', end_time: '00:01' }] }, '2026-03-10T00:00:59Z', true],
  [{ months: ['1'], location: 'Pacific/Auckland' }, '2025-12-31T11:00:00Z', true],
  [{ years: ['2024:2025'] }, '2026-02-01T00:00:00Z', false],
  [{}, '2026-02-01T00:00:00Z', true],
] as const)
  test(`${JSON.stringify(span)} at ${time}: ${expected}`, () => assert.equal(isIn(span, time), expected));

test('the next change is found to the minute, or nothing', () => {
  const test = (atMs: number): boolean => atMs >= NOW_MS + 17 * 60_000;
  assert.equal(nextChangeMs(test, NOW_MS + 1, HOUR_MS), NOW_MS + 17 * 60_000);
  assert.equal(nextChangeMs(test, NOW_MS, 60_000), undefined);
  assert.equal(nextChangeMs(test, NOW_MS, 17 * 60_000), NOW_MS + 17 * 60_000, 'at the very end of the look-ahead');
  assert.equal(nextChangeMs(test, NOW_MS + 17 * 60_000 + 1, 60_000), undefined, 'what changed before is past');
});

const inhibitRules = [
  { source_matchers: ['rule="host-down"'], target_matchers: ['class="address-in-use"'], equal: ['host'] },
];

test('a host that is down hides its port conflicts, and those of no other host', () => {
  const { inhibitRules: rules } = aPolicy({ inhibitRules }, []);
  const [rule] = rules;
  assert.ok(rule !== undefined);
  const down = { rule: 'host-down', host: 'a' };
  assert.ok(inhibits(rule, down, { class: 'address-in-use', host: 'a' }));
  assert.ok(!inhibits(rule, down, { class: 'address-in-use', host: 'b' }));
  assert.ok(!inhibits(rule, down, { class: 'other', host: 'a' }));
  assert.deepEqual(
    sourceKeys(rules, down).map(({ id }) => id),
    targetKeys(rules, { class: 'address-in-use', host: 'a' }).map(({ id }) => id),
  );
  assert.notEqual(sourceKeys(rules, down)[0]?.id, sourceKeys(rules, { ...down, host: 'b' })[0]?.id);
});

test('what is source and target at once is not hidden by its like', () => {
  const { inhibitRules: rules } = aPolicy(
    { inhibitRules: [{ source_matchers: ['a="1"'], target_matchers: ['b="1"'] }] },
    [],
  );
  const [rule] = rules;
  assert.ok(rule !== undefined);
  assert.ok(!inhibits(rule, { a: '1', b: '1' }, { a: '1', b: '1' }));
  assert.ok(inhibits(rule, { a: '1' }, { a: '1', b: '1' }));
});

const silence: Silence = {
  id: 's1',
  matchers: ['host="a"'],
  author: 'kim',
  comment: 'disks are changed',
  startsAtMs: NOW_MS - HOUR_MS,
  endsAtMs: NOW_MS + HOUR_MS,
  revision: 1,
};

function facts(more: Partial<SuppressionFacts> = {}): SuppressionFacts {
  return {
    labels: { host: 'a' },
    route: undefined,
    intervals: new Map(),
    silences: [],
    inhibitors: [],
    nowMs: NOW_MS,
    ...more,
  };
}

function silences(...list: readonly Silence[]) {
  return list.flatMap((item) => readSilence(item) ?? []);
}

test('nothing holds back: notified', () => {
  assert.deepEqual(checkSuppression(facts()), { kind: 'notify' });
});

test('a silence holds back from its start up to its end, and says whose it is', () => {
  const checked = checkSuppression(facts({ silences: silences(silence) }));
  assert.ok(checked.kind === 'suppressed' && checked.by === 'silence');
  assert.match(checked.reason, /kim.*disks are changed/u);
  assert.ok(checked.againAtMs > NOW_MS && checked.againAtMs <= silence.endsAtMs);
  for (const nowMs of [silence.startsAtMs - 1, silence.endsAtMs])
    assert.equal(checkSuppression(facts({ silences: silences(silence), nowMs })).kind, 'notify');
  assert.equal(checkSuppression(facts({ labels: { host: 'b' }, silences: silences(silence) })).kind, 'notify');
});

test('mute and active intervals of the route, with the moment they end', () => {
  const settings = {
    timeIntervals: [{ name: 'office', time_intervals: [office] }],
    route: { routes: [{ mute_time_intervals: ['office'] }, { active_time_intervals: ['office'] }] },
  };
  const { root, intervals } = aPolicy(settings, []);
  const [mute, active] = root.routes;
  const ending = NOW_MS + 3.5 * HOUR_MS;
  const muted = checkSuppression(facts({ route: mute, intervals, nowMs: ending }));
  assert.ok(muted.kind === 'suppressed' && muted.by === 'mute_time_intervals');
  assert.equal(muted.againAtMs, NOW_MS + 4 * HOUR_MS);
  assert.equal(checkSuppression(facts({ route: active, intervals })).kind, 'notify');
  const night = checkSuppression(facts({ route: active, intervals, nowMs: NOW_MS + 10 * HOUR_MS }));
  assert.ok(night.kind === 'suppressed' && night.by === 'active_time_intervals');
  assert.match(night.reason, /office/u);
});

test('inhibition is asked first, and names the incident that hides', () => {
  const { inhibitRules: rules } = aPolicy({ inhibitRules }, []);
  const [rule] = rules;
  assert.ok(rule !== undefined);
  const checked = checkSuppression(
    facts({
      labels: { host: 'a', class: 'address-in-use' },
      inhibitors: [{ incidentId: 'i9', rule, labels: { alertname: 'down', rule: 'host-down', host: 'a' } }],
      silences: silences(silence),
    }),
  );
  assert.ok(checked.kind === 'suppressed' && checked.by === 'inhibition');
  assert.equal(checked.reason, 'hidden by incident i9 (down on a), notifier.inhibitRules[0] {rule="host-down"}');
});

for (const [what, change] of [
  ['no matcher', { matchers: [] }],
  ['a matcher that is none', { matchers: ['host'] }],
  ['matchers that take everything', { matchers: ['host=~".*"', 'a!="b"'] }],
  ['no author', { author: ' ' }],
  ['no comment', { comment: '' }],
  ['a comment of 1001 characters', { comment: 'x'.repeat(1001) }],
  ['51 matchers', { matchers: Array.from({ length: 51 }, () => 'host="a"') }],
  ['an end that is now', { startsAtMs: 0, endsAtMs: NOW_MS }],
  ['a millisecond more than 90 days', { startsAtMs: NOW_MS, endsAtMs: NOW_MS + 90 * 24 * HOUR_MS + 1 }],
  ['an end before its start', { endsAtMs: silence.startsAtMs }],
  ['an end that is past', { startsAtMs: 0, endsAtMs: NOW_MS - 1 }],
  ['no end', { endsAtMs: Number.NaN }],
  ['years to go', { endsAtMs: NOW_MS + 91 * 24 * HOUR_MS }],
] as const)
  test(`a silence with ${what} is refused`, () => {
    const request: SilenceRequest = { ...silence, ...change };
    assert.equal(problemsIn(request, NOW_MS).length, 1, problemsIn(request, NOW_MS).join('; '));
  });

test('a silence that is right has no faults', () => {
  assert.deepEqual(problemsIn(silence, NOW_MS), []);
  const most = {
    ...silence,
    comment: 'x'.repeat(1000),
    matchers: Array.from({ length: 50 }, () => 'host="a"'),
    startsAtMs: NOW_MS,
    endsAtMs: NOW_MS + 90 * 24 * HOUR_MS,
  };
  assert.deepEqual(problemsIn(most, NOW_MS), []);
});

test('what is snoozed and flaps is suppressed by the first of them, and not at all by what it is exempt from', () => {
  const incident = {
    ...anIncident('one', 1),
    episode: 2,
    flapping: { sinceMs: 0, episode: 1, count: 5, quietForMs: 1 },
  };
  const now = { ...incident, openedAtMs: NOW_MS };
  const both = { snoozedUntilMs: NOW_MS + 1, flapping: { incident: now, now } };
  const by = (more: Partial<SuppressionFacts>): string => {
    const answer = checkSuppression(facts(more));
    return answer.kind === 'suppressed' ? answer.by : answer.kind;
  };
  assert.equal(by(both), 'snooze');
  assert.equal(by({ ...both, exempt: 'snooze' }), 'notify');
  assert.equal(by({ ...both, exempt: 'flapping' }), 'snooze');
  assert.equal(by({ flapping: { incident: now, now } }), 'flapping');
});

test('what may end at any moment is checked again after half a minute, and no later than at its end', () => {
  const again = (more: Partial<SuppressionFacts>): number => {
    const answer = checkSuppression(facts(more));
    return answer.kind === 'suppressed' ? answer.againAtMs - NOW_MS : assert.fail(answer.kind);
  };
  const until = (endsAtMs: number) => ({ silences: silences({ ...silence, endsAtMs }) });
  assert.equal(again(until(NOW_MS + HOUR_MS)), 30_000);
  assert.equal(again(until(NOW_MS + 1000)), 1000);
  assert.equal(again({ snoozedUntilMs: NOW_MS + HOUR_MS }), 30_000);
  assert.equal(again({ snoozedUntilMs: NOW_MS + 1000 }), 1000);
  assert.equal(checkSuppression(facts({ snoozedUntilMs: NOW_MS })).kind, 'notify');
  const [rule] = aPolicy({ inhibitRules }, []).inhibitRules;
  assert.ok(rule !== undefined);
  const inhibitors = [{ incidentId: 'i9', rule, labels: { rule: 'host-down', host: 'a' } }];
  assert.equal(again({ labels: { host: 'a', class: 'address-in-use' }, inhibitors }), 30_000);
});

test('an interval that ends in more than an hour is checked again after an hour', () => {
  const { root, intervals } = aPolicy(
    { timeIntervals: [{ name: 'always', time_intervals: [{}] }], route: { mute_time_intervals: ['always'] } },
    [],
  );
  const muted = checkSuppression(facts({ route: root, intervals }));
  assert.ok(muted.kind === 'suppressed');
  assert.deepEqual(
    [muted.reason, muted.againAtMs - NOW_MS],
    ['notifier.route is mute in the interval always', HOUR_MS],
  );
});

test('one of several active intervals is enough; a mute one suppresses all the same, and says so', () => {
  const settings = {
    timeIntervals: [
      { name: 'now', time_intervals: [{}] },
      { name: 'past', time_intervals: [{ years: ['2020'] }] },
    ],
  };
  const by = (route: Readonly<Record<string, unknown>>): string => {
    const { root, intervals } = aPolicy({ ...settings, route }, []);
    const answer = checkSuppression(facts({ route: root, intervals }));
    return answer.kind === 'suppressed' ? `${answer.by}: ${answer.reason}` : answer.kind;
  };
  assert.equal(by({ active_time_intervals: ['past', 'now'] }), 'notify');
  assert.equal(by({ active_time_intervals: ['past'] }), 'active_time_intervals: notifier.route is active only in past');
  assert.match(by({ active_time_intervals: ['now'], mute_time_intervals: ['now'] }), /^mute_time_intervals: /u);
  assert.match(by({ active_time_intervals: ['past'], mute_time_intervals: ['now'] }), /^mute_time_intervals: /u);
});

test('a range from a day at the end of the month to one at its beginning stops the start; so does one that runs backwards', () => {
  const start = (days: string) => () =>
    aPolicy({ timeIntervals: [{ name: 'n', time_intervals: [{ days_of_month: [days] }] }] }, []);
  assert.throws(start('-3:2'), /has to end with one/u);
  assert.throws(start('9:8'), /runs backwards/u);
  assert.throws(start('-1:-2'), /runs backwards/u);
  for (const days of ['8:8', '20:-1', '-2:-1']) start(days)();
  const weekend = { name: 'n', time_intervals: [{ weekdays: ['saturday:sunday'] }] };
  assert.throws(() => aPolicy({ timeIntervals: [weekend] }, []), /runs backwards/u, 'a week begins on Sunday');
});
