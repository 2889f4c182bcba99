// What people, evidence and time do to an incident: one revision a change, nothing when nothing
// changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepText } from '../../../../shared/contracts/repair-steps.ts';
import type { Clearing, Incident } from '../../../../shared/contracts/incident.ts';
import {
  acknowledge,
  addNote,
  assign,
  clear,
  endQuiet,
  endSnooze,
  escalate,
  growStale,
  MAX_NOTES,
  addCommandId,
  reopen,
  resolve,
  snooze,
  tickStep,
  unacknowledge,
} from '../../../../shared/contracts/incident-operations.ts';
import { transitionEntry } from '../../../../shared/contracts/activity.ts';
import { applyAlerts, KEPT_EVENT_IDS, type Reduced } from '../../../../shared/contracts/incident-reducer.ts';
import { anAlert } from '../../../support/alerts.ts';
import { anIncident } from '../../../support/incidents.ts';

const HOUR_MS = 3_600_000;
const incident = anIncident('abc', 3);
const nowMs = incident.openedAtMs + HOUR_MS;
const attribution = { actor: 'kim', reason: 'because', nowMs };

function did(reduced: Reduced | undefined): Incident {
  assert.ok(reduced !== undefined, 'something should have changed');
  return reduced.incident;
}

function clearing(more: Partial<Clearing> = {}): Clearing {
  return {
    kind: 'clearing',
    ruleId: incident.entity.ruleId,
    host: 'media01',
    params: {},
    eventId: 'e',
    atMs: incident.lastSeenMs + 1,
    receivedAtMs: nowMs,
    evidence: 'WMServer event 311',
    ...more,
  };
}

test('acknowledged and resolved: once, by whom, why and after how long', () => {
  const reduced = acknowledge(incident, attribution);
  const acknowledged = did(reduced);
  assert.deepEqual(
    [acknowledged.state, acknowledged.acknowledgedBy, acknowledged.timeToAcknowledgeMs, acknowledged.revision],
    ['acknowledged', 'kim', HOUR_MS, 4],
  );
  assert.deepEqual(
    reduced?.transitions.map(({ kind, from, to, actor, reason }) => [kind, from, to, actor, reason]),
    [['acknowledged', 'open', 'acknowledged', 'kim', 'because']],
  );
  assert.equal(acknowledge(acknowledged, attribution), undefined);
  const resolved = did(resolve(acknowledged, attribution));
  assert.deepEqual([resolved.state, resolved.resolvedBy, resolved.timeToResolveMs], ['resolved', 'kim', HOUR_MS]);
  assert.equal(resolve(resolved, attribution), undefined);
  assert.equal(acknowledge(resolved, attribution), undefined);
});

test('reopened: the next episode, free of what belonged to the last, its notes kept', () => {
  let current = did(
    addNote({ ...incident, suspectedCause: 'IIS' }, { id: 'n', atMs: nowMs, author: 'kim', text: 'look at IIS' }),
  );
  current = did(assign(did(acknowledge(current, attribution)), 'lee', attribution));
  current = did(reopen(did(resolve(current, attribution)), attribution));
  assert.deepEqual([current.state, current.episode, current.episodeCount], ['open', 2, 0]);
  for (const key of [
    'acknowledgedBy',
    'resolvedAtMs',
    'timeToResolveMs',
    'assignee',
    'escalationStep',
    'suspectedCause',
  ] as const)
    assert.ok(!Object.hasOwn(current, key), key);
  assert.equal(current.notes?.length, 1);
  assert.equal(reopen(current, attribution), undefined);
});

test('activity entries keep how long each episode took, also when the incident has begun anew', () => {
  const acknowledged = acknowledge(incident, attribution);
  const resolved = resolve(did(acknowledged), { ...attribution, nowMs: nowMs + HOUR_MS });
  const reopened = did(reopen(did(resolved), { ...attribution, nowMs: nowMs + 2 * HOUR_MS }));
  assert.deepEqual([reopened.timeToAcknowledgeMs, reopened.timeToResolveMs], [undefined, undefined]);
  const rows = [acknowledged, resolved].flatMap((reduced) => reduced?.transitions ?? []);
  assert.deepEqual(
    rows.map((transition) => {
      const { type, timeToAcknowledgeMs, timeToResolveMs, faultClass } = transitionEntry(transition, reopened);
      return [type, timeToAcknowledgeMs, timeToResolveMs, faultClass];
    }),
    [
      ['acknowledged', HOUR_MS, undefined, 'address-in-use'],
      ['resolved', undefined, 2 * HOUR_MS, 'address-in-use'],
    ],
  );
});

