// What a group says and when: first at once, news at intervals, the end at once, and what is held
// back stays out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Content,
  contentOf,
  type Member,
  timingOf,
  type TimingFacts,
  worstOf,
} from '../../../../../services/notifier/groups/content.ts';
import { digestOf, withHolders } from '../../../../../services/notifier/groups/digest.ts';
import { suppressedMark, endMark, notifiedMark } from '../../../../../services/notifier/policy/notified-mark.ts';
import type { Incident } from '../../../../../shared/contracts/incident.ts';
import { anIncident } from '../../../../support/incidents.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 11);
const one = anIncident('one', 1);
const held = { kind: 'suppressed', by: 'silence', reason: 'quiet', againAtMs: NOW_MS + 30_000 } as const;

function member(incident: Incident, suppression: Member['suppression'] = { kind: 'notify' }): Member {
  return { id: incident.id, incident, suppression };
}

function sorted(members: readonly Member[], notified: Readonly<Record<string, string>> = {}) {
  const { active, fresh, over, held: back, goneIds } = contentOf(members, notified);
  const ids = (incidents: readonly { readonly id: string }[]): readonly string[] => incidents.map(({ id }) => id);
  return {
    active: ids(active),
    fresh: ids(fresh),
    over: ids(over),
    held: ids(back.map(({ incident }) => incident)),
    gone: goneIds,
  };
}

const nothing = { active: [], fresh: [], over: [], held: [], gone: [] };
const resolved: Incident = { ...one, state: 'resolved' };
const notified = { one: notifiedMark(one, 1) };

for (const [what, members, marks, expected] of [
  ['new', [member(one)], {}, { active: ['one'], fresh: ['one'] }],
  ['notified', [member(one)], notified, { active: ['one'] }],
  ['the next episode', [member({ ...one, episode: 2 })], notified, { active: ['one'], fresh: ['one'] }],
  ['held back', [member(one, held)], {}, { held: ['one'] }],
  ['notified and then over', [member(resolved)], notified, { over: ['one'] }],
  ['over before anybody was notified', [member(resolved)], {}, { over: ['one'] }],
  ['over, and that was notified', [member(resolved)], { one: endMark(one) }, { gone: ['one'] }],
  ['held back until it was over', [member(resolved)], { one: suppressedMark(one, 'silence') }, { gone: ['one'] }],
  ['over while held back, never notified', [member(resolved, held)], {}, { gone: ['one'] }],
  ['notified, and its end held back', [member(resolved, held)], notified, {}],
  ['lost', [{ id: 'one', incident: undefined, suppression: { kind: 'notify' } }], {}, { gone: ['one'] }],
] as const)
  test(`a member that is ${what}`, () => assert.deepEqual(sorted(members, marks), { ...nothing, ...expected }));

const INTERVAL_MS = 300_000;
const REPEAT_MS = 3_600_000;

function facts(more: Partial<TimingFacts['state']> = {}, rest: Partial<TimingFacts> = {}): TimingFacts {
  return {
    state: {
      revision: 1,
      lastNotifiedMs: NOW_MS - 1000,
      acknowledgedCount: 0,
      changedRevision: 0,
      renderedRevision: 0,
      group: { id: 'g', receiver: 'r', routeKey: '', labels: {} },
      ...more,
    },
    grouping: { by: ['rule'], waitMs: 0, intervalMs: INTERVAL_MS, repeatMs: REPEAT_MS },
    followsChanges: false,
    editsInPlace: false,
    repeatsAll: false,
    nowMs: NOW_MS,
    ...rest,
  };
}

function content(members: readonly Member[], marks: Readonly<Record<string, string>> = {}): Content {
  return contentOf(members, marks);
}

test('the first message leaves at once, and again after the repeat interval', () => {
  assert.deepEqual(timingOf(content([member(one)]), facts({ revision: 0, lastNotifiedMs: 0 })), {
    reason: 'opened',
    isEdit: false,
    dueMs: NOW_MS + REPEAT_MS,
  });
});

test('news waits for the interval, counted from the last message', () => {
  const two = anIncident('two', 1);
  const news = content([member(one), member(two)], notified);
  assert.deepEqual(timingOf(news, facts()), { reason: undefined, isEdit: false, dueMs: NOW_MS - 1000 + INTERVAL_MS });
  assert.equal(timingOf(news, facts({ lastNotifiedMs: NOW_MS - INTERVAL_MS })).reason, 'updated');
});

