// The alert rules by Prometheus' own tool, where PROMTOOL_PROGRAM names it: they load, and each
// fires when it should.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { skipWithout } from '../../../support/needs.ts';

const program = process.env['PROMTOOL_PROGRAM'] ?? '';
const skip = skipWithout('promtool', program === '' ? 'PROMTOOL_PROGRAM names no program' : undefined);
const RULES = packagePath('deploy', 'prometheus', 'foghorn-rules.yaml');
const TESTS = packagePath('test', 'data', 'prometheus', 'foghorn-rules.test.yaml');

function promtool(...args: readonly string[]): { readonly isGood: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
  return { isGood: status === 0, output: `${stdout}${stderr}` };
}

/** The rules changed by `change`, with their tests beside them. */
function spoilt(t: TestContext, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-rules-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, change(readFileSync(RULES, 'utf8')));
  const tests = join(folder, 'tests.yaml');
  writeFileSync(tests, readFileSync(TESTS, 'utf8').replace(/^rule_files: .*$/mu, `rule_files: [${rules}]`));
  return tests;
}

test('promtool loads the rules, and each alert fires when it should [issue 15]', { skip }, () => {
  const loaded = promtool('check', 'rules', RULES);
  assert.ok(loaded.isGood, loaded.output);
  const tested = promtool('test', 'rules', TESTS);
  assert.ok(tested.isGood, tested.output);
});

test('a rule that fires too late or by another label fails its test', { skip }, (t) => {
  for (const [from, to] of [
    ['for: 2m', 'for: 20m'],
    ['max by (receiver)', 'max by (service)'],
    ['> 900', '> 9000'],
  ] as const)
    assert.ok(
      !promtool(
        'test',
        'rules',
        spoilt(t, (text) => text.replace(from, to)),
      ).isGood,
      from,
    );
});

test('each alert has a test of when it fires', () => {
  const { tests } = parse(readFileSync(TESTS, 'utf8')) as {
    readonly tests: readonly {
      readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
    }[];
  };
  const cases = tests.flatMap((it) => it.alert_rule_test);
  const { groups } = parse(readFileSync(RULES, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
  };
  for (const { alert } of groups.flatMap(({ rules }) => rules))
    for (const isFiring of [true, false])
      assert.ok(
        cases.some((it) => it.alertname === alert && it.exp_alerts.length > 0 === isFiring),
        `${alert} has no test in which it ${isFiring ? 'fires' : 'is quiet'}`,
      );
});
