// What is wrong with routing is found where it stands, whatever else is wrong; what is right is
// left alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintRouting } from '../../../../../services/notifier/policy/lint.ts';

const known = {
  names: new Set(['host', 'severity', 'rule']),
  values: new Map([
    ['severity', ['warning', 'error', 'critical']],
    ['rule', ['port', 'disk']],
  ]),
};
const receivers = [{ name: 'ops' }, { name: 'night' }];
const weekend = { name: 'weekend', time_intervals: [{ weekdays: ['saturday', 'sunday'] }] };

function found(section: Readonly<Record<string, unknown>>, isComplete = true) {
  return lintRouting({ receivers, timeIntervals: [weekend], ...section }, { known, isComplete }).map(
    ({ path, at, isWarning = false, text }) => {
      assert.equal(path[0], 'notifier');
      assert.equal(at, 'value');
      return [path.slice(1).join(' '), isWarning ? 'warning' : 'error', text] as const;
    },
  );
}

/** Everything that there is has a use in it. */
const SOUND = {
  receivers: ['ops', 'night'],
  group_by: ['rule', 'team'],
  mute_time_intervals: ['weekend'],
  routes: [
    { matchers: ['severity="error"', 'team="streaming"'], continue: true },
    { continue: true },
    { matchers: ['host=~"media.*"'], receiver: 'night' },
    { group_by: ['...'] },
  ],
};
const LABELS = [{ matchers: ['rule="port"'], set: { team: 'streaming' } }];

test('what fits together is left alone', () => {
  const inhibitRules = [{ source_matchers: ['rule="disk"'], target_matchers: ['rule="port"'], equal: ['host'] }];
  assert.deepEqual(found({ route: SOUND, labels: LABELS, inhibitRules }), []);
  assert.deepEqual(found({ receivers: undefined, timeIntervals: undefined, route: { receiver: 'local' } }), []);
});

for (const [what, section, path, says] of [
  ['a receiver', { route: { ...SOUND, receiver: 'opss' } }, 'route receiver', /opss is no receiver.*ops, night/u],
  ['one of the receivers', { route: { ...SOUND, receivers: ['ops', 'night', 'x'] } }, 'route receivers 2', /x is no/u],
  [
    'the receiver of a step of escalation',
    { route: { ...SOUND, escalate: [{ receivers: ['ops'] }, { receivers: ['x'] }] } },
    'route escalate 1 receivers 0',
    /x is no receiver/u,
  ],
  [
    'an interval to be mute in',
    { route: { ...SOUND, mute_time_intervals: ['weekend', 'x'] } },
    'route mute_time_intervals 1',
    /x is no time interval.*weekend/u,
  ],
  [
    'an interval to be active in',
    { route: { ...SOUND, active_time_intervals: ['x'] } },
    'route active_time_intervals 0',
    /x is no time interval/u,
  ],
  ['a label to group by', { route: { ...SOUND, group_by: ['hots'] } }, 'route group_by 0', /no label hots.*host/u],
  [
    'a matcher of a route',
    { route: { ...SOUND, routes: [{ matchers: ['rule="disk"', 'sevrity="error"'] }] } },
    'route routes 0 matchers 1',
    /no label sevrity/u,
  ],
  [
    'a matcher of a label rule',
    { route: SOUND, labels: [...LABELS, { matchers: ['rule="prot"'], set: {} }] },
    'labels 1 matchers 0',
    /no rule prot.*port/u,
  ],
  [
    'a source of inhibition',
    { route: SOUND, inhibitRules: [{ source_matchers: ['hots="a"'], target_matchers: [], equal: [] }] },
    'inhibitRules 0 source_matchers 0',
    /no label hots/u,
  ],
  [
    'a target of inhibition',
    { route: SOUND, inhibitRules: [{ source_matchers: [], target_matchers: ['hots="a"'], equal: [] }] },
    'inhibitRules 0 target_matchers 0',
    /no label hots/u,
  ],
  [
    'a label that inhibition compares',
    { route: SOUND, inhibitRules: [{ source_matchers: [], target_matchers: [], equal: ['host', 'hots'] }] },
    'inhibitRules 0 equal 1',
    /no label hots/u,
  ],
  [
    'a name given twice',
    { route: SOUND, timeIntervals: [weekend, weekend] },
    'timeIntervals 1 name',
    /weekend is given twice/u,
  ],
  [
    'a range that runs backwards',
    { route: SOUND, timeIntervals: [{ ...weekend, time_intervals: [{}, { months: ['1:3', '5:3'] }] }] },
    'timeIntervals 0 time_intervals 1 months 1',
    /backwards/u,
  ],
] as const)
  test(`an error where it stands: ${what}`, () => {
    const problems = found({ labels: LABELS, ...section });
    assert.deepEqual(
      problems.map(([place, kind]) => [place, kind]),
      [[path, 'error']],
    );
    assert.match(problems[0]?.[2] ?? '', says);
  });

