// What a rebuild notifies of an incident that flapped: who was notified that it flaps is notified
// of its end, by itself or in a group.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnownDelivery } from '../../../../../services/notifier/delivery/notification-log.ts';
import type { Delivery } from '../../../../../services/notifier/delivery/plan.ts';
import type { KnownGroup } from '../../../../../services/notifier/groups/store.ts';
import type { History } from '../../../../../services/notifier/recovery/history.ts';
import { type RestoredGroups, restoreGroups } from '../../../../../services/notifier/recovery/restore-groups.ts';
import { restoreNotifications } from '../../../../../services/notifier/recovery/restore-notifications.ts';
import type { Incident } from '../../../../../shared/contracts/incident.ts';
import { AT_ONCE_ROUTE } from '../../../../support/at-once.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const FIRST = 5;
const LAST = 8;
const flapped: Incident = {
  ...anIncident('abc', 20),
  state: 'resolved',
  episode: LAST,
  flapping: { sinceMs: 0, episode: FIRST, count: LAST, quietForMs: 600_000 },
};

/**
 * Episodes that the receiver was notified of; gives what is queued for it, and the marks of the
 * groups that go on.
 */
async function rebuilt(
  route: Readonly<Record<string, unknown>>,
  notifiedEpisodes: readonly number[],
  incident: Incident = flapped,
) {
  const queued: Delivery[] = [];
  const groups: KnownGroup[] = [];
  const history: History = {
    last: new Map([[incident.id, [{ kind: 'resolved', episode: LAST, revision: 20, atMs: 0, steps: 0 }]]]),
    lastNotified: (_, episode) => (notifiedEpisodes.includes(episode) ? { revision: 20, atMs: 0 } : undefined),
  };
  const parts = {
    store: { briefs: async () => await Promise.resolve([incident]) },
    notificationLog: {
      restore: async (known: readonly KnownDelivery[]) =>
        await Promise.resolve(known.map(({ sent }) => ({ sentRevision: sent?.revision ?? 0, isInDoubt: false }))),
    },
    queues: {
      add: async (deliveries: readonly Delivery[]) => void queued.push(...(await Promise.resolve(deliveries))),
    },
    groups: { restore: async (known: readonly KnownGroup[]) => void groups.push(...(await Promise.resolve(known))) },
    policy: aPolicy({ route: { receiver: 'ops', ...route } }, ['ops']),
    now: () => 0,
  };
  const found: RestoredGroups = { known: new Map(), members: new Map() };
  await restoreNotifications(parts, history, found);
  await restoreGroups(parts, found);
  return {
    queued: queued.map(({ reason, episode }) => [reason, episode]),
    marks: groups.map(({ notified }) => notified),
  };
}

const { flapping: _, ...steady } = flapped;

test('after Redis was lost the end of what flaps is for whom was notified that it flaps [alerting 12]', async () => {
  assert.deepEqual((await rebuilt(AT_ONCE_ROUTE, [FIRST])).queued, [['resolved', LAST]]);
  assert.deepEqual((await rebuilt(AT_ONCE_ROUTE, [FIRST, LAST])).queued, [], 'who was notified of that end');
  assert.deepEqual((await rebuilt(AT_ONCE_ROUTE, [])).queued, [], 'who was notified of nothing');
  assert.deepEqual((await rebuilt(AT_ONCE_ROUTE, [FIRST], steady)).queued, [], 'what flaps no more');
});

test('after Redis was lost a group goes on with the end of what flaps [alerting 12]', async () => {
  const grouped = { group_by: ['host'] };
  assert.deepEqual((await rebuilt(grouped, [FIRST])).marks, [{ abc: `${LAST}hflapping` }]);
  assert.deepEqual((await rebuilt(grouped, [FIRST, LAST])).marks, []);
  assert.deepEqual((await rebuilt(grouped, [FIRST], steady)).marks, []);
});
