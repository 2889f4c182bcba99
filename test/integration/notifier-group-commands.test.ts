// What is asked of a group, on a real Redis: done with what its messages listed by then, and with
// nothing that later ones will list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executeGroupCommand } from '../../services/notifier/commands/execute-group-command.ts';
import { groupOf } from '../../services/notifier/policy/group.ts';
import { notifiedMark } from '../../services/notifier/policy/notified-mark.ts';
import { createGroupStore } from '../../services/notifier/groups/store.ts';
import { createIncidentStore } from '../../services/notifier/incidents/store.ts';
import { StateLost } from '../../services/notifier/redis/state-lost.ts';
import type { GroupCommand } from '../../shared/contracts/command.ts';
import { anIncident } from '../support/incidents.ts';
import { aPolicy } from '../support/policy.ts';
import { openCompleteRedis } from '../support/redis.ts';

const NOW_MS = 1_000_000;

test('what is marked and not notified yet, or notified later, stays as it is; a command that comes twice is done once; a lost Redis refuses nothing', async (t) => {
  const { client, keys, wipe } = await openCompleteRedis(t);
  const store = createIncidentStore(client, keys, {
    owner: 'x',
    seenWindow: { events: 10, keepMs: 60_000 },
    dueOf: () => undefined,
  });
  const groups = createGroupStore(client, keys);
  const { root } = aPolicy({ route: { group_by: ['rule'], group_wait: '10s', group_interval: '1m' } }, ['ops']);
  const { grouping } = root;
  const target = { receiver: 'ops', route: root, grouping, followsChanges: false, editsInPlace: false, reason: '' };
  const group = groupOf(target, { rule: 'r' }, { id: '' });
  const ids = ['a', 'b', 'c'];
  for (const id of ids)
    await store.commit([{ from: undefined, to: anIncident(id, 1), eventIds: [], outbox: [] }], NOW_MS);
  const join = { group, grouping, kind: 'join', episode: 1, revision: 1, receivedAtMs: NOW_MS } as const;
  await groups.change(
    ids.map((incidentId) => ({ ...join, incidentId })),
    NOW_MS,
  );
  const state = (await groups.read(group.id)) ?? assert.fail('no group');
  const delivery = { subjectId: group.id, isGroup: true, episode: 1, revision: 1, receiver: 'ops' } as const;
  const counts = { resolvedCount: 0, acknowledgedCount: 0, lastIncidentId: 'a', lastNotifiedMs: NOW_MS };
  const marks = { a: notifiedMark({ episode: 1 }, 1), b: notifiedMark({ episode: 1 }, 1) };
  const notified = { state, marks, unrecordedIds: ['a', 'b'], goneIds: [], ...counts, dueMs: undefined, nowMs: NOW_MS };
  const first = { ...delivery, id: 'n', reason: 'opened', receivedAtMs: 0 } as const;
  assert.equal(await groups.stage({ ...notified, delivery: first }), true);

  const parts = { store, groups, now: () => NOW_MS };
  const command = (id: string, revision = 1): GroupCommand => ({
    id,
    kind: 'acknowledge_group',
    groupId: group.id,
    episode: 1,
    revision,
    actor: 'kim',
    atMs: NOW_MS,
    reason: '',
  });
  const states = async () => (await store.snapshots(ids)).map((incident) => incident?.state);
  const [refused] = await executeGroupCommand(parts, command('early'));
  assert.match(refused?.reason ?? '', /changes nothing/u);
  assert.deepEqual(await states(), ['open', 'open', 'open'], 'nobody has seen them');
  await groups.markRecorded(group.id, 1, ['a']);
  assert.deepEqual(await executeGroupCommand(parts, command('once')), []);
  assert.deepEqual(await states(), ['acknowledged', 'open', 'open']);
  const [before] = await store.snapshots(['a']);
  assert.deepEqual(await executeGroupCommand(parts, command('once')), [], 'it was done before, so it is not refused');
  assert.deepEqual(await store.snapshots(['a']), [before]);
  await groups.confirmQueued(group.id, { delivery: first }, NOW_MS);
  const later = {
    state: (await groups.read(group.id)) ?? assert.fail('no group'),
    marks: { c: notifiedMark({ episode: 1 }, 2) },
  };
  const second = { ...first, id: 'o', revision: 2 };
  assert.equal(await groups.stage({ ...notified, ...later, unrecordedIds: ['c'], delivery: second }), true);
  await groups.markRecorded(group.id, 1, ['b', 'c']);
  assert.deepEqual(await executeGroupCommand(parts, command('first message')), []);
  assert.deepEqual(await states(), ['acknowledged', 'acknowledged', 'open'], 'the first message did not list it');
  assert.deepEqual(await executeGroupCommand(parts, command('second message', 2)), []);
  assert.deepEqual(await states(), ['acknowledged', 'acknowledged', 'acknowledged']);
  await wipe();
  await assert.rejects(async () => await executeGroupCommand(parts, command('lost')), StateLost);
});