test('the end of some waits like news, the end of the last leaves at once (alertmanager 1510, 1660, 3210)', () => {
  const two = { ...resolved, id: 'two' };
  const marks = { ...notified, two: notifiedMark(two, 2) };
  assert.equal(timingOf(content([member(one), member(two)], marks), facts()).reason, undefined);
  assert.deepEqual(timingOf(content([member(two)], marks), facts()), {
    reason: 'resolved',
    isEdit: false,
    dueMs: undefined,
  });
  const beside = content([member(two), member(one, held)], marks);
  assert.deepEqual(
    timingOf(beside, facts()),
    { reason: 'resolved', isEdit: false, dueMs: held.againAtMs },
    'one that is held back does not keep the end of the others',
  );
});

test('nothing new: notified again after the repeat interval while somebody has to act', () => {
  const due = facts({ lastNotifiedMs: NOW_MS - REPEAT_MS });
  assert.equal(timingOf(content([member(one)], notified), due).reason, 'repeated');
  const taken = content([member({ ...one, state: 'acknowledged' })], notified);
  assert.deepEqual(timingOf(taken, due), { reason: undefined, isEdit: false, dueMs: undefined });
  assert.equal(timingOf(taken, { ...due, repeatsAll: true }).reason, 'repeated');
});

test('all held back: nothing is said, and it is looked at again when that may end', () => {
  const state = facts({ revision: 0, lastNotifiedMs: 0 });
  assert.deepEqual(timingOf(content([member(one, held)]), state), {
    reason: undefined,
    isEdit: false,
    dueMs: held.againAtMs,
  });
});

test('who follows changes is notified of an acknowledgement, once', () => {
  const taken = content([member({ ...one, state: 'acknowledged' })], notified);
  assert.equal(timingOf(taken, facts({}, { followsChanges: true })).reason, 'updated');
  assert.equal(timingOf(taken, facts({ acknowledgedCount: 1 }, { followsChanges: true })).reason, undefined);
  assert.equal(timingOf(taken, facts()).reason, undefined);
});

test('an incident by itself says what happened to it, and waits for no interval', () => {
  const group = { id: 'g', receiver: 'r', routeKey: '', labels: {}, incidentId: 'one' };
  const again = content([member({ ...one, episode: 2 })], notified);
  assert.equal(timingOf(again, facts({ group })).reason, 'reopened');
  const taken = content([member({ ...one, state: 'acknowledged' })], notified);
  assert.equal(timingOf(taken, facts({ group }, { followsChanges: true })).reason, 'acknowledged');
});

test('a message of one incident that is edited shows also what is noted, once, and no reminder waits for that', () => {
  const group = { id: 'g', receiver: 'r', routeKey: '', labels: {}, incidentId: 'one' };
  const noted = { changedRevision: 3, renderedRevision: 1 };
  const edits = { editsInPlace: true };
  const timing = (state: Partial<TimingFacts['state']>, rest: Partial<TimingFacts>, members = [member(one)]) =>
    timingOf(content(members, notified), facts(state, rest));
  const notifiedAtMs = facts().state.lastNotifiedMs;
  assert.deepEqual(timing({ group, ...noted }, edits), {
    reason: 'updated',
    isEdit: true,
    dueMs: notifiedAtMs + REPEAT_MS,
  });
  assert.equal(timing({ group, changedRevision: 3, renderedRevision: 3 }, edits).reason, undefined);
  assert.equal(timing({ group, ...noted, revision: 0 }, edits).isEdit, false, 'the first message shows it anyway');
  assert.equal(timing({ group, ...noted }, {}).reason, undefined, 'what cannot be edited is not notified again');
  assert.equal(timing(noted, edits).reason, undefined, 'a digest does not show it');
  const due = { group, ...noted, lastNotifiedMs: NOW_MS - REPEAT_MS };
  assert.deepEqual(timing(due, edits), { reason: 'repeated', isEdit: false, dueMs: NOW_MS + REPEAT_MS });
  const asleep = { kind: 'suppressed', by: 'snooze', reason: '', againAtMs: NOW_MS + 5 } as const;
  assert.equal(timing({ group, ...noted }, edits, [member(one, asleep)]).reason, 'updated', 'that it sleeps is shown');
  assert.equal(timing({ group, ...noted }, edits, [member(one, held)]).reason, undefined);
});

test('the worst stands for all, of equals the oldest', () => {
  const bad: Incident = { ...one, id: 'bad', severity: 'critical' };
  const older: Incident = { ...bad, id: 'older', openedAtMs: bad.openedAtMs - 1 };
  assert.equal(worstOf([one, bad, older])?.id, 'older');
  assert.equal(worstOf([]), undefined);
});