test('assigned, and taken back', () => {
  const assigned = did(assign(incident, 'lee', attribution));
  assert.equal(assigned.assignee, 'lee');
  assert.equal(assign(assigned, 'lee', attribution), undefined);
  assert.ok(!Object.hasOwn(did(assign(assigned, '', attribution)), 'assignee'));
  assert.equal(assign(incident, '', attribution), undefined);
});

test('notes are bounded, the latest kept, and one is not written twice', () => {
  let current: Incident = incident;
  for (let number = 0; number < MAX_NOTES + 5; number += 1)
    current = did(addNote(current, { id: `n${number}`, atMs: nowMs, author: 'kim', text: 'x' }));
  assert.equal(current.notes?.length, MAX_NOTES);
  assert.equal(current.notes.at(-1)?.id, `n${MAX_NOTES + 4}`);
  assert.equal(addNote(current, { id: `n${MAX_NOTES}`, atMs: nowMs, author: 'kim', text: 'x' }), undefined);
});

test('snoozed until a time, woken by it or by hand, and not when it is over', () => {
  const asleep = did(snooze(incident, nowMs + 1000, attribution));
  assert.equal(asleep.snoozedUntilMs, nowMs + 1000);
  assert.equal(snooze(asleep, nowMs + 1000, attribution), undefined, 'until then it is snoozed already');
  assert.equal(endSnooze(asleep, nowMs + 999), undefined);
  assert.ok(!Object.hasOwn(did(endSnooze(asleep, nowMs + 1000)), 'snoozedUntilMs'));
  assert.equal(snooze(asleep, 0, attribution)?.transitions[0]?.kind, 'snooze_ended');
  assert.equal(snooze(incident, 0, attribution), undefined);
  assert.equal(snooze(did(resolve(incident, attribution)), nowMs + 1000, attribution), undefined);
});

test('a step of escalation is done once, and not when somebody takes care of it', () => {
  const escalated = did(escalate(incident, 1, attribution));
  assert.deepEqual([escalated.escalationStep, escalated.escalatedAtMs], [1, nowMs]);
  assert.equal(escalate(escalated, 1, attribution), undefined);
  assert.equal(did(escalate(escalated, 2, attribution)).escalationStep, 2);
  assert.equal(escalate(did(acknowledge(incident, attribution)), 1, attribution), undefined);
});

test('silence makes stale and no more; the next event takes it back', () => {
  assert.equal(growStale(incident, HOUR_MS * 2, nowMs), undefined);
  const stale = did(growStale(incident, HOUR_MS / 2, nowMs));
  assert.deepEqual([stale.state, stale.staleSinceMs], ['open', nowMs]);
  assert.equal(growStale(stale, 1, nowMs + HOUR_MS), undefined);
  const { incident: seen } = applyAlerts(stale, [anAlert({ host: 'media01' })], { nowMs, reopenWithinMs: 0 });
  assert.ok(!Object.hasOwn(seen, 'staleSinceMs'));
});

test('evidence clears what was seen before it, and nothing that was seen after', () => {
  const resolved = clear(incident, clearing(), nowMs);
  assert.equal(resolved?.incident.state, 'resolved');
  assert.equal(resolved.transitions[0]?.reason, 'cleared by WMServer event 311');
  assert.equal(clear(incident, clearing({ atMs: incident.lastSeenMs - 1 }), nowMs), undefined);
  assert.equal(clear(resolved.incident, clearing(), nowMs), undefined);
});

test('evidence that needs quiet: resolved when the time is over, taken back by the fault, not by a late event from before', () => {
  const recovering = did(clear(incident, clearing({ quietForMs: 1000 }), nowMs));
  assert.deepEqual([recovering.state, recovering.recovering?.dueAtMs], ['open', nowMs + 1000]);
  assert.equal(endQuiet(recovering, nowMs + 999), undefined);
  assert.equal(did(endQuiet(recovering, nowMs + 1000)).state, 'resolved');
  const options = { nowMs, reopenWithinMs: 0 };
  const late = applyAlerts(recovering, [anAlert({ host: 'media01', number: 1 })], options).incident;
  assert.ok(late.recovering !== undefined);
  const again = applyAlerts(recovering, [anAlert({ host: 'media01', number: 9 })], options).incident;
  assert.ok(!Object.hasOwn(again, 'recovering'));
});

