// Matchers as Alertmanager has them, and expressions that no text can make slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsOf } from '../../../../../services/notifier/policy/labels.ts';
import { matchesAll, parseMatcher, showMatchers } from '../../../../../shared/matchers/matcher.ts';
import { compileRegex } from '../../../../../shared/matchers/regex.ts';
import { anIncident } from '../../../../support/incidents.ts';

function isTrue(text: string, labels: Readonly<Record<string, string>>): boolean {
  const parsed = parseMatcher(text);
  assert.equal(parsed.kind, 'matcher', parsed.kind === 'bad' ? parsed.detail : '');
  return parsed.kind === 'matcher' && parsed.matcher.isTrue(labels);
}

const labels = {
  severity: 'error',
  host: 'media01.example.org',
  port: '80',
  address: '10.1.2.3 fd00::7',
  odd: 'a"b\\c\nd',
};

for (const [text, expected] of [
  ['severity=error', true],
  [' severity = "error" ', true],
  ['severity!=error', false],
  ['severity=~"err.*|crit.*"', true],
  ['severity=~"err"', false],
  ['severity!~"err"', true],
  ['host=~"media\\\\d+[.]example[.]org"', true],
  ['missing=""', true],
  ['missing!=""', false],
  ['missing=~".*"', true],
  ['missing=~".+"', false],
  ['constructor=""', true],
  ['odd="a\\"b\\\\c\\nd"', true],
  ['"severity"="error"', true],
  ['network="10.1.0.0/16"', true],
  ['network="10.2.0.0/16"', false],
  ['network!="10.2.0.0/16"', true],
  ['network="fd00::/8"', true],
] as const)
  test(`${text}: ${expected}`, () => assert.equal(isTrue(text, labels), expected));

for (const text of [
  'severity',
  '=error',
  'severity=="error',
  'a="b" c="d"',
  'a=~"("',
  'a=~"(?=b)"',
  'a=~"(b)\\\\1"',
  'a=~"b{2000}"',
  'a=~"[z-a]"',
  'a=~"*"',
  'network="10.0.0.0"',
  'network="10.0.0.0/33"',
  'network=~"10.*"',
  'network="host/8"',
])
  test(`${text} is refused with a reason that names it`, () => {
    const parsed = parseMatcher(text);
    assert.equal(parsed.kind, 'bad');
    if (parsed.kind === 'bad') assert.ok(parsed.detail.includes(text), parsed.detail);
  });

test('a host whose address is not known is in no network', () => {
  assert.equal(isTrue('network="0.0.0.0/0"', {}), false);
  assert.equal(isTrue('network!="0.0.0.0/0"', {}), true);
});

test('expressions agree with those of the language where both know them', () => {
  const patterns = [
    '',
    'a',
    'a|',
    'ab|cd',
    '(ab)*c?',
    'a{2,3}',
    'a{2,}b',
    '(a|b)+?c',
    '[^ab]c',
    '[a-c-]+',
    '[]a]',
    '\\w+\\.\\d',
    '^a$',
    'x*y*',
    '(a*)*b',
    '.b',
    '\\x41[\\d.]',
    '(?:a|b(?:c|d))e',
    'é+',
    '(|a)b',
    'a{0}b',
    '(^a|b$)c?',
  ];
  const texts = [
    '',
    'a',
    'aa',
    'aaa',
    'aaaa',
    'ab',
    'b',
    'cd',
    'abab',
    'ababc',
    'c',
    'ac',
    'xc',
    'w_1.5',
    'aab',
    'a-b',
    ']',
    'A1',
    'A.',
    'ae',
    'bce',
    'bde',
    'éé',
    '\nb',
    'xxyy',
    'yx',
    'bc',
    'a]',
  ];
  for (const pattern of patterns) {
    const own = compileRegex(pattern);
    assert.equal(own.kind, 'regex', pattern);
    const native = new RegExp(`^(?:${pattern === '[]a]' ? '[\\]a]' : pattern})$`, 'u');
    for (const text of texts)
      if (own.kind === 'regex')
        assert.equal(own.test(text), native.test(text), `${pattern} on ${JSON.stringify(text)}`);
  }
});

test('flags at the beginning', () => {
  const regex = compileRegex('(?i)MEDIA[a-f]+');
  assert.ok(regex.kind === 'regex' && regex.test('mediaAbc') && !regex.test('mediaxyz'));
});

test('an expression that makes others think for ever takes no time', () => {
  for (const pattern of ['(a+)+$', '(a|a)*b', '(.*)*x', '(a?){100}a{100}', '((a*)*)*b']) {
    const regex = compileRegex(pattern);
    assert.equal(regex.kind, 'regex', pattern);
    const start = process.cpuUsage().user;
    if (regex.kind === 'regex') regex.test(`${'a'.repeat(2000)}!`);
    assert.ok(process.cpuUsage().user - start < 10_000_000, pattern);
  }
});

test('an expression that would be too large is refused, however small it is written', () => {
  for (const pattern of ['((a{100}){100}){100}', '((((){1000}){1000}){1000}){1000}', '('.repeat(1001)])
    assert.equal(compileRegex(pattern).kind, 'bad', pattern);
});

test('the labels of an incident, with the operator’s own on top', () => {
  const incident = anIncident('abc', 1);
  const matcher = parseMatcher('host=~"media.*"');
  assert.ok(matcher.kind === 'matcher');
  const found = labelsOf({ ...incident, entity: { ...incident.entity, addresses: ['10.0.0.1'] } }, [
    { matchers: [matcher.matcher], set: { team: 'streaming' } },
  ]);
  assert.deepEqual(
    [found['rule'], found['alertname'], found['severity'], found['host'], found['provider'], found['event_id']],
    ['wmserver-309-port-in-use', 'wmserver-309-port-in-use', 'error', 'media01', 'WMServer', '309'],
  );
  assert.deepEqual(
    [found['port'], found['class'], found['address'], found['team']],
    ['80', 'address-in-use', '10.0.0.1', 'streaming'],
  );
  assert.ok(matchesAll([], {}));
  assert.equal(showMatchers([matcher.matcher]), '{host=~"media.*"}');
});

test('a parameter cannot take the name of what the incident is', () => {
  const incident = anIncident('abc', 1);
  const found = labelsOf({ ...incident, entity: { ...incident.entity, params: { severity: 'info', host: 'other' } } });
  assert.deepEqual([found['severity'], found['host']], ['error', 'media01']);
});