test('the text names the place as the settings have it', () => {
  const [problem] = found({ labels: LABELS, route: { ...SOUND, routes: [{ receiver: 'x' }] } });
  assert.match(problem?.[2] ?? '', /^notifier\.route\.routes\[0\]\.receiver: /u);
});

test('a route behind one that takes everything is never reached, and each says which takes it', () => {
  const problems = found({
    labels: LABELS,
    route: { ...SOUND, routes: [{ continue: true }, {}, {}, { receiver: 'ops' }] },
  });
  assert.deepEqual(
    problems.map(([path, kind]) => [path, kind]),
    [
      ['route routes 2', 'error'],
      ['route routes 3', 'error'],
    ],
  );
  for (const [, , text] of problems) assert.match(text, /never reached: notifier\.route\.routes\[1\] before it/u);
});

test('matchers that can never be true together are found once, where they become so', () => {
  const child = { matchers: ['severity="critical"'], routes: [{ matchers: ['rule="port"'] }, { receiver: 'ops' }] };
  const problems = found({
    labels: LABELS,
    route: { ...SOUND, routes: [{ matchers: ['severity="error"'], routes: [child] }] },
  });
  assert.deepEqual(
    problems.map(([path, kind]) => [path, kind]),
    [['route routes 0 routes 0 matchers', 'error']],
  );
  assert.match(problems[0]?.[2] ?? '', /severity="error" and severity="critical" can never be true together\.$/u);
});

test('a matcher that cannot be read is left to the schema', () =>
  assert.deepEqual(found({ labels: LABELS, route: { ...SOUND, routes: [{ matchers: ['severity==error', 7] }] } }), []));

test('while the catalogue is not known as a whole, what depends on it is a warning; severities are the same for all', () => {
  const matchers = ['rule="prot"', 'hots="a"', 'severity="critcal"'];
  const problems = found({ labels: LABELS, route: { ...SOUND, group_by: ['hots'], routes: [{ matchers }] } }, false);
  assert.deepEqual(
    problems.map(([path, kind]) => [path, kind]),
    [
      ['route group_by 0', 'warning'],
      ['route routes 0 matchers 0', 'warning'],
      ['route routes 0 matchers 1', 'warning'],
      ['route routes 0 matchers 2', 'error'],
    ],
  );
});

test('what may be meant as it stands is a warning', () => {
  const matchers = ['severity!~"critcal"'];
  assert.deepEqual(
    found({ labels: LABELS, route: { ...SOUND, routes: [{ matchers }] } }).map(([path, kind]) => [path, kind]),
    [['route routes 0 matchers 0', 'warning']],
  );
});

test('a receiver or an interval in no route is a warning; a root that names nobody goes to all receivers', () => {
  const problems = found({ route: { receiver: 'ops' } });
  assert.deepEqual(
    problems.map(([path, kind]) => [path, kind]),
    [
      ['receivers 1', 'warning'],
      ['timeIntervals 0', 'warning'],
    ],
  );
  assert.match(problems[0]?.[2] ?? '', /the receiver night is in no route/u);
  assert.match(problems[1]?.[2] ?? '', /the time interval weekend is in no route/u);
  assert.deepEqual(
    found({ route: { group_by: ['host'] } }).map(([path]) => path),
    ['timeIntervals 0'],
  );
  assert.deepEqual(found({}), [], 'without a route there is none to be in');
});

test('a value that a label rule sets counts among those of the label, and sets that are none are passed over', () => {
  const labels = [{ set: { rule: 'own' } }, { set: null }, { set: 'x' }];
  assert.deepEqual(found({ labels, route: { ...SOUND, group_by: [], routes: [{ matchers: ['rule="own"'] }] } }), []);
});

test('what has another form than it should is left to the schema, and hides no problem beside it', () => {
  const odd = [7, null, 'x', { name: 7 }];
  const route = { ...SOUND, receiver: 7, receivers: ['ops', 'night', 8], group_by: [9], routes: odd };
  const timeIntervals = [weekend, { name: 'odd', time_intervals: [{ weekdays: [7] }, null] }, ...odd];
  const section = { receivers: [...receivers, ...odd], timeIntervals, labels: odd, inhibitRules: odd, route };
  assert.deepEqual(
    found(section).filter(([path]) => !path.startsWith('route routes')),
    [['timeIntervals 1', 'warning', 'notifier.timeIntervals[1]: the time interval odd is in no route.']],
  );
  assert.deepEqual(
    found({ route: 'x' }).map(([path]) => path),
    ['timeIntervals 0'],
  );
  assert.deepEqual(lintRouting(null, { known, isComplete: true }), []);
});

test('a root that names its receivers in a list does not go to the others; where there are none it says so', () => {
  assert.deepEqual(
    found({ route: { receivers: ['ops'], mute_time_intervals: ['weekend'] } }).map(([path]) => path),
    ['receivers 1'],
  );
  const [problem] = found({ receivers: [], timeIntervals: [], route: { receiver: 'ops' } });
  assert.match(problem?.[2] ?? '', /ops is no receiver\..*There are none\.$/u);
});
