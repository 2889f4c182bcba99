// Which hosts a pattern is of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesHost } from '../../../../shared/contracts/host-patterns.ts';
import { cpuMsOf } from '../../../fuzz/cpu.ts';

for (const [pattern, own, foreign] of [
  ['web01', ['web01', 'WEB01'], ['web011', 'xweb01', 'web01.corp', '', 'web0']],
  ['WEB-*', ['web-', 'web-01', 'Web-01.corp.example'], ['web', 'xweb-01']],
  ['*.corp.example', ['a.corp.example', '.corp.example'], ['corp.example', 'a.corp.example.evil']],
  ['db*.eu.*', ['db.eu.', 'db1.eu.corp'], ['db1.us.corp', 'db.eu']],
  ['a*a', ['aa', 'aba'], ['a', 'ab']],
  ['*ab*ab*', ['abab', 'xabyabz'], ['ab', 'aba']],
  ['*', ['', 'anything'], ['x'.repeat(257)]],
  ['we.01', ['we.01'], ['web01']],
] as const)
  test(`${pattern} is of its own hosts and of no others [security H2]`, () => {
    for (const host of own) assert.ok(matchesHost(host, ['other', pattern]), host);
    for (const host of foreign) assert.ok(!matchesHost(host, [pattern]), host);
  });

test('no patterns, no host', () => {
  assert.ok(!matchesHost('web01', []));
});

test('many asterisks and a name that almost fits take no time [security H2]', () => {
  const pattern = `${'*a'.repeat(400)}*b`;
  assert.ok(cpuMsOf(() => assert.ok(!matchesHost('a'.repeat(256), [pattern]))) < 1000);
});

test('a name of 256 characters may match, a longer one matches nothing', () => {
  assert.ok(matchesHost('a'.repeat(256), ['*']));
  assert.ok(!matchesHost('a'.repeat(257), ['*']));
});
