// A group's members: who of them may be notified, by a route of its own or by an escalation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMembers } from '../../../../../services/notifier/groups/members.ts';
import type { Route } from '../../../../../services/notifier/policy/route.ts';
import type { SuppressedBy } from '../../../../../services/notifier/policy/suppress.ts';
import { anIncident } from '../../../../support/incidents.ts';

const incident = anIncident('one', 1);
const escalation = { isEscalation: true } as Route;

async function kindOf(route: Route | undefined, by: SuppressedBy): Promise<string | undefined> {
  const parts = {
    store: { briefs: async () => await Promise.resolve([incident]) },
    suppressionOf: async () =>
      await Promise.resolve([{ kind: 'suppressed', by, reason: '', againAtMs: incident.openedAtMs + 1000 } as const]),
  };
  const [member] = await readMembers(parts, ['one'], { route, nowMs: incident.openedAtMs });
  return member?.suppression.kind;
}

test('a group of an escalation is told of what flaps, but of nothing that anybody silenced [alerting 12]', async () => {
  assert.equal(await kindOf(escalation, 'flapping'), 'notify');
  assert.equal(await kindOf(escalation, 'silence'), 'suppressed');
  assert.equal(await kindOf(undefined, 'flapping'), 'suppressed');
});
