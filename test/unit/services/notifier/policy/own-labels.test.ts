// The incidents that Foghorn makes of itself can be routed and silenced as any other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertOf } from '../../../../../services/notifier/delivery/receiver-watch.ts';
import { foldedAlert } from '../../../../../services/notifier/incidents/limit.ts';
import { catalogLabels } from '../../../../../services/notifier/policy/known-labels.ts';
import { lintRouting } from '../../../../../services/notifier/policy/lint.ts';
import { labelsOf } from '../../../../../services/notifier/policy/labels.ts';
import type { Alert } from '../../../../../shared/contracts/enriched-event.ts';
import { applyAlerts } from '../../../../../shared/contracts/incident-reducer.ts';
import { anAlert } from '../../../../support/alerts.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12);
const failing = alertOf({ receiver: 'ops', detail: 'HTTP 500', sinceMs: NOW_MS, nowMs: NOW_MS });

for (const [what, alert] of [
  ['a receiver that fails', JSON.parse(String(failing.value)) as Alert],
  ['a sender that begins too many incidents', foldedAlert(anAlert({ host: 'media01', sender: 'agent-x' }))],
] as const)
  test(`each label of the incident about ${what} may stand in a route [security M14]`, () => {
    const { incident } = applyAlerts(undefined, [alert], { nowMs: NOW_MS, reopenWithinMs: 0 });
    const matchers = Object.entries(labelsOf(incident)).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const route = { receiver: 'ops', routes: [{ receiver: 'ops', matchers }] };
    assert.deepEqual(lintRouting({ receivers: [{ name: 'ops' }], route }, catalogLabels([])), []);
  });

test('the rule that a sender begins too many incidents of is a label of its own [security M14]', () => {
  const alert = anAlert({ host: 'media01', sender: 'agent-x' });
  const { incident } = applyAlerts(undefined, [foldedAlert(alert)], { nowMs: NOW_MS, reopenWithinMs: 0 });
  const labels = labelsOf(incident);
  assert.deepEqual(
    [labels['rule'], labels['limited_rule'], labels['limited_sender']],
    ['foghorn-incident-limit', alert.match.ruleId, 'agent-x'],
  );
});
