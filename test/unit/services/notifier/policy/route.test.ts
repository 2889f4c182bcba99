// The routing tree: who is notified, how it is grouped, and that what does not fit together stops
// the start.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isImmediate, targetsOf } from '../../../../../services/notifier/policy/decide.ts';
import { parseDuration, showDuration } from '../../../../../shared/runtime/duration.ts';
import { labelsOf } from '../../../../../services/notifier/policy/labels.ts';
import { groupOf, targetOfGroup } from '../../../../../services/notifier/policy/group.ts';
import { RECEIVER_FAILING_RULE } from '../../../../../services/notifier/policy/receiver-failing.ts';
import { groupingFor, groupLabelsOf, matchingRoutes, targetOf } from '../../../../../services/notifier/policy/route.ts';
import { ConfigError } from '../../../../../shared/runtime/errors.ts';
import { AT_ONCE_ROUTE } from '../../../../support/at-once.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const incident = anIncident('abc', 1);
const tree = {
  route: {
    receiver: 'mail',
    routes: [
      { matchers: ['provider="MSExchange"'], receiver: 'exchange' },
      { matchers: ['severity=~"error|critical"'], receiver: 'log', continue: true },
      {
        matchers: ['provider="WMServer"'],
        receivers: ['slack', 'mail'],
        group_by: ['rule', 'team'],
        routes: [
          { matchers: ['port="554"'], receiver: 'rtsp', group_wait: '5s' },
          { matchers: ['port="80"'], repeat_interval: '1h' },
        ],
      },
      { matchers: ['provider="WMServer"'], receiver: 'never' },
    ],
  },
};
const receivers = ['mail', 'exchange', 'log', 'slack', 'rtsp', 'never'];

function notified(settings: Readonly<Record<string, unknown>>, port: number): readonly string[] {
  const policy = aPolicy(settings, receivers);
  const about = { ...incident, entity: { ...incident.entity, params: { port } } };
  return targetsOf(about, labelsOf(about), policy).targets.map(({ receiver }) => receiver);
}

test('the first route that matches takes it, more after continue, a parent when no child does', () => {
  assert.deepEqual(notified(tree, 554), ['log', 'rtsp']);
  assert.deepEqual(notified(tree, 80), ['log', 'slack', 'mail'], 'a child without receivers has its parent’s');
  assert.deepEqual(notified(tree, 1755), ['log', 'slack', 'mail']);
  assert.deepEqual(notified({ route: { ...tree.route, routes: [] } }, 80), ['mail']);
});

test('grouping is inherited, and has Alertmanager’s defaults', () => {
  const { root } = aPolicy(tree, receivers);
  const [, , media] = root.routes;
  assert.deepEqual(media?.grouping, {
    by: ['rule', 'team'],
    waitMs: 30_000,
    intervalMs: 300_000,
    repeatMs: 14_400_000,
  });
  assert.deepEqual(media?.routes[0]?.grouping, { ...media?.grouping, waitMs: 5000 });
  assert.deepEqual(media?.routes[1]?.grouping, { ...media?.grouping, repeatMs: 3_600_000 });
  assert.deepEqual(root.grouping, { by: [], waitMs: 30_000, intervalMs: 300_000, repeatMs: 14_400_000 });
  assert.deepEqual(groupLabelsOf(media.grouping, { rule: 'r', host: 'h' }), { rule: 'r' });
  assert.deepEqual(groupLabelsOf(root.grouping, { rule: 'r' }), {});
  const each = aPolicy({ route: { group_by: ['...'], group_wait: '0s' } }, receivers).root.grouping;
  assert.deepEqual(each, { ...root.grouping, by: 'each', waitMs: 0 });
  assert.equal(groupLabelsOf(each, { rule: 'r' }), undefined);
});

test('without a route everybody is notified of each incident at once', () => {
  const policy = aPolicy({}, [...receivers, { name: 'pager', minSeverity: 'critical' }]);
  const { targets, passed } = targetsOf(incident, labelsOf(incident), policy);
  assert.deepEqual(
    targets.map(({ receiver }) => receiver),
    receivers,
  );
  assert.ok(targets.every(isImmediate));
  assert.match(passed.join(), /pager takes no severity error/u);
});

test('what began in a storm is notified together where no route is configured, and as its route says where one is', () => {
  const stormy = { ...incident, isInStorm: true as const };
  const resending = { name: 'peer', minSeverity: 'info' as const, resendMs: 5 };
  const policy = aPolicy({}, ['mail', resending]);
  const { targets } = targetsOf(stormy, labelsOf(stormy), policy);
  assert.deepEqual(
    targets.map(({ receiver, grouping }) => [receiver, grouping.by, grouping.waitMs, grouping.intervalMs]),
    [
      ['mail', ['alertname'], 10_000, 60_000],
      ['peer', 'each', 0, 5],
    ],
  );
  for (const target of targets) assert.ok(targetOfGroup(groupOf(target, labelsOf(stormy), stormy), policy));
  const [routed] = targetsOf(stormy, labelsOf(stormy), aPolicy({ route: AT_ONCE_ROUTE }, ['mail'])).targets;
  assert.ok(routed !== undefined && isImmediate(routed));
});