test('who sent events and evidence stands on the incident and in the time line [security H2]', () => {
  const options = { nowMs, reopenWithinMs: 0 };
  const from = (sender: string, number: number) => anAlert({ host: 'media01', number, sender });
  const opened = applyAlerts(undefined, [from('agent-web', 0)], options);
  assert.equal(opened.transitions[0]?.reason, 'event 309 of WMServer, sent by agent-web');
  const again = applyAlerts(opened.incident, [from('agent-db', 1), from('agent-web', 2)], options);
  assert.equal(again.transitions[0]?.reason, '2 more events, sent by agent-db, agent-web');
  assert.deepEqual(
    again.incident.senders?.map(({ name }) => name),
    ['agent-web', 'agent-db'],
  );
  const { lastSeenMs } = again.incident;
  const proof = clearing({
    atMs: lastSeenMs + 1,
    receivedAtMs: nowMs,
    sender: 'agent-x',
    evidence: 'WMServer event 311 of media01',
  });
  const over = clear(again.incident, proof, nowMs);
  assert.equal(over?.transitions[0]?.reason, 'cleared by WMServer event 311 of media01, sent by agent-x');
  assert.equal(over.incident.clearedBy?.evidence, 'WMServer event 311 of media01, sent by agent-x');
  const many = Array.from({ length: 30 }, (_, number) => from(`s${number}`, 10 + number));
  assert.equal(applyAlerts(opened.incident, many, options).incident.senders?.length, 10);
});

const LATER_MS = nowMs + 1000;
const LATER = new Date(LATER_MS).toISOString();
const bare = { ...attribution, reason: '' };
const owned: Incident = { ...incident, assignee: 'lee' };
const asleep: Incident = { ...incident, snoozedUntilMs: nowMs };
const over: Incident = { ...incident, state: 'resolved', resolvedAtMs: nowMs - 1 };
const quiet = clear(incident, clearing({ quietForMs: 90_000 }), nowMs - 90_000)?.incident;

for (const [what, reduced, ...said] of [
  ['acknowledged', acknowledge(incident, attribution), 'acknowledged', 'acknowledged', 'kim', 'because'],
  ['resolved', resolve(incident, attribution), 'resolved', 'resolved', 'kim', 'because'],
  ['reopened', reopen(over, attribution), 'reopened', 'open', 'kim', 'because'],
  ['assigned', assign(incident, 'lee', bare), 'assigned', 'open', 'kim', 'assigned to lee'],
  [
    'assigned for a reason',
    assign(incident, 'lee', attribution),
    'assigned',
    'open',
    'kim',
    'assigned to lee: because',
  ],
  ['taken back', assign(owned, '', bare), 'assigned', 'open', 'kim', 'assigned to nobody'],
  ['taken back for a reason', assign(owned, '', attribution), 'assigned', 'open', 'kim', 'assigned to nobody: because'],
  [
    'noted',
    addNote(incident, { id: 'n', atMs: nowMs, author: 'lee', text: 'IIS' }),
    'note_added',
    'open',
    'lee',
    'IIS',
  ],
  ['snoozed', snooze(incident, LATER_MS, bare), 'snoozed', 'open', 'kim', `until ${LATER}`],
  [
    'snoozed for a reason',
    snooze(incident, LATER_MS, attribution),
    'snoozed',
    'open',
    'kim',
    `until ${LATER}: because`,
  ],
  ['woken', snooze(asleep, nowMs, attribution), 'snooze_ended', 'open', 'kim', 'because'],
  ['woken by the time', endSnooze(asleep, nowMs), 'snooze_ended', 'open', 'system', /over/u],
  ['escalated', escalate(incident, 1, attribution), 'escalated', 'open', 'kim', 'because'],
  ['stale', growStale(incident, HOUR_MS / 2, nowMs), 'stale', 'open', 'system', /no event for long/u],
  ['cleared', clear(incident, clearing(), nowMs), 'resolved', 'resolved', 'system', 'cleared by WMServer event 311'],
  [
    'recovering',
    clear(incident, clearing({ quietForMs: 90_000 }), nowMs),
    'recovering',
    'open',
    'system',
    'WMServer event 311; resolved if it stays quiet for 90 s',
  ],
  [
    'quiet for long enough',
    quiet && endQuiet(quiet, nowMs),
    'resolved',
    'resolved',
    'system',
    'cleared by WMServer event 311, and quiet since',
  ],
] as const)
  test(`${what}: one transition with its state, who and why, one revision up`, () => {
    const { transitions, incident: after } = reduced ?? assert.fail();
    const [kind, to, actor, why] = said;
    const [transition, ...others] = transitions;
    assert.ok(transition !== undefined && others.length === 0);
    const { from, reason, episode, revision, atMs } = transition;
    assert.deepEqual([transition.kind, transition.to, transition.actor], [kind, to, actor]);
    if (typeof why === 'string') assert.equal(reason, why);
    else assert.match(reason, why);
    assert.equal(from, what === 'reopened' ? 'resolved' : 'open');
    assert.deepEqual([episode, revision, atMs], [after.episode, after.revision, nowMs]);
    assert.deepEqual([after.state, after.updatedAtMs], [to, nowMs]);
    assert.ok(after.revision === incident.revision + 1 || what.startsWith('quiet'));
  });

