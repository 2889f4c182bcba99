// Groups on a real Redis, crash by crash: what was written down and not queued is queued later,
// what changes meanwhile is not lost.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Delivery, GroupChange } from '../../services/notifier/delivery/plan.ts';
import { groupOf } from '../../services/notifier/policy/group.ts';
import { notifiedMark } from '../../services/notifier/policy/notified-mark.ts';
import { createGroupStore, type GroupState } from '../../services/notifier/groups/store.ts';
import { StateLost } from '../../services/notifier/redis/state-lost.ts';
import { aPolicy } from '../support/policy.ts';
import { openCompleteRedis } from '../support/redis.ts';

const WAIT_MS = 10_000;
const INTERVAL_MS = 60_000;
const NOW_MS = 1_000_000;
const { root } = aPolicy({ route: { group_by: ['rule'], group_wait: '10s', group_interval: '1m' } }, ['ops']);
const target = {
  receiver: 'ops',
  route: root,
  grouping: root.grouping,
  followsChanges: false,
  editsInPlace: false,
  reason: '',
};
const group = groupOf(target, { rule: 'r' }, { id: '' });

function change(incidentId: string, kind: GroupChange['kind'] = 'join'): GroupChange {
  return { group, grouping: root.grouping, kind, incidentId, episode: 1, revision: 1, receivedAtMs: NOW_MS };
}

async function startStore(t: TestContext) {
  const { client, keys } = await openCompleteRedis(t);
  const groups = createGroupStore(client, keys);
  const state = async (): Promise<GroupState> => (await groups.read(group.id)) ?? assert.fail('no group');
  const dueAt = async (): Promise<number | undefined> => {
    const score = await client.run(async (redis) => await redis.zscore(keys.groupTimers, group.id));
    return score === null ? undefined : Number(score);
  };
  const loseMarker = async (): Promise<void> =>
    void (await client.run(async (redis) => await redis.del(keys.complete)));
  return { groups, state, dueAt, loseMarker };
}

function deliveryAt({ episode, revision }: GroupState): Delivery {
  const common = {
    subjectId: group.id,
    isGroup: true,
    episode,
    receiver: 'ops',
    reason: 'opened',
    receivedAtMs: 0,
  } as const;
  return { ...common, id: `n-${revision + 1}`, revision: revision + 1 };
}

function flushOf(state: GroupState, ids: readonly string[]) {
  return {
    state,
    delivery: deliveryAt(state),
    marks: Object.fromEntries(ids.map((id) => [id, notifiedMark({ episode: 1 }, 1)])),
    unrecordedIds: ids,
    goneIds: [],
    resolvedCount: 0,
    acknowledgedCount: 0,
    lastIncidentId: ids[0] ?? '',
    lastNotifiedMs: NOW_MS,
    dueMs: NOW_MS + 5 * INTERVAL_MS,
    nowMs: NOW_MS,
  };
}

test('what touches a member shows by its revision until it is notified, however often it is noted', async (t) => {
  const { groups, state, dueAt } = await startStore(t);
  const shown = async () => {
    const { changedRevision, renderedRevision } = await state();
    return [changedRevision, renderedRevision];
  };
  await groups.change([change('a')], NOW_MS);
  assert.deepEqual(await shown(), [0, 0]);
  const touch = { ...change('a', 'touch'), revision: 4 };
  await groups.change([touch], NOW_MS);
  assert.deepEqual(await shown(), [4, 0]);
  assert.equal(await groups.stage(flushOf(await state(), ['a'])), true);
  assert.deepEqual(await shown(), [4, 4]);
  await groups.change([touch, { ...touch, revision: 2 }], NOW_MS);
  assert.deepEqual(await shown(), [4, 4], 'noted again after a crash it is no news');
  await groups.revert(group.id, { isEdit: true }, NOW_MS + 7);
  assert.deepEqual([...(await shown()), await dueAt()], [4, 0, NOW_MS + 7], 'not sent after all: shown later');
});

test('due after the wait, whoever joins meanwhile; noted twice is noted once', async (t) => {
  const { groups, state, dueAt } = await startStore(t);
  await groups.change([change('a')], NOW_MS);
  await groups.change([change('b'), change('a')], NOW_MS + 5000);
  assert.equal(await dueAt(), NOW_MS + WAIT_MS);
  const { memberIds, episode, revision } = await state();
  assert.deepEqual([memberIds.toSorted(), episode, revision], [['a', 'b'], 1, 0]);
  assert.deepEqual(await groups.due(NOW_MS + WAIT_MS - 1, 10), []);
  assert.deepEqual(await groups.due(NOW_MS + WAIT_MS, 10), [group.id]);
});