test('a group has the same id over versions, whatever the spelling of its host, and no route or receiver of another', () => {
  const { root, candidates } = aPolicy({ route: { receivers: ['mail', 'log'], group_by: ['host', 'rule'] } }, [
    'mail',
    'log',
  ]);
  const [mail, log] = candidates.map((candidate) => targetOf(candidate, root, ''));
  assert.ok(mail !== undefined && log !== undefined);
  const labels = { host: 'Media01', rule: 'x' };
  const { id } = groupOf(mail, labels, incident);
  assert.equal(id, 'II-ekSQOxDR46K332UUp_CRf940');
  assert.equal(groupOf(mail, { ...labels, host: 'MEDIA01' }, incident).id, id);
  assert.notEqual(groupOf(mail, { ...labels, host: 'media02' }, incident).id, id);
  assert.notEqual(groupOf(log, labels, incident).id, id);
  assert.notEqual(groupOf({ ...mail, route: { ...root, key: '/other' } }, labels, incident).id, id);
});

test('a group whose receiver is gone, or whose route is, or leads to others now, has none', () => {
  const route = (receiver: string) => ({
    route: { receiver: 'mail', routes: [{ matchers: ['port="80"'], receiver }] },
  });
  const policy = aPolicy(route('log'), ['mail', 'log']);
  const key = policy.root.routes[0]?.key ?? assert.fail();
  const group = { receiver: 'log', routeKey: key };
  assert.equal(targetOfGroup(group, policy)?.route.key, key);
  assert.equal(targetOfGroup({ ...group, receiver: 'gone' }, policy), undefined);
  assert.equal(targetOfGroup({ ...group, routeKey: '/gone' }, policy), undefined);
  assert.equal(targetOfGroup(group, aPolicy(route('mail'), ['mail', 'log'])), undefined);
  assert.equal(targetOfGroup({ ...group, receiver: 'mail' }, policy), undefined);
  const resending = aPolicy(route('log'), ['mail', { name: 'log', minSeverity: 'info', resendMs: 5 }]);
  assert.equal(targetOfGroup(group, resending)?.grouping.repeatMs, 5, 'grouped as its own receiver needs it');
});

test('of a failing receiver the others are notified of its route, and by all others when there are none', () => {
  const about = {
    ...incident,
    entity: { ...incident.entity, ruleId: RECEIVER_FAILING_RULE, params: { receiver: 'mail' } },
  };
  const notified = (route: Readonly<Record<string, unknown>>) => {
    const policy = aPolicy({ route }, ['mail', 'chat', { name: 'pager', minSeverity: 'critical' }, 'log']);
    return targetsOf(about, labelsOf(about), policy).targets.map(({ receiver }) => receiver);
  };
  assert.deepEqual(notified({ receivers: ['mail', 'chat'] }), ['chat']);
  assert.deepEqual(notified({ receiver: 'mail' }), ['chat', 'log'], 'who takes the severity');
  assert.deepEqual(notified({ receiver: 'mail', routes: [{ matchers: ['a=b'], receiver: 'chat' }] }), ['chat', 'log']);
});

test('an Alertmanager is notified again as often as the route repeats, and in time where it does not', () => {
  const of = (repeatMs: number) =>
    groupingFor(
      { name: 'peer', minSeverity: 'info', resendMs: 1000 },
      { grouping: { by: [], waitMs: 9, intervalMs: 9, repeatMs } },
    );
  assert.deepEqual(of(10), { by: 'each', waitMs: 0, intervalMs: 10, repeatMs: 10 });
  for (const repeatMs of [0, 5000]) assert.equal(of(repeatMs).repeatMs, 1000);
});