test('a clock that was set back makes no time shorter than none', () => {
  const before = { ...attribution, nowMs: incident.openedAtMs - 5 };
  assert.equal(did(acknowledge(incident, before)).timeToAcknowledgeMs, 0);
  assert.equal(did(resolve(incident, before)).timeToResolveMs, 0);
});

test('what belongs to an episode ends with it; notes stay', () => {
  const notes = [{ id: 'n', atMs: 1, author: 'kim', text: 'x' }];
  const moment = { atMs: 1, receivedAtMs: 1, correctedMs: 1 };
  const whole: Incident = {
    ...incident,
    notes,
    assignee: 'lee',
    snoozedUntilMs: nowMs + 1,
    staleSinceMs: nowMs,
    recovering: { sinceMs: 1, dueAtMs: 2, reason: 'x' },
    acknowledgedAtMs: 1,
    acknowledgedBy: 'kim',
    timeToAcknowledgeMs: 1,
    clearedAtMs: 1,
    clearedBy: { ...moment, evidence: 'x' },
    escalationStep: 1,
    escalatedAtMs: 1,
    senders: [{ name: 'a' }],
    suspectedCause: 'x',
    isInStorm: true,
    flapping: { sinceMs: 1, episode: 1, count: 3, quietForMs: 1 },
  };
  const resolved = did(resolve(whole, attribution));
  for (const gone of ['recovering', 'snoozedUntilMs', 'staleSinceMs']) assert.ok(!Object.hasOwn(resolved, gone), gone);
  assert.deepEqual(
    [resolved.assignee, resolved.acknowledgedBy, resolved.escalationStep, resolved.flapping?.count],
    ['lee', 'kim', 1, 3],
  );
  const { revision, updatedAtMs, openedAtMs, episode, episodeCount, ...reopened } = did(reopen(resolved, attribution));
  assert.deepEqual(
    [revision, updatedAtMs, openedAtMs, episode, episodeCount],
    [resolved.revision + 1, nowMs, nowMs, 2, 0],
  );
  const { revision: _, updatedAtMs: __, openedAtMs: ___, episode: ____, episodeCount: _____, ...bare } = incident;
  assert.deepEqual(reopened, { ...bare, notes });
});

test('fifty notes are kept, and as many ids of commands and events as a snapshot has room for', () => {
  assert.equal(MAX_NOTES, 50);
  const full = (length: number) => ({ ...incident, recentEventIds: Array.from({ length }, (_, index) => `e${index}`) });
  const kept = addCommandId(full(KEPT_EVENT_IDS), 'c1').recentEventIds;
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [256, 'e1', 'c1']);
  const large = addCommandId(full(300), 'c1').recentEventIds;
  assert.deepEqual([large.length, large.at(-1)], [300, 'c1'], 'a batch of that many may come again');
});

test('evidence of Foghorn’s own clock clears what was seen up to its very millisecond', () => {
  const latest = { atMs: nowMs + HOUR_MS, receivedAtMs: nowMs - 5, correctedMs: nowMs - 10 };
  const seen: Incident = { ...incident, latest };
  const probe = (atMs: number) => clear(seen, clearing({ atMs, receivedAtMs: atMs, clock: 'foghorn' }), nowMs);
  assert.equal(probe(nowMs - 11), undefined);
  assert.equal(probe(nowMs - 10)?.incident.state, 'resolved');
  assert.equal(probe(nowMs - 10)?.incident.clearedBy?.clock, 'foghorn');
});

test('evidence from before a person reopened it clears nothing; from then on it does', () => {
  const reopened = did(reopen(over, attribution));
  const proof = (atMs: number) => clear(reopened, clearing({ atMs, receivedAtMs: atMs }), LATER_MS);
  assert.equal(proof(nowMs - 1), undefined);
  assert.equal(proof(nowMs)?.incident.state, 'resolved');
});