test('crashed before the queue had it: the message is still there, and nobody writes another one over it', async (t) => {
  const { groups, state, dueAt } = await startStore(t);
  await groups.change([change('a')], NOW_MS);
  const before = await state();
  assert.ok(await groups.stage(flushOf(before, ['a'])));
  const pending = await state();
  assert.deepEqual(
    [pending.revision, pending.pending?.delivery.revision, pending.notified],
    [1, 1, { a: notifiedMark({ episode: 1 }, 1) }],
  );
  assert.ok(((await dueAt()) ?? 0) <= NOW_MS + INTERVAL_MS, 'it is looked at again soon');
  assert.equal(await groups.stage(flushOf(pending, ['a'])), false);
  await groups.confirmQueued(group.id, pending.pending ?? assert.fail(), NOW_MS);
  const after = await state();
  assert.deepEqual([after.pending, await dueAt()], [undefined, NOW_MS + 5 * INTERVAL_MS]);
});

test('who joins while a message is written is not purged', async (t) => {
  const { groups, state, dueAt } = await startStore(t);
  await groups.change([change('a')], NOW_MS);
  const before = await state();
  await groups.change([change('b')], NOW_MS);
  assert.equal(await groups.stage(flushOf(before, ['a'])), false, 'it would not know of b');
  assert.ok(await groups.stage(flushOf(await state(), ['a', 'b'])));
  const pending = await state();
  await groups.change([change('c')], NOW_MS);
  await groups.confirmQueued(group.id, pending.pending ?? assert.fail(), NOW_MS);
  assert.ok(((await dueAt()) ?? Number.POSITIVE_INFINITY) <= NOW_MS + INTERVAL_MS, 'c is looked at soon');
});

test('a second process that looked at the same time writes no second message', async (t) => {
  const { groups, state } = await startStore(t);
  await groups.change([change('a')], NOW_MS);
  const before = await state();
  assert.ok(await groups.stage(flushOf(before, ['a'])));
  await groups.confirmQueued(group.id, (await state()).pending ?? assert.fail(), NOW_MS);
  assert.equal(await groups.stage(flushOf(before, ['a'])), false);
  assert.equal((await state()).revision, 1);
});

test('over when the last one left, with another number when it begins anew', async (t) => {
  const { groups, state, dueAt } = await startStore(t);
  await groups.change([change('a')], NOW_MS);
  await groups.stage(flushOf(await state(), ['a']));
  const notified = await state();
  await groups.confirmQueued(group.id, notified.pending ?? assert.fail(), NOW_MS);
  await groups.change([change('a', 'leave')], NOW_MS + 5000);
  assert.equal(await dueAt(), NOW_MS + 5000, 'an end is looked at at once');
  const look = { state: await state(), marks: { a: '1r' }, goneIds: ['a'], dueMs: undefined, nowMs: NOW_MS + 5000 };
  assert.ok(await groups.reschedule(look));
  assert.equal(await dueAt(), undefined);
  await groups.change([change('a', 'leave')], NOW_MS + 6000);
  assert.equal(await dueAt(), undefined, 'noted late: nothing is due');
  await groups.change([change('b')], NOW_MS + 7000);
  const { episode, revision, memberIds } = await state();
  assert.deepEqual([episode, revision, memberIds], [2, 0, ['b']]);
});

test('the rows of an end that was notified late are not taken for those of the next episode', async (t) => {
  const { groups, state } = await startStore(t);
  await groups.change([change('a')], NOW_MS);
  await groups.stage(flushOf(await state(), ['a']));
  await groups.confirmQueued(group.id, (await state()).pending ?? assert.fail(), NOW_MS);
  assert.ok(
    await groups.reschedule({ state: await state(), marks: {}, goneIds: ['a'], dueMs: undefined, nowMs: NOW_MS }),
  );
  await groups.change([change('a')], NOW_MS + 1000);
  const next = await state();
  assert.equal(next.episode, 2);
  await groups.stage(flushOf(next, ['a']));
  await groups.markRecorded(group.id, 1, ['a']);
  assert.deepEqual((await state()).unrecordedIds, ['a']);
  await groups.markRecorded(group.id, 2, ['a']);
  assert.deepEqual((await state()).unrecordedIds, []);
});

test('Redis was set back to before messages of a group that Kafka has: the group goes on behind them', async (t) => {
  const { groups, state } = await startStore(t);
  await groups.change([change('a')], NOW_MS);
  await groups.stage(flushOf(await state(), ['a']));
  const message = { group, episode: 1, revision: 4, lastNotifiedMs: NOW_MS, notified: { b: '1@2' } };
  const restore = async (isMessage: 0 | 1): Promise<void> =>
    await groups.restore([{ ...message, isMessage }], { joins: [change('c')], nowMs: NOW_MS });
  await restore(0);
  assert.equal((await state()).revision, 1, 'no message of Kafka: what is there is kept');
  await restore(1);
  const { episode, revision, memberIds, notified, pending } = await state();
  assert.deepEqual([episode, revision, memberIds.toSorted(), notified], [1, 4, ['b', 'c'], { b: '1@2' }]);
  assert.equal(pending, undefined);
});

test('a Redis that is not complete takes no changes', async (t) => {
  const { groups, loseMarker } = await startStore(t);
  await loseMarker();
  await assert.rejects(groups.change([change('a')], NOW_MS), StateLost);
});