test('a route and a receiver each have their lowest severity, and the reason says which', () => {
  const settings = { route: { receiver: 'mail', minSeverity: 'critical' } };
  const { targets, passed } = targetsOf(incident, {}, aPolicy(settings, receivers));
  assert.deepEqual(targets, []);
  assert.match(passed.join(), /notifier\.route: severity error is below the route's critical/u);
});

test('a receiver that several routes name is notified once, by the first, whose reason names its matchers', () => {
  const first = { matchers: ['provider="WMServer"'], receiver: 'mail', continue: true };
  const both = aPolicy(
    { route: { receiver: 'log', routes: [first, { matchers: ['port="80"'], receiver: 'mail' }] } },
    receivers,
  );
  const { targets } = targetsOf(incident, labelsOf(incident), both);
  assert.deepEqual(
    targets.map(({ receiver, reason }) => [receiver, reason]),
    [['mail', 'notifier.route.routes[0] {provider="WMServer"}']],
  );
  const [root] = targetsOf(incident, labelsOf(incident), aPolicy({ route: { receiver: 'log' } }, receivers)).targets;
  assert.equal(root?.reason, 'notifier.route', 'the root has no matchers');
});

test('the lowest severity of a route and of a receiver is notified', () => {
  const lowest = { route: { receiver: 'log', minSeverity: incident.severity } };
  const { targets } = targetsOf(
    incident,
    labelsOf(incident),
    aPolicy(lowest, [{ name: 'log', minSeverity: incident.severity }]),
  );
  assert.deepEqual(
    targets.map(({ receiver, followsChanges, editsInPlace }) => ({ receiver, followsChanges, editsInPlace })),
    [{ receiver: 'log', followsChanges: false, editsInPlace: false }],
  );
});

test('a route that names nobody says so', () => {
  const { passed } = targetsOf(incident, {}, aPolicy({ route: { receivers: [] } }, receivers));
  assert.match(passed.join(), /names no receiver/u);
});

test('every node is found that takes an incident', () => {
  const { root } = aPolicy(tree, receivers);
  assert.deepEqual(
    matchingRoutes(root, { provider: 'WMServer', severity: 'error' }).map(({ path }) => path),
    ['notifier.route.routes[1]', 'notifier.route.routes[2]'],
  );
});

for (const [what, settings, message] of [
  ['receiver', { route: { receiver: 'nobody' } }, /notifier\.route: nobody is no receiver\. Receivers: mail/u],
  ['receiver below', { route: { routes: [{ receivers: ['mail', 'nobody'] }] } }, /routes\[0\]: nobody is no receiver/u],
  ['interval', { route: { mute_time_intervals: ['night'] } }, /night is no time interval/u],
  ['grouping', { route: { group_by: ['...', 'rule'] } }, /has to stand alone/u],
  ['endless interval', { route: { group_interval: '0s' } }, /longer than 0/u],
  ['name twice', { timeIntervals: [0, 1].map(() => ({ name: 'n', time_intervals: [{}] })) }, /given twice/u],
  [
    'backwards',
    { timeIntervals: [{ name: 'n', time_intervals: [{ weekdays: ['friday:monday'] }] }] },
    /runs backwards/u,
  ],
] as const)
  test(`an unknown or wrong ${what} stops the start`, () => {
    assert.throws(
      () => aPolicy(settings, receivers),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  });

for (const settings of [
  { route: { recevier: 'mail' } },
  { route: { matchers: ['a=b'] } },
  { route: { routes: [{ matchers: ['a=~"("'] }] } },
  { route: { group_wait: '5 minutes' } },
  { inhibitRules: [{ source_matchers: ['a=b'] }] },
  { timeIntervals: [{ name: 'n', time_intervals: [{ location: 'Nowhere/City' }] }] },
  { timeIntervals: [{ name: 'n', time_intervals: [{ times: [{ start_time: '22:00', end_time: '06:00' }] }] }] },
  { timeIntervals: [{ name: 'n', time_intervals: [{ days_of_month: ['0'] }] }] },
])
  test(`refused by the schema: ${JSON.stringify(settings)}`, () => {
    assert.throws(() => aPolicy(settings, receivers));
  });

test('durations', () => {
  for (const [text, ms] of [
    ['0', 0],
    ['0s', 0],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1m500ms', 60_500],
    ['2w', 1_209_600_000],
    ['3d', 259_200_000],
    ['1y', 31_536_000_000],
    ['1y2w3d4h5m6s7ms', 33_019_506_007],
  ] as const)
    assert.equal(parseDuration(text), ms, text);
  for (const text of ['', 's', '5', '5 s', '1s1h', '-1s', '1.5h']) assert.equal(parseDuration(text), undefined, text);
  assert.equal(showDuration(5_400_000), '1h30m');
  assert.equal(showDuration(0), '0s');
  assert.equal(showDuration(273_906_007), '3d4h5m6s7ms');
  assert.equal(parseDuration(`${Number.MAX_SAFE_INTEGER}ms`), Number.MAX_SAFE_INTEGER);
  assert.equal(parseDuration(`${Number.MAX_SAFE_INTEGER}s`), undefined, 'more than can be counted');
});

test('elastalert#1896: hundreds of routes neither slow a decision down nor skip one; who is passed over is said with its reason', () => {
  const routes = Array.from({ length: 500 }, (_, index) => ({
    matchers: [`host=~"rack${index}-.*"`, 'severity=~"error|critical"'],
    receivers: ['mail', 'pager'],
    continue: index % 2 === 0,
  }));
  const policy = aPolicy({ route: { receiver: 'log', routes } }, [
    'mail',
    'log',
    { name: 'pager', minSeverity: 'critical' },
  ]);
  const begin = process.cpuUsage().user;
  for (let index = 0; index < 1000; index += 1) {
    const about = { ...incident, entity: { ...incident.entity, host: `rack${index % 501}-a` } };
    const { targets, passed } = targetsOf(about, labelsOf(about), policy);
    assert.deepEqual(
      targets.map(({ receiver }) => receiver),
      index % 501 === 500 ? ['log'] : ['mail'],
    );
    assert.equal(passed.length, index % 501 === 500 ? 0 : 1);
  }
  const tookMs = (process.cpuUsage().user - begin) / 1000;
  assert.ok(tookMs < 60_000, `${tookMs / 1000} ms of CPU for a decision`);
});
