// A group's members: who of them may be notified, by a route of its own or by an escalation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSuppressionCheck } from '../../../../../services/notifier/delivery/suppression-check.ts';
import { checkMembers } from '../../../../../services/notifier/groups/members.ts';
import type { Route } from '../../../../../services/notifier/policy/route.ts';
import { readSilence } from '../../../../../services/notifier/policy/silence.ts';
import type { Incident } from '../../../../../shared/contracts/incident.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const steady = anIncident('one', 1);
const nowMs = steady.openedAtMs;
const flapping: Incident = {
  ...steady,
  episode: 2,
  flapping: { sinceMs: nowMs, episode: 1, count: 5, quietForMs: 600_000 },
};
const ofAll = {
  id: 's',
  revision: 1,
  author: 'kim',
  comment: 'x',
  matchers: ['host=~".*"'],
  startsAtMs: nowMs,
  endsAtMs: nowMs + 60_000,
};
const silence = readSilence(ofAll) ?? assert.fail();
const escalation = { ...aPolicy({}, []).root, isEscalation: true } satisfies Route;

/** What suppresses the member; undefined when it may be notified. */
async function suppressedBy(route: Route | undefined, incident: Incident, silences = [silence]) {
  const suppressionOf = createSuppressionCheck({
    policy: aPolicy({}, []),
    silences: { current: async () => await Promise.resolve(silences) },
    inhibitors: { of: async (labels) => await Promise.resolve(labels.map(() => [])) },
  });
  const incidents = new Map([['one', incident]]);
  const isEscalation = route === escalation;
  const [member] = await checkMembers({ suppressionOf }, ['one'], { incidents, route, isEscalation, nowMs });
  return member?.suppression.kind === 'suppressed' ? member.suppression.by : undefined;
}

test('a group of an escalation is notified of what flaps, but of nothing that anybody silenced [alerting 12]', async () => {
  assert.equal(await suppressedBy(escalation, flapping, []), undefined);
  assert.equal(await suppressedBy(escalation, flapping), 'silence');
  assert.equal(await suppressedBy(escalation, steady), 'silence');
  assert.equal(await suppressedBy(undefined, flapping, []), 'flapping');
});
