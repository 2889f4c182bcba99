// The answer to: who would be notified, and why?
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainRoute } from '../../../../../services/notifier/policy/explain.ts';
import { readSilence } from '../../../../../services/notifier/policy/silence.ts';
import { aPolicy } from '../../../../support/policy.ts';

const policy = aPolicy(
  {
    labels: [{ matchers: ['host=~"media.*"'], set: { team: 'streaming' } }],
    timeIntervals: [{ name: 'weekend', time_intervals: [{ weekdays: ['saturday:saturday', 'sunday'] }] }],
    route: {
      receiver: 'mail',
      routes: [
        {
          matchers: ['team="streaming"'],
          receivers: ['chat', 'pager'],
          group_by: ['rule'],
          mute_time_intervals: ['weekend'],
          escalate: [{ after: '15m', receivers: ['pager'] }],
        },
      ],
    },
  },
  ['mail', 'chat', { name: 'pager', minSeverity: 'critical' }],
);
const MONDAY_MS = Date.parse('2026-03-02T12:00:00Z');
const SUNDAY_MS = Date.parse('2026-03-01T12:00:00Z');

test('receivers, how they are notified, who is passed over and who comes later', () => {
  const { targets, passed, escalations, labels } = explainRoute(
    policy,
    { host: 'media01', severity: 'error' },
    MONDAY_MS,
  );
  assert.equal(labels['team'], 'streaming');
  assert.deepEqual(
    targets.map(({ receiver, now }) => [receiver, now.kind]),
    [['chat', 'notify']],
  );
  assert.match(targets[0]?.how ?? '', /grouped by rule, after 30s/u);
  assert.match(passed.join(), /pager takes no severity error/u);
  assert.deepEqual(escalations, [{ afterMs: 900_000, receivers: ['pager'] }]);
});

test('what holds it back at that moment: intervals and silences', () => {
  const [muted] = explainRoute(policy, { host: 'media01' }, SUNDAY_MS).targets;
  assert.ok(muted?.now.kind === 'suppressed' && muted.now.by === 'mute_time_intervals');
  const silence = {
    id: 's',
    matchers: ['host="db01"'],
    author: 'kim',
    comment: 'x',
    startsAtMs: 0,
    endsAtMs: SUNDAY_MS * 2,
    revision: 1,
  };
  const active = readSilence(silence);
  assert.ok(active !== undefined);
  const [silenced] = explainRoute(policy, { host: 'db01' }, SUNDAY_MS, [active]).targets;
  assert.ok(silenced?.receiver === 'mail' && silenced.now.kind === 'suppressed' && silenced.now.by === 'silence');
  assert.match(silenced.how, /^all together, after 30s/u);
  const [plain] = explainRoute(aPolicy({}, ['mail']), {}, MONDAY_MS).targets;
  assert.match(plain?.how ?? '', /^at once, each incident by itself, a storm/u);
});

for (const [route, how] of [
  [{ group_by: ['...'], group_wait: '0s', repeat_interval: '0s' }, 'at once, each incident by itself'],
  [{ group_by: ['...'], group_wait: '0s', repeat_interval: '1h' }, 'each incident by itself, at once, again every 1h'],
  [{ group_by: ['...'], group_wait: '10s', repeat_interval: '0s' }, 'each incident by itself after 10s'],
  [{ group_wait: '10s', group_interval: '2m', repeat_interval: '0s' }, 'all together, after 10s, news every 2m'],
  [{ group_by: ['host', 'rule'] }, 'grouped by host, rule, after 30s, news every 5m, again every 4h'],
] as const)
  test(`how a receiver is notified: ${how}`, () => {
    const [target] = explainRoute(aPolicy({ route: { receiver: 'mail', ...route } }, ['mail']), {}, MONDAY_MS).targets;
    assert.equal(target?.how, how);
  });

test('the severity among the labels counts; one that is none, or missing, counts as error', () => {
  const receivers = [
    { name: 'all', minSeverity: 'info' },
    { name: 'errors', minSeverity: 'error' },
    { name: 'pager', minSeverity: 'critical' },
  ] as const;
  const notified = (labels: Readonly<Record<string, string>>) =>
    explainRoute(aPolicy({}, receivers), labels, MONDAY_MS).targets.map(({ receiver }) => receiver);
  assert.deepEqual(notified({ severity: 'critical' }), ['all', 'errors', 'pager']);
  assert.deepEqual(notified({ severity: 'warning' }), ['all']);
  for (const labels of [{}, { severity: 'grave' }]) assert.deepEqual(notified(labels), ['all', 'errors']);
});