test('what is recovering is not begun to recover again; without a time of quiet it is over at once', () => {
  const recovering = did(clear(incident, clearing({ quietForMs: 1000 }), nowMs));
  assert.equal(clear(recovering, clearing({ quietForMs: 1000, atMs: nowMs }), nowMs), undefined);
  assert.equal(did(clear(incident, clearing({ quietForMs: 0 }), nowMs)).state, 'resolved');
});

test('evidence of the very moment of the last event clears it', () => {
  assert.equal(clear(incident, clearing({ atMs: incident.lastSeenMs }), nowMs)?.incident.state, 'resolved');
});

test('what is over neither grows stale nor recovers', () => {
  assert.equal(growStale(over, 1, nowMs + HOUR_MS), undefined);
  assert.equal(clear(over, clearing({ quietForMs: 1000 }), nowMs), undefined);
});

test('evidence is kept with its place in its log, where it has one', () => {
  const placed = did(clear(incident, clearing({ channel: 'System', recordId: '7' }), nowMs)).clearedBy;
  assert.deepEqual([placed?.channel, placed?.recordId], ['System', '7']);
  const bare = did(clear(incident, clearing(), nowMs)).clearedBy ?? assert.fail();
  for (const name of ['clock', 'channel', 'recordId']) assert.ok(!Object.hasOwn(bare, name), name);
});

test('an acknowledgement that is taken back leaves nothing behind', () => {
  const acknowledged = did(acknowledge(incident, attribution));
  const { revision, updatedAtMs, ...left } = did(unacknowledge(acknowledged, attribution));
  const { revision: _, updatedAtMs: __, ...before } = incident;
  assert.deepEqual([left, revision, updatedAtMs], [before, incident.revision + 2, nowMs]);
  for (const other of [incident, over]) assert.equal(unacknowledge(other, attribution), undefined);
});

test('a step is ticked once with who and when, keeps its text, and can be taken back', () => {
  const tick = (step: string, isDone = true, { remediation } = anIncident('i', 1)) => ({
    step,
    isDone,
    text: stepText(remediation, step),
  });
  const reduced = tickStep(incident, tick('repair.1.1'), attribution);
  assert.deepEqual(did(reduced).stepsDone, [{ step: 'repair.1.1', text: 'Open the console.', by: 'kim', atMs: nowMs }]);
  assert.deepEqual(
    reduced?.transitions.map(({ kind, reason, to }) => [kind, reason, to]),
    [['step_done', 'repair.1.1: Open the console.; because', 'open']],
  );
  const ticked = did(tickStep(did(reduced), tick('check.1'), { ...attribution, actor: 'lee' }));
  assert.deepEqual(
    ticked.stepsDone?.map(({ step, by, text }) => [step, by, text]),
    [
      ['repair.1.1', 'kim', 'Open the console.'],
      ['check.1', 'lee', 'Play a stream.'],
    ],
  );
  assert.equal(tickStep(ticked, tick('check.1'), attribution), undefined);
  const gone = { step: 'check.1', isDone: false, text: undefined };
  const untick = tickStep(ticked, gone, { ...attribution, reason: '' });
  assert.deepEqual([did(untick).stepsDone?.length, untick?.transitions[0]?.reason], [1, 'check.1: Play a stream.']);
  for (const none of ['repair.1.2', 'repair.2.1', 'check.2', 'cause.2', 'repair.1', 'x'])
    assert.equal(tickStep(incident, tick(none), attribution), undefined, none);
  assert.equal(
    did(tickStep(incident, tick('cause.1'), attribution)).stepsDone?.[0]?.text,
    'A web server runs on the same machine.',
  );
});

test('why it was resolved is on the incident, and it and the steps end with the episode', () => {
  const ticked = did(tickStep(incident, { step: 'check.1', isDone: true, text: 'Play a stream.' }, attribution));
  const resolved = did(resolve(ticked, attribution));
  assert.deepEqual([resolved.resolution, resolved.stepsDone?.length], ['because', 1]);
  assert.match(did(clear(incident, clearing(), nowMs)).resolution ?? '', /^cleared by /u);
  assert.ok(!Object.hasOwn(did(resolve(incident, { ...attribution, reason: '' })), 'resolution'));
  const again = did(reopen(resolved, attribution));
  assert.deepEqual([again.resolution, again.stepsDone], [undefined, undefined]);
});
