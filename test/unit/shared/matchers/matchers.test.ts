// Matchers as people mistype them: split as Alertmanager does, or refused with what to write; hosts
// in any case; silences that take everything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupOf } from '../../../../services/notifier/policy/group.ts';
import { labelsOf } from '../../../../services/notifier/policy/labels.ts';
import { inhibits, sourceKeys, targetKeys } from '../../../../services/notifier/policy/inhibit.ts';
import { matchingRoutes, targetOf } from '../../../../services/notifier/policy/route.ts';
import { readSilence, silencedBy } from '../../../../services/notifier/policy/silence.ts';
import { problemsInMatchers } from '../../../../shared/matchers/breadth.ts';
import { matchesAll, parseMatchers } from '../../../../shared/matchers/matcher.ts';
import { anIncident } from '../../../support/incidents.ts';
import { aPolicy } from '../../../support/policy.ts';

function read(text: string): readonly (readonly [string, string, string])[] {
  const parsed = parseMatchers(text);
  if (parsed.kind === 'bad') throw new assert.AssertionError({ message: parsed.detail });
  return parsed.matchers.map(({ name, operator, value }) => [name, operator, value]);
}

test('matchers are split at commas, in braces or without, as Alertmanager does [alerting 14]', () => {
  const both = [
    ['severity', '=', 'error'],
    ['host', '=', 'm1'],
  ];
  for (const text of [
    'severity=error,host=m1',
    '{severity="error",host="m1"}',
    ' { severity = error , "host" = "m1" , } ',
    'severity="error", host=m1',
  ])
    assert.deepEqual(read(text), both, text);
  assert.deepEqual(read('host=~m.*,severity=error'), [
    ['host', '=~', 'm.*'],
    ['severity', '=', 'error'],
  ]);
  assert.deepEqual(read('provider=Service Control Manager'), [['provider', '=', 'Service Control Manager']]);
  assert.deepEqual(read('a="b,c={d}\'`"'), [['a', '=', "b,c={d}'`"]]);
  assert.deepEqual(read('a=""'), [['a', '=', '']]);
  assert.deepEqual(read('"näme with space"="1"'), [['näme with space', '=', '1']]);
});

test('what Alertmanager reads in two ways or not at all is refused with what to write [alerting 14]', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    'severity==error': /== is no operator/u,
    'severity=="error"': /== is no operator/u,
    'severity=!error': /=! is no operator/u,
    'severity~=error': /name, one of/u,
    'severity!==error': /!== is no operator/u,
    "severity='error'": /double quotation marks/u,
    'severity=`error`': /double quotation marks/u,
    'severity="error': /quotation marks/u,
    'severity=error"': /severity="error\\""/u,
    'severity="error" host="m1"': /comma is missing/u,
    'severity=error host=m1': /severity="error host=m1"/u,
    'a=b=c': /a="b=c"/u,
    'user=CORP\\bob': /user="CORP\\\\bob"/u,
    'host=~web[0-9]{2}': /host=~"web\[0-9\]\{2\}"/u,
    'host=': /the value is missing.*host=""/u,
    'host=,severity=error': /the value is missing/u,
    '{host="a"': /brace/u,
    'host="a"}': /comma is missing/u,
    'host=a}': /double quotation marks/u,
    '{}': /name, one of/u,
    '': /name, one of/u,
    ',': /name, one of/u,
    'host="a",,severity=error': /name, one of/u,
    '=a': /name, one of/u,
    severity: /name, one of/u,
    'host=~(a,b)': /cannot be used/u,
  };
  for (const [text, pattern] of Object.entries(refused)) {
    const parsed = parseMatchers(text);
    assert.equal(parsed.kind, 'bad', text);
    if (parsed.kind === 'bad') assert.match(parsed.detail, pattern, text);
  }
});

test('a matcher with a comma leads a route where both of its parts are true [alerting 14]', () => {
  const { root } = aPolicy({ route: { routes: [{ matchers: ['severity=error,host=m1'] }] } }, ['mail']);
  assert.equal(matchingRoutes(root, { severity: 'error', host: 'm1' })[0]?.path, 'notifier.route.routes[0]');
  assert.equal(matchingRoutes(root, { severity: 'error', host: 'm2' })[0]?.path, 'notifier.route');
});

