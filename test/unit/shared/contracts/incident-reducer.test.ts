// The reducer: episodes, revisions, counts and times, whatever order the events come in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '../../../../shared/contracts/incident.ts';
import { actionOf, applyAlerts, REMEMBERED_EVENT_IDS } from '../../../../shared/contracts/incident-reducer.ts';
import { anAlert } from '../../../support/alerts.ts';

const HOUR_MS = 3_600_000;
const options = { nowMs: 10 * HOUR_MS, reopenWithinMs: HOUR_MS };
const host = 'media01.example.org';

test('the first alert opens an incident that says what, where and since when', () => {
  const { incident, transitions } = applyAlerts(undefined, [anAlert({ host, port: 554, number: 3 })], options);
  assert.deepEqual(
    [incident.episode, incident.revision, incident.state, incident.totalCount, incident.episodeCount],
    [1, 1, 'open', 1, 1],
  );
  assert.deepEqual(
    [incident.entity.host, incident.entity.provider, incident.entity.eventId, incident.entity.params],
    [host, 'WMServer', 309, { port: 554 }],
  );
  assert.equal(incident.openedAtMs, options.nowMs);
  assert.deepEqual(
    transitions.map(({ kind, from, to, revision }) => [kind, from, to, revision]),
    [['opened', 'none', 'open', 1]],
  );
});

test('many at once: one opening and one repetition, every event counted', () => {
  const alerts = [2, 0, 1].map((number) => anAlert({ host, number }));
  const { incident, transitions } = applyAlerts(undefined, alerts, options);
  assert.deepEqual(
    transitions.map(({ kind, revision }) => [kind, revision]),
    [
      ['opened', 1],
      ['repeated', 2],
    ],
  );
  assert.deepEqual([incident.totalCount, incident.revision], [3, 2]);
  assert.equal(incident.lastSeenMs - incident.firstSeenMs, 2000);
  assert.equal(incident.lastEventId, anAlert({ host, number: 2 }).eventId);
  assert.deepEqual([...incident.recentEventIds].sort(), alerts.map(({ eventId }) => eventId).sort());
});

test('an older event counts but changes neither the last message nor the last time', () => {
  const first = applyAlerts(undefined, [anAlert({ host, number: 9, message: 'new' })], options).incident;
  const { incident } = applyAlerts(first, [anAlert({ host, number: 1, message: 'old' })], options);
  assert.deepEqual([incident.lastMessage, incident.lastSeenMs, incident.totalCount], ['new', first.lastSeenMs, 2]);
  assert.ok(incident.firstSeenMs < first.firstSeenMs);
});

test('after a resolution: reopened within the window, opened anew behind it, a new episode either way', () => {
  const opened = applyAlerts(undefined, [anAlert({ host })], options).incident;
  for (const [resolvedAgoMs, kind] of [
    [HOUR_MS, 'reopened'],
    [HOUR_MS + 1, 'opened'],
  ] as const) {
    const resolved: Incident = {
      ...opened,
      state: 'resolved',
      revision: 7,
      resolvedAtMs: options.nowMs - resolvedAgoMs,
    };
    const { incident, transitions } = applyAlerts(resolved, [anAlert({ host, number: 5 })], options);
    assert.deepEqual([incident.episode, incident.revision, incident.episodeCount, incident.totalCount], [2, 8, 1, 2]);
    assert.equal(transitions[0]?.kind, kind);
    assert.equal(incident.resolvedAtMs, undefined);
  }
});

test('an acknowledged incident stays acknowledged when events repeat', () => {
  const opened = applyAlerts(undefined, [anAlert({ host })], options).incident;
  const { incident } = applyAlerts({ ...opened, state: 'acknowledged' }, [anAlert({ host, number: 1 })], options);
  assert.equal(incident.state, 'acknowledged');
});

test('remembered event ids are bounded, the latest kept', () => {
  const alerts = Array.from({ length: REMEMBERED_EVENT_IDS + 10 }, (_, number) => anAlert({ host, number }));
  const { incident } = applyAlerts(undefined, alerts, options);
  assert.equal(incident.recentEventIds.length, REMEMBERED_EVENT_IDS);
  assert.equal(incident.recentEventIds.at(-1), alerts.at(-1)?.eventId);
});

test('a document that lacks everything still makes an incident', () => {
  const { incident } = applyAlerts(undefined, [{ ...anAlert({ host }), document: {} }], options);
  assert.deepEqual([incident.entity.host, incident.lastMessage], ['unknown host', '']);
  assert.ok(Number.isFinite(incident.firstSeenMs));
});

test('the row of a transition has the same id whenever it is made, and another for another revision', () => {
  const { incident, transitions } = applyAlerts(
    undefined,
    [0, 1].map((number) => anAlert({ host, number })),
    options,
  );
  const ids = transitions.map((transition) => actionOf(transition, incident).id);
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual(
    transitions.map((transition) => actionOf(transition, incident).id),
    ids,
  );
});
