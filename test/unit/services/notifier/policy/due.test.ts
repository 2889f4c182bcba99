// What is due by itself follows from the snapshot alone: so timers survive everything that
// snapshots survive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueOf, escalationsOf, isPurgeable, passTime } from '../../../../../services/notifier/policy/due.ts';
import type { Incident } from '../../../../../shared/contracts/incident.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const MINUTE_MS = 60_000;
const route = {
  receiver: 'first',
  routes: [
    {
      matchers: ['severity="error"'],
      escalate: [
        { after: '30m', receivers: ['third'] },
        { after: '10m', receivers: ['second'] },
      ],
    },
  ],
};
const policy = aPolicy({ route }, ['first', 'second', 'third']);
const rules = { policy, staleAfterMs: 600 * MINUTE_MS, purgeResolvedAfterMs: 9000 * MINUTE_MS };
const incident = anIncident('abc', 1);
const { openedAtMs } = incident;

function after(minutes: number): number {
  return openedAtMs + minutes * MINUTE_MS;
}

for (const [what, change, minutes] of [
  ['the first step', {}, 10],
  ['the second step', { escalationStep: 1 }, 30],
  ['nothing but staleness when all steps are done', { escalationStep: 2, lastSeenMs: openedAtMs }, 600],
  ['nothing but staleness when it is acknowledged', { state: 'acknowledged', lastSeenMs: openedAtMs }, 600],
  ['the end of a snooze, and no escalation before', { snoozedUntilMs: after(20) }, 20],
  ['the end of the quiet time', { recovering: { sinceMs: 0, dueAtMs: after(5), reason: '' } }, 5],
] as const)
  test(`due: ${what}`, () => {
    const due = dueOf({ ...incident, ...change }, rules);
    assert.equal(due, after(minutes));
  });

test('a resolved incident is never due, a stale one not again', () => {
  const resolved = { ...incident, state: 'resolved', resolvedAtMs: after(1) } as const;
  assert.equal(dueOf(resolved, rules), after(9001), 'to be purged');
  assert.deepEqual(
    [after(9001) - 1, after(9001)].map((nowMs) => [
      isPurgeable(resolved, rules, nowMs),
      passTime(resolved, rules, nowMs),
    ]),
    [
      [false, undefined],
      [true, undefined],
    ],
  );
  assert.equal(dueOf({ ...incident, escalationStep: 2, staleSinceMs: 1 }, rules), undefined);
});

test('nothing happens before its time, and at its time exactly what was due', () => {
  const dueMs = dueOf(incident, rules) ?? 0;
  assert.equal(passTime(incident, rules, dueMs - 1), undefined);
  const passed = passTime(incident, rules, dueMs);
  assert.deepEqual(
    passed?.transitions.map(({ kind, actor, reason }) => [kind, actor, reason]),
    [['escalated', 'system', 'not acknowledged within 10m: step 1, second']],
  );
  assert.equal(passTime(passed?.incident ?? incident, rules, dueMs), undefined);
});

test('after a long stop all that was due happens, one after the other', () => {
  const kinds: string[] = [];
  let current: Incident = incident;
  for (let passed = passTime(current, rules, after(1000)); passed !== undefined; ) {
    kinds.push(...passed.transitions.map(({ kind }) => kind));
    current = passed.incident;
    passed = passTime(current, rules, after(1000));
  }
  assert.deepEqual(kinds, ['escalated', 'escalated', 'stale']);
});

test('the steps of escalation come in the order of their times, however they are written', () => {
  const times = [30, 10, 20, 5, 40];
  const steps = times.map((minutes) => ({ after: `${minutes}m`, receivers: ['second'] }));
  const { root } = aPolicy({ route: { receiver: 'first', escalate: steps } }, ['first', 'second']);
  assert.deepEqual(
    escalationsOf(root, {}).map(({ afterMs }) => afterMs / MINUTE_MS),
    [5, 10, 20, 30, 40],
  );
  const step = (after: string) => ({ continue: true, escalate: [{ after, receivers: ['second'] }] });
  const several = aPolicy({ route: { receiver: 'first', routes: ['30m', '10m', '20m'].map(step) } }, [
    'first',
    'second',
  ]);
  assert.deepEqual(
    escalationsOf(several.root, {}).map(({ afterMs }) => afterMs / MINUTE_MS),
    [10, 20, 30],
    'those of all routes that take it',
  );
});