const upper = { host: 'CASE-X.example.org', provider: 'WMServer', channel: 'Application', severity: 'error' };

test('matchers on hosts, providers and channels ignore case, expressions too; others do not [alerting 13]', () => {
  const isTrue = (text: string): boolean => {
    const parsed = parseMatchers(text);
    return parsed.kind === 'matchers' && matchesAll(parsed.matchers, upper);
  };
  for (const text of [
    'host="case-x.example.org"',
    'host=~"case-.*"',
    'host=~"CASE-[a-z]\\..*"',
    'provider=wmserver',
    'channel=~"APP.*"',
  ])
    assert.ok(isTrue(text), text);
  for (const text of ['host!="case-x.example.org"', 'host!~"case.*"', 'severity=Error', 'severity=~"ERR.*"'])
    assert.ok(!isTrue(text), text);
});

test('a silence holds a host back in whatever case it is written [alerting 13]', () => {
  const silence = {
    id: 's1',
    matchers: ['host="case-x.example.org"'],
    author: 'kim',
    comment: 'works',
    startsAtMs: 0,
    endsAtMs: 10,
    revision: 1,
  };
  const active = readSilence(silence);
  assert.ok(active !== undefined && silencedBy([active], upper, 5) !== undefined);
});

test('two spellings of a host are one group and inhibit each other, and the labels keep their spelling [alerting 13]', () => {
  const lower = { ...upper, host: upper.host.toLowerCase() };
  const policy = aPolicy(
    {
      route: { receiver: 'mail', group_by: ['host'] },
      inhibitRules: [
        { source_matchers: ['severity="critical"'], target_matchers: ['severity="error"'], equal: ['host'] },
      ],
    },
    ['mail'],
  );
  const [candidate] = policy.candidates;
  assert.ok(candidate !== undefined);
  const target = targetOf(candidate, policy.root, 'test');
  const [one, other] = [groupOf(target, upper, { id: 'a' }), groupOf(target, lower, { id: 'b' })];
  assert.equal(one.id, other.id);
  assert.notEqual(one.id, groupOf(target, { ...upper, host: 'other' }, { id: 'c' }).id);
  assert.equal(one.labels['host'], 'CASE-X.example.org');
  const [rule] = policy.inhibitRules;
  assert.ok(rule !== undefined);
  const source = { ...lower, severity: 'critical' };
  assert.ok(inhibits(rule, source, upper));
  assert.deepEqual(sourceKeys([rule], source)[0]?.id, targetKeys([rule], upper)[0]?.id);
  const incident = anIncident('abc', 1);
  assert.equal(labelsOf({ ...incident, entity: { ...incident.entity, host: 'MEDIA01' } })['host'], 'MEDIA01');
});

test('a silence that takes everything is refused, however it is written [security L16]', () => {
  for (const matchers of [
    ['rule=~".+"'],
    ['rule=~".*"'],
    ['rule=~"^.*$"'],
    ['rule=~"[\\\\s\\\\S]*"'],
    ['rule=~"[\\s\\S]+"'],
    ['host!=""'],
    ['host!~"^$"'],
    ['alertname=~"(?s).+"'],
    ['severity=~"info|warning|error|critical"'],
    ['severity!="none"'],
    ['event_id=~"\\\\d+"'],
    ['host=~".+"', 'rule=~".+"'],
    ['host=~".+",rule=~".+"'],
    ['host=~"[A-Za-z0-9.-]+"'],
    ['foo=~".*"'],
    ['foo=""'],
    ['incident_id=~"...*"'],
  ])
    assert.match(problemsInMatchers(matchers).join('; '), /would take everything/u, matchers.join());
  for (const matchers of [
    ['rule="wmserver-309-port-in-use"'],
    ['host=~"web.*"'],
    ['severity=~"info|warning"'],
    ['port=~".+"'],
    ['host=~".+"', 'severity="info"'],
    ['host=~".+",host!="a"'],
    ['network="10.0.0.0/8"'],
    ['incident_id="abc"'],
  ])
    assert.deepEqual(problemsInMatchers(matchers), [], matchers.join());
});
