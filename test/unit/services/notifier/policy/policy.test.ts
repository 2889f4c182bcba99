// What a policy is made of beside the tree: the routes that nobody writes, escalations in their
// order, rules by name, and all problems at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showRoutes } from '../../../../../services/notifier/policy/policy.ts';
import { ConfigError } from '../../../../../shared/runtime/errors.ts';
import { aPolicy } from '../../../../support/policy.ts';

test('routes that nobody writes keep their keys over versions, since Redis has groups by them', () => {
  const keys = (settings: Readonly<Record<string, unknown>>) =>
    aPolicy(settings, ['mail']).routes.map(({ key }) => key);
  assert.deepEqual(keys({}), ['/{}', '/sources', '/fallback', '/storm']);
  const route = { routes: [{ matchers: ['port="80"'], escalate: [{ after: '5m', receivers: ['mail'] }] }] };
  assert.deepEqual(keys({ route }), ['/{}', '/{}/{port="80"}', '/{}/{port="80"}/escalate/1', '/fallback']);
});

test('steps of an escalation go by their time, however they are written; they apply at any hour and severity', () => {
  const route = {
    receiver: 'mail',
    minSeverity: 'critical',
    mute_time_intervals: ['night'],
    active_time_intervals: ['night'],
    escalate: [
      { after: '30m', receivers: ['boss'] },
      { after: '5m', receivers: ['second'] },
    ],
  };
  const timeIntervals = [{ name: 'night', time_intervals: [{}] }];
  const { root } = aPolicy({ route, timeIntervals }, ['mail', 'second', 'boss']);
  assert.deepEqual(
    root.escalations.map((step) => [step.afterMs, step.receivers, step.route.key]),
    [
      [300_000, ['second'], '/{}/escalate/1'],
      [1_800_000, ['boss'], '/{}/escalate/2'],
    ],
  );
  for (const step of root.escalations) {
    const { minSeverity, muteTimeIntervals, activeTimeIntervals, isEscalation } = step.route;
    assert.deepEqual([minSeverity, muteTimeIntervals, activeTimeIntervals, isEscalation], ['info', [], [], true]);
  }
});

test('steps and the lowest severity are inherited, time intervals are not', () => {
  const above = {
    minSeverity: 'error',
    mute_time_intervals: ['night'],
    escalate: [{ after: '5m', receivers: ['mail'] }],
  };
  const route = { ...above, routes: [{}, { minSeverity: 'info', escalate: [] }] };
  const timeIntervals = [{ name: 'night', time_intervals: [{}] }];
  const [plain, own] = aPolicy({ route, timeIntervals }, ['mail']).root.routes;
  assert.deepEqual([plain?.minSeverity, plain?.muteTimeIntervals, plain?.escalations.length], ['error', [], 1]);
  assert.deepEqual([own?.minSeverity, own?.escalations], ['info', []]);
});

test('an inhibition rule has the name that it is given, else its place', () => {
  const rule = { source_matchers: ['a=b'], target_matchers: ['c=d'] };
  const { inhibitRules } = aPolicy({ inhibitRules: [rule, { ...rule, name: 'host down' }] }, []);
  assert.deepEqual(
    inhibitRules.map(({ name }) => name),
    ['notifier.inhibitRules[0]', 'host down'],
  );
});

test('all problems are reported at once, one a line; without receivers the list of them says so', () => {
  const route = { receiver: 'nobody', mute_time_intervals: ['night'], escalate: [{ after: '5m', receivers: ['x'] }] };
  assert.throws(
    () => aPolicy({ route }, []),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.message.split('\n').slice(1), [
        '  - notifier.route: nobody is no receiver. Receivers: none.',
        '  - notifier.route: x is no receiver. Receivers: none.',
        '  - notifier.route: night is no time interval of notifier.timeIntervals.',
      ]);
      return true;
    },
  );
});

test('the tree as lines for people', () => {
  const route = { receiver: 'mail', routes: [{ matchers: ['port="80"'], receivers: [] }] };
  assert.deepEqual(showRoutes(aPolicy({ route }, ['mail']).root), [
    'notifier.route {} → mail',
    'notifier.route.routes[0] {port="80"} → nobody',
  ]);
});