test('the digest counts incidents, hosts, ports and what is held back, the largest first', () => {
  const at = (id: string, host: string, port: number): Incident => ({
    ...one,
    id,
    episodeCount: 2,
    entity: { ...one.entity, host, params: { port } },
  });
  const active = [at('a', 'h1', 80), at('b', 'h2', 554), at('c', 'H1', 554)];
  const digest = digestOf(
    { group: { id: 'g', receiver: 'r', routeKey: '', labels: { rule: 'x' } }, resolvedCount: 4, unrecordedIds: ['c'] },
    { episode: 2, revision: 3 },
    { active, held: [{ incident: one, by: 'silence', reason: '' }], ended: [] },
  );
  assert.deepEqual(digest.count, { open: 3, acknowledged: 0, resolved: 4 });
  assert.deepEqual([digest.hostCount, digest.eventCount, digest.newCount, digest.suppressedCount], [2, 6, 1, 1]);
  assert.deepEqual(digest.byPort, [
    { value: '554', count: 2, hostCount: 2 },
    { value: '80', count: 1, hostCount: 1 },
  ]);
  assert.deepEqual(digest.byHostGroup, [{ value: 'h*', count: 2 }]);
  assert.deepEqual([digest.id, digest.episode, digest.revision, digest.groupLabels], ['g', 2, 3, { rule: 'x' }]);
});

test('a digest that is over says when the last was resolved, and how many by whom or by evidence [issue 17 §2]', () => {
  const moment = { atMs: 1, receivedAtMs: 1, correctedMs: 1, evidence: 'WMServer event 311' };
  const resolved = (id: string, resolvedAtMs: number, own: Partial<Incident>): Incident => ({
    ...one,
    id,
    state: 'resolved',
    resolvedAtMs,
    ...own,
  });
  const ended = [
    resolved('a', 10, { resolvedBy: 'system', clearedBy: moment }),
    resolved('b', 30, { resolvedBy: 'system', clearedBy: moment }),
    resolved('c', 20, { resolvedBy: 'anna' }),
  ];
  const group = { id: 'g', receiver: 'r', routeKey: '', labels: {} };
  const facts = { group, resolvedCount: 3, unrecordedIds: [] };
  const end = (active: readonly Incident[]) =>
    digestOf(facts, { episode: 1, revision: 1 }, { active, held: [], ended }).end;
  const byResolver = [
    { value: 'evidence', count: 2 },
    { value: 'anna', count: 1 },
  ];
  assert.deepEqual(end([]), { atMs: 30, byResolver });
  assert.equal(end([one]), undefined);
});

test('hosts are grouped by what their names share, addresses by their subnet', () => {
  const names = [
    'media01.example.org',
    'MEDIA2.example.org',
    'media01.example.com',
    '10.1.2.3',
    '10.1.2.40',
    'printer',
  ];
  const active = names.map((host, index): Incident => ({ ...one, id: String(index), entity: { ...one.entity, host } }));
  const group = { id: 'g', receiver: 'r', routeKey: '', labels: {} };
  const facts = { group, resolvedCount: 0, unrecordedIds: [] };
  const { byHostGroup } = digestOf(facts, { episode: 1, revision: 1 }, { active, held: [], ended: [] });
  assert.deepEqual(byHostGroup, [
    { value: '10.1.2.*', count: 2 },
    { value: 'media*.example.org', count: 2 },
    { value: 'media01.example.com', count: 1 },
    { value: 'printer', count: 1 },
  ]);
});

test('the holder of each port is that of an incident that has evidence, where there is one', async () => {
  const at = (id: string, port: number, own: Partial<Incident> = {}): Incident => ({
    ...one,
    id,
    entity: { ...one.entity, params: { port } },
    ...own,
  });
  const active = [at('a', 80), at('b', 80, { suspectedCause: 'IIS has it.' }), at('c', 554), at('d', 80)];
  const group = { id: 'g', receiver: 'r', routeKey: '', labels: {} };
  const facts = { group, resolvedCount: 0, unrecordedIds: [] };
  const digest = digestOf(facts, { episode: 1, revision: 1 }, { active, held: [], ended: [] });
  const { byPort } = await withHolders(digest, active, async (ids) => {
    assert.deepEqual(ids, ['b', 'c']);
    return ['IIS', undefined];
  });
  assert.deepEqual(byPort, [
    { value: '80', count: 3, hostCount: 1, holder: 'IIS' },
    { value: '554', count: 1, hostCount: 1 },
  ]);
});
