// What is sent about a group whose incidents have begun anew in Redis and have not joined it again
// yet: the moment between an incident's change and its outbox.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createRemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { createSuppressionCheck } from '../../services/notifier/delivery/suppression-check.ts';
import { createNotificationLog, type LogState } from '../../services/notifier/delivery/notification-log.ts';
import type { Delivery, GroupChange } from '../../services/notifier/delivery/plan.ts';
import { flushDueGroups } from '../../services/notifier/groups/flusher.ts';
import { groupOf } from '../../services/notifier/policy/group.ts';
import { createGroupStore } from '../../services/notifier/groups/store.ts';
import { createSubject } from '../../services/notifier/groups/subject.ts';
import { createInhibitors } from '../../services/notifier/incidents/inhibitors.ts';
import { createSilenceStore } from '../../services/notifier/incidents/silence-store.ts';
import { createRelatedIncidents } from '../../services/notifier/incidents/related-incidents.ts';
import { createIncidentStore } from '../../services/notifier/incidents/store.ts';
import { declareNotifierMetrics } from '../../services/notifier/metrics.ts';
import type { Incident } from '../../shared/contracts/incident.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { anIncident } from '../support/incidents.ts';
import { quietLog } from '../support/log.ts';
import { aPolicy } from '../support/policy.ts';
import { openCompleteRedis } from '../support/redis.ts';

const route = { group_by: ['rule'], group_wait: '0s', group_interval: '1s' };
const CLAIMED: LogState = { kind: 'claimed', token: 'x', isFirst: false, sentRevision: 1 };
const SENT: LogState = { kind: 'sent', revision: 2, reference: '', atMs: 0 };

/** Incidents a and b were notified and are over; the message that says so is queued. */
async function startEnded(t: TestContext, { keepsEpisodes }: { readonly keepsEpisodes: boolean }) {
  const policy = aPolicy({ route }, [{ name: 'ops', minSeverity: 'info', keepsEpisodes }]);
  const { client, keys } = await openCompleteRedis(t);
  const seenWindow = { events: 10, keepMs: 60_000 };
  const store = createIncidentStore(client, keys, { owner: 'x', seenWindow, dueOf: () => undefined });
  const groups = createGroupStore(client, keys);
  const inhibitors = createInhibitors(client, keys, { store, policy });
  const suppressionOf = createSuppressionCheck({ policy, silences: createSilenceStore(client, keys), inhibitors });
  const notificationLog = createNotificationLog(client, keys);
  const queued: Delivery[] = [];
  const { root } = policy;
  const target = { receiver: 'ops', route: root, grouping: root.grouping, followsChanges: false, editsInPlace: false };
  const group = groupOf({ ...target, reason: '' }, { rule: 'r' }, { id: '' });
  let nowMs = 1_000_000;
  const set = async (id: string, revision: number, changed: Partial<Incident> = {}): Promise<void> => {
    const [from] = await store.snapshots([id]);
    // The first that was opened stands for the group.
    const to = { ...anIncident(id, revision), openedAtMs: id === 'a' ? 1 : 2, ...changed };
    assert.deepEqual(await store.commit([{ from, to, eventIds: [], outbox: [] }], nowMs), [true]);
  };
  const note = async (kind: GroupChange['kind'], ids: readonly string[]): Promise<void> => {
    const change = { group, grouping: root.grouping, kind, episode: 1, revision: 1, receivedAtMs: nowMs };
    await groups.change(
      ids.map((incidentId) => ({ ...change, incidentId })),
      nowMs,
    );
  };
  const flush = async (): Promise<Delivery> => {
    const metrics = declareNotifierMetrics(createRegistry('test'));
    const producer = {
      send: async () => await Promise.resolve([]),
      ready: async () => await Promise.resolve(undefined),
      close: async () => await Promise.resolve(),
    };
    const queues = {
      add: async (added: readonly Delivery[]) => void queued.push(...(await Promise.resolve(added))),
      redrive: async () => await Promise.resolve(0),
    };
    nowMs += 10_000;
    await flushDueGroups(
      { store, suppressionOf, groups, notificationLog, queues, producer, policy, metrics, log: quietLog },
      () => nowMs,
    );
    return queued.at(-1) ?? assert.fail('nothing was queued');
  };
  const beginAnew = async (id: string): Promise<void> => await set(id, 3, { episode: 2 });
  const ids = ['a', 'b'];
  for (const id of ids) await set(id, 1);
  await note('join', ids);
  await flush();
  await groups.markRecorded(group.id, 1, ids);
  for (const id of ids) await set(id, 2, { state: 'resolved', resolvedAtMs: nowMs });
  await note('leave', ids);
  const end = await flush();
  assert.deepEqual([end.reason, end.revision], ['resolved', 2]);
  const texts = createRemediationTexts(quietLog);
  const relatedIncidents = createRelatedIncidents(client, keys, { store, texts });
  const subjectOf = createSubject({ store, suppressionOf, groups, policy, relatedIncidents, texts });
  const subject = async (claim = CLAIMED) => {
    const found = await subjectOf(end, claim, nowMs);
    if (found.kind !== 'notify') return found.kind;
    const { incident, notified, digest } = found;
    const seen = [incident, ...notified].map((one) => `${one.id} ${one.state} ${one.episode}`);
    return { open: digest?.count.open, incident: seen[0], notified: seen.slice(1).sort() };
  };
  return { subject, beginAnew, note };
}

const THE_END = { open: 0, incident: 'a resolved 1', notified: ['a resolved 1', 'b resolved 1'] };

test('one of a group begins anew before its end was notified: the end is notified as it was, and of the new episode nothing', async (t) => {
  const { subject, beginAnew } = await startEnded(t, { keepsEpisodes: true });
  assert.deepEqual(await subject(), THE_END);
  await beginAnew('a');
  assert.deepEqual(await subject(), THE_END);
});

test('all begin anew before the end was notified: it is notified where it ends its own episode only, and after they joined too', async (t) => {
  const { subject, beginAnew, note } = await startEnded(t, { keepsEpisodes: true });
  for (const id of ['a', 'b']) await beginAnew(id);
  const alone = { ...THE_END, notified: ['a resolved 1'] };
  assert.deepEqual(await subject(), alone);
  await note('join', ['a', 'b']);
  assert.deepEqual(await subject(), alone);
});

test('where an end would end the next episode as well: who began anew is left to the next message', async (t) => {
  const { subject, beginAnew } = await startEnded(t, { keepsEpisodes: false });
  await beginAnew('a');
  assert.deepEqual(await subject(), { open: 0, incident: 'b resolved 1', notified: ['b resolved 1'] });
  assert.deepEqual(await subject(SENT), THE_END, 'when it was sent before, the entries have what was sent');
  await beginAnew('b');
  assert.equal(await subject(), 'superseded');
});
