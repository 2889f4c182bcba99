// Activity entries: which are in order with one another, and that the same transition is the same
// entry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ActivityEntry,
  activityTopic,
  encodeActivityEntry,
  transitionEntry,
} from '../../../../shared/contracts/activity.ts';
import type { Transition } from '../../../../shared/contracts/incident.ts';
import { anId } from '../../../support/ids.ts';
import { anIncident } from '../../../support/incidents.ts';

const base = { id: anId('entry'), atMs: 5, actor: 'kim', reason: 'x' };
const abc = anId('abc');
const incident = {
  incidentId: abc,
  episode: 1,
  revision: 2,
  host: 'media01',
  ruleId: 'wmserver-309-port-in-use',
  severity: 'error',
} as const;
const silence = {
  id: 's1',
  matchers: ['host="a"'],
  author: 'kim',
  comment: 'x',
  startsAtMs: 1,
  endsAtMs: 2,
  revision: 1,
};
const group = { id: anId('group'), episode: 1, revision: 2 };
const failed = { ...base, subject: 'delivery', type: 'delivery_failed', receiver: 'ops' } as const;
const refused = { ...base, subject: 'command', type: 'refused', commandId: 'c1' } as const;

for (const [what, entry, key] of [
  ['about an incident', { ...base, ...incident, subject: 'incident', type: 'opened' }, abc],
  ['about a delivery, by its incident', { ...failed, ...incident, group }, abc],
  ['about a delivery of no known incident, by its group', { ...failed, group }, group.id],
  ['about a delivery of no known incident, by its receiver', failed, 'ops'],
  ['about a silence', { ...base, subject: 'silence', type: 'silence_created', silence }, 's1'],
  ['about a command, by its incident', { ...refused, ...incident, groupId: group.id }, abc],
  ['about a command to a group', { ...refused, groupId: group.id, silenceId: 's1', receiver: 'ops' }, group.id],
  ['about a command to a silence', { ...refused, silenceId: 's1', receiver: 'ops' }, 's1'],
  ['about a command to a receiver', { ...refused, type: 'redelivered', receiver: 'ops' }, 'ops'],
  ['about a probe that was asked for', { ...refused, ...incident, type: 'probed' }, abc],
  ['about a command to nothing', refused, 'c1'],
] as const satisfies readonly (readonly [string, ActivityEntry, string])[])
  test(`an entry ${what} is in the order of its key, and is read as it was written`, () => {
    const record = encodeActivityEntry(entry);
    assert.deepEqual([record.topic, record.key, record.headers], ['actions', key, { id: entry.id }]);
    const value = Buffer.from(String(record.value));
    assert.deepEqual(activityTopic.decode({ key: Buffer.from(key), value, headers: {}, timestampMs: 5 }), {
      kind: 'value',
      value: entry,
    });
  });

test('the entry of a transition has its incident, its times and the same id over versions', () => {
  const transition: Transition = {
    incidentId: abc,
    episode: 1,
    revision: 2,
    kind: 'resolved',
    from: 'open',
    to: 'resolved',
    atMs: 9,
    actor: 'kim',
    reason: 'repaired',
    timeToResolveMs: 4,
  };
  const { id, ...entry } = transitionEntry(transition, anIncident(abc, 7));
  assert.equal(id, 'broI1CsmZKE4QiZuhuokY12rmKA');
  assert.deepEqual(entry, {
    ...incident,
    atMs: 9,
    subject: 'incident',
    type: 'resolved',
    actor: 'kim',
    reason: 'repaired',
    ruleName: 'A port that Windows Media Services needs is in use',
    faultClass: 'address-in-use',
    timeToResolveMs: 4,
  });
  assert.notEqual(transitionEntry({ ...transition, revision: 3 }, anIncident(abc, 7)).id, id);
});
