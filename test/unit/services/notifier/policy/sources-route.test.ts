// Without a route the incidents of sources are grouped by class: a site that is gone is one
// message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetsOf } from '../../../../../services/notifier/policy/decide.ts';
import { groupOf, targetOfGroup } from '../../../../../services/notifier/policy/group.ts';
import { labelsOf } from '../../../../../services/notifier/policy/labels.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const incident = anIncident('abc', 1);

test('without a route a silent source is grouped with the others of its class, also in a storm', () => {
  const policy = aPolicy({}, ['mail']);
  const groups = ['source-silent', 'source-silent-nxlog'].flatMap((ruleId) =>
    [{}, { isInStorm: true as const }].flatMap((storm) => {
      const silent = { ...incident, ...storm, entity: { ...incident.entity, ruleId, faultClass: 'source-silent' } };
      const labels = labelsOf(silent);
      return targetsOf(silent, labels, policy).targets.map((target) => {
        const { waitMs, intervalMs, repeatMs } = target.grouping;
        assert.deepEqual([waitMs, intervalMs, repeatMs], [30_000, 300_000, 0]);
        const group = groupOf(target, labels, silent);
        assert.ok(targetOfGroup(group, policy));
        return group.id;
      });
    }),
  );
  assert.equal(groups.length, 4);
  assert.equal(new Set(groups).size, 1);
});
