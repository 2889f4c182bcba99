// The alert rules for Prometheus: PromQL that parses, metrics that our services have, labels that
// those metrics carry.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { declaredMetrics } from '../../../support/declared-metrics.ts';
import { namesIn } from '../../../support/promql.ts';

/** Prometheus' own form of a rule file; anything else in it is refused there too. */
const FILE = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Foghorn[A-Z][A-Za-z]+$/u),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/u)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string().min(1), description: z.string().min(1) }),
        }),
      ),
    }),
  ),
});

const text = readFileSync(packagePath('deploy', 'prometheus', 'foghorn-rules.yaml'), 'utf8');
const rules = FILE.parse(parse(text)).groups.flatMap((group) => group.rules);

test('the rules name metrics and labels that our services have, in PromQL that parses [issue 13 item 1]', async () => {
  const known = await declaredMetrics();
  assert.ok(rules.length >= 5);
  for (const { alert, expr, annotations } of rules) {
    const { metrics, labels } = namesIn(expr);
    assert.ok(metrics.length > 0, alert);
    for (const metric of metrics) assert.ok(known.has(metric), `${alert}: no service has ${metric}`);
    const carried = new Set(metrics.flatMap((metric) => [...(known.get(metric) ?? [])]));
    const shown = [...`${annotations.summary} ${annotations.description}`.matchAll(/\$labels\.(?<name>\w+)/gu)];
    for (const label of [...labels, ...shown.map(({ groups }) => groups?.['name'] ?? '')])
      assert.ok(carried.has(label), `${alert}: ${metrics.join(', ')} have no label ${label}`);
    for (const [, label] of shown)
      if (/\bby \(/u.test(expr)) assert.ok(labels.includes(label ?? ''), `${alert}: ${label} is summed away`);
  }
  assert.throws(() => namesIn('max by (stage (foghorn_lag_records) > 3'));
});

test('a stage that does not move has a rule, and each rule a name of its own [issue 13 item 1]', () => {
  assert.ok(rules.some(({ expr }) => namesIn(expr).metrics.includes('foghorn_stage_stalled_seconds')));
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
});
