// Incidents that others are notified of instead: what failed there is tried again, and in a group
// they count as not notified.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Delivery, type GroupChange, outcomeOf } from '../../../../../services/notifier/delivery/plan.ts';
import { passOn } from '../../../../../services/notifier/groups/retire.ts';
import { targetsOf } from '../../../../../services/notifier/policy/decide.ts';
import { AT_ONCE_ROUTE } from '../../../../support/at-once.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const incident = anIncident('abc', 1);
const NOW_MS = 1000;

/** What is done, in its order, and who gets it. */
async function passedOn(route: Readonly<Record<string, unknown>>) {
  const policy = aPolicy({ route: { receivers: ['a', 'b'], ...route } }, ['a', 'b']);
  const { targets } = targetsOf(incident, {}, policy);
  const place = { episode: 1, revision: 1, receivedAtMs: 0, atMs: 0 };
  const plan = outcomeOf({ kind: 'notify', targets, labels: {}, reason: 'resolved' }, incident, place);
  const done: string[] = [];
  const note = async (...words: readonly string[]): Promise<void> => {
    done.push(words.join(' '));
    await Promise.resolve();
  };
  const queues = {
    add: async (deliveries: readonly Delivery[]) => await note('add', ...deliveries.map(({ receiver }) => receiver)),
    redrive: async (receiver: string, id = '') => {
      await note('redrive', receiver, id);
      return 0;
    },
  };
  const groups = {
    change: async (changes: readonly GroupChange[]) =>
      await note(...changes.map(({ kind, group }) => `${kind} ${group.receiver}`)),
    revert: async (_: string, { incidentIds = [] }: { readonly incidentIds?: readonly string[] }, dueMs: number) =>
      await note('revert', ...incidentIds, String(dueMs)),
  };
  const receivers = await passOn({ queues, groups }, plan, NOW_MS);
  return { done, receivers };
}

test('a delivery that failed at the other receiver under the same id is tried again', async () => {
  const { done, receivers } = await passedOn(AT_ONCE_ROUTE);
  assert.deepEqual(done, ['add a b', 'redrive a n-abc-1-1-a', 'redrive b n-abc-1-1-b']);
  assert.deepEqual(receivers, ['a', 'b']);
});

test('in a group it joins, although it is over, and counts as not notified', async () => {
  const { done, receivers } = await passedOn({ group_by: ['rule'], group_wait: '2s' });
  assert.deepEqual(done, ['add', 'join a join b', 'revert abc 3000', 'revert abc 3000']);
  assert.deepEqual(receivers, ['a', 'b']);
});
