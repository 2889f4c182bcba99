// Who was notified of an incident, who will be, and who is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityEntryView } from '../../../../services/console/read/entry-views.ts';
import { notificationsOf } from '../../../../services/console/read/notifications.ts';

const OPENED = '2026-03-01T10:00:00.000Z';
const HOUR_MS = 3_600_000;
const at = (minutes: number): string => new Date(Date.parse(OPENED) + minutes * 60_000).toISOString();
const incident = { episode: 2, state: 'open', opened: OPENED } as const;
const entry = (type: string, minutes: number, own: Partial<ActivityEntryView> = {}): ActivityEntryView => ({
  id: `${type}${minutes}`,
  at: at(minutes),
  type,
  actor: 'system',
  reason: 'why',
  episode: 2,
  revision: 1,
  ...own,
});
const beginning = entry('reopened', 0, {
  audience: {
    receivers: [
      { receiver: 'slack', reason: '/{team="web"}', repeatMs: 4 * HOUR_MS },
      { receiver: 'mail', reason: '/' },
    ],
    escalations: [
      { afterMs: HOUR_MS / 2, receivers: ['pager'] },
      { afterMs: HOUR_MS, receivers: ['boss'] },
    ],
    passed: ['night: it takes critical and above'],
  },
});

test('each receiver has the outcome of its latest message, and when it is notified again', () => {
  const { receivers, passed } = notificationsOf(incident, [
    entry('notified', -60, { episode: 1, receiver: 'slack' }),
    beginning,
    entry('notified', 1, { receiver: 'slack' }),
    entry('suppressed', 5, { receiver: 'slack', reason: 'silenced by s' }),
    entry('delivery_failed', 6, { receiver: 'pager', error: 'HTTP 400' }),
  ]);
  assert.deepEqual(receivers, [
    {
      receiver: 'slack',
      route: '/{team="web"}',
      outcome: 'suppressed',
      at: at(5),
      reason: 'silenced by s',
      lastNotified: at(1),
      nextReminder: at(241),
    },
    { receiver: 'mail', route: '/', outcome: 'waiting' },
    { receiver: 'pager', outcome: 'delivery_failed', at: at(6), reason: 'why', error: 'HTTP 400' },
  ]);
  assert.deepEqual(passed, ['night: it takes critical and above']);
});

test('an acknowledgement ends reminders and escalation, a snooze delays them', () => {
  const timeline = [beginning, entry('notified', 1, { receiver: 'slack' })];
  const of = (own: object) => notificationsOf({ ...incident, ...own }, timeline);
  assert.equal(of({}).nextEscalation, at(30));
  assert.equal(of({ escalationStep: 1 }).nextEscalation, at(60));
  assert.deepEqual(
    of({ escalationStep: 1 }).escalations.map(({ step, at: due, isDone }) => [step, due, isDone]),
    [
      [1, at(30), true],
      [2, at(60), false],
    ],
  );
  assert.equal(of({ escalationStep: 2 }).nextEscalation, undefined);
  const snoozed = of({ snoozedUntil: at(600) });
  assert.deepEqual([snoozed.nextEscalation, snoozed.receivers[0]?.nextReminder], [at(600), at(600)]);
  for (const state of ['acknowledged', 'resolved']) {
    const over = of({ state });
    assert.deepEqual([over.nextEscalation, over.receivers[0]?.nextReminder], [undefined, undefined], state);
  }
});

test('of an episode that an earlier version began only what was sent is known', () => {
  const { receivers, escalations } = notificationsOf(incident, [entry('notified', 1, { receiver: 'slack' })]);
  assert.deepEqual(receivers, [
    { receiver: 'slack', outcome: 'notified', at: at(1), reason: 'why', lastNotified: at(1) },
  ]);
  assert.deepEqual(escalations, []);
});
