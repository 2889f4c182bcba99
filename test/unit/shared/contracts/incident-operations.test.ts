// What people, evidence and time do to an incident: one revision a change, nothing when nothing changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  reopen,
  resolve,
  snooze,
} from '../../../../shared/contracts/incident-operations.ts';
import { transitionEntry } from '../../../../shared/contracts/activity.ts';
import { applyAlerts, type Reduced } from '../../../../shared/contracts/incident-reducer.ts';
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
    addNote({ ...incident, namedCause: 'IIS' }, { id: 'n', atMs: nowMs, author: 'kim', text: 'look at IIS' }),
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
    'namedCause',
  ] as const)
    assert.ok(!Object.hasOwn(current, key), key);
  assert.equal(current.notes?.length, 1);
  assert.equal(reopen(current, attribution), undefined);
});

test('the rows of the action stream keep how long each episode took, also when the incident has begun anew', () => {
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
  let current = incident;
  for (let number = 0; number < MAX_NOTES + 5; number += 1)
    current = did(addNote(current, { id: `n${number}`, atMs: nowMs, author: 'kim', text: 'x' }));
  assert.equal(current.notes?.length, MAX_NOTES);
  assert.equal(current.notes.at(-1)?.id, `n${MAX_NOTES + 4}`);
  assert.equal(addNote(current, { id: `n${MAX_NOTES}`, atMs: nowMs, author: 'kim', text: 'x' }), undefined);
});

test('snoozed until a time, woken by it or by hand, and not when it is over', () => {
  const asleep = did(snooze(incident, nowMs + 1000, attribution));
  assert.equal(asleep.snoozedUntilMs, nowMs + 1000);
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
