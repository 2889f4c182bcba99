// The reducer: episodes, revisions, counts and times, whatever order the events come in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../../shared/contracts/enriched-event.ts';
import type { ClearedBy, Incident } from '../../../../shared/contracts/incident.ts';
import { transitionEntry } from '../../../../shared/contracts/activity.ts';
import { applyAlerts, KEPT_EVENT_IDS } from '../../../../shared/contracts/incident-reducer.ts';
import { MAX_NAME_LENGTH } from '../../../../shared/contracts/schema.ts';
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
    transitions.map(({ kind, from, to, revision, actor, reason }) => [kind, from, to, revision, actor, reason]),
    [['opened', 'none', 'open', 1, 'system', 'event 309 of WMServer']],
  );
  assert.deepEqual(
    [incident.entity.ruleName, incident.entity.reference],
    ['A port that Windows Media Services needs is in use', 'https://example.org/309'],
  );
  for (const name of ['senders', 'clock', 'notes']) assert.ok(!Object.hasOwn(incident, name), name);
  assert.ok(!Object.hasOwn(transitions[0] ?? {}, 'timeToResolveMs'));
  assert.throws(() => applyAlerts(undefined, [], options), /There is no alert to apply/u);
  const purged = applyAlerts(undefined, [anAlert({ host })], { ...options, lastPurgedRevision: 7 });
  assert.equal(purged.incident.revision, 8);
});

test('many at once: one opening and one repetition, every event counted', () => {
  const alerts = [2, 0, 1].map((number) => anAlert({ host, number }));
  const { incident, transitions } = applyAlerts(undefined, alerts, options);
  assert.deepEqual(
    transitions.map(({ kind, revision, reason }) => [kind, revision, reason]),
    [
      ['opened', 1, 'event 309 of WMServer'],
      ['repeated', 2, '2 more events'],
    ],
  );
  const again = applyAlerts(incident, [anAlert({ host, number: 4 })], options);
  assert.equal(again.transitions[0]?.reason, 'one more event');
  assert.deepEqual([incident.totalCount, incident.revision], [3, 2]);
  assert.equal(incident.lastSeenMs - incident.firstSeenMs, 2000);
  assert.equal(incident.lastEventId, anAlert({ host, number: 2 }).eventId);
  assert.deepEqual([...incident.recentEventIds].sort(), alerts.map(({ eventId }) => eventId).sort());
});

test('of several events the latest is the last, and one of the same moment is later', () => {
  const first = applyAlerts(undefined, [anAlert({ host, receivedAtMs: 9000 })], options).incident;
  assert.ok(!Object.hasOwn(applyAlerts(first, [anAlert({ host, number: 1 })], options).incident, 'senders'));
  const clock = { skewMs: 70_000, isSettled: true };
  const alerts = [1, 3, 2].map((number) => ({
    ...anAlert({ host, number, receivedAtMs: 8000, sender: 'a' }),
    ...(number === 3 ? { clock } : {}),
  }));
  const { incident } = applyAlerts(first, alerts, options);
  assert.deepEqual([incident.lastEventId, incident.clock], [alerts[1]?.eventId, clock]);
  assert.deepEqual([incident.lastReceivedMs, incident.senders], [9000, [{ name: 'a' }]]);
  const again = anAlert({ host, number: 3, receivedAtMs: 8000, sender: 'a', message: 'again' });
  assert.equal(applyAlerts(incident, [again], options).incident.lastMessage, 'again');
});

test('what is recovering goes on to recover only when no event came after the evidence', () => {
  const isRecovering = (by: ClearedBy | undefined, receivedAtMs: number, skewMs = 0): boolean => {
    const alertAt = (ms: number): Alert => anAlert({ host, number: ms, atMs: ms + skewMs, receivedAtMs: ms });
    const opened = applyAlerts(undefined, [alertAt(1000)], options).incident;
    const recovering = { sinceMs: 2000, dueAtMs: 9000, reason: 'x', ...(by === undefined ? {} : { by }) };
    return 'recovering' in applyAlerts({ ...opened, recovering }, [alertAt(receivedAtMs)], options).incident;
  };
  const evidence = { atMs: 2000, receivedAtMs: 2000, correctedMs: 2000, evidence: 'x' } as const;
  const probe = { ...evidence, clock: 'foghorn' } as const;
  for (const by of [undefined, evidence, probe])
    assert.deepEqual([isRecovering(by, 2000), isRecovering(by, 2001)], [true, false]);
  // By its host's clock, which is an hour behind, it came before; by ours it came after the probe.
  assert.deepEqual([isRecovering(evidence, 2001, -HOUR_MS), isRecovering(probe, 2001, -HOUR_MS)], [true, false]);
});

test('an older event counts but changes neither the last message nor the last time', () => {
  const first = applyAlerts(undefined, [anAlert({ host, number: 9, message: 'new' })], options).incident;
  const { incident } = applyAlerts(first, [anAlert({ host, number: 1, message: 'old' })], options);
  assert.deepEqual([incident.lastMessage, incident.lastSeenMs, incident.totalCount], ['new', first.lastSeenMs, 2]);
  assert.ok(incident.firstSeenMs < first.firstSeenMs);
});

test('who is notified does not change within an episode: the entity stays that of its first event', () => {
  const { document } = anAlert({ host });
  const opened = applyAlerts(undefined, [anAlert({ host })], options).incident;
  const again = anAlert({ host: host.toUpperCase(), number: 1, message: 'new' });
  const drifted = {
    ...again,
    document: { ...again.document, host: { name: host.toUpperCase(), ip: ['10.1.2.3'] } },
    match: {
      ...again.match,
      params: { port: 80, user: 'x' },
      remediation: { ...again.match.remediation, title: 'newer' },
    },
  };
  const { incident } = applyAlerts(opened, [drifted], options);
  assert.deepEqual(incident.entity, opened.entity);
  assert.deepEqual([incident.lastMessage, incident.remediation.title], ['new', 'newer']);
  const resolvedAtMs = Date.parse(String(document['@timestamp']));
  const resolved: Incident = { ...incident, state: 'resolved', resolvedAtMs };
  assert.deepEqual(applyAlerts(resolved, [drifted], options).incident.entity.params, { port: 80, user: 'x' });
});

test('the probe is that of the latest event, and goes when the entry declares none any more [issue 15]', () => {
  const withAnswer = (server: string, number: number): Alert => {
    const alert = anAlert({ host, number });
    return { ...alert, match: { ...alert.match, probe: { port: 80, answers: [{ protocol: 'http', server }] } } };
  };
  const serverOf = ({ probe }: Incident): unknown =>
    probe?.answers.map((answer) => 'server' in answer && answer.server);
  const opened = applyAlerts(undefined, [withAnswer('first', 1)], options).incident;
  assert.deepEqual(serverOf(opened), ['first']);
  const newer = applyAlerts(opened, [withAnswer('newer', 3)], options).incident;
  assert.deepEqual(serverOf(newer), ['newer']);
  assert.deepEqual(serverOf(applyAlerts(newer, [withAnswer('late', 2)], options).incident), ['newer']);
  const last = anAlert({ host, number: 4 });
  const { probe: _, ...match } = last.match;
  assert.equal('probe' in applyAlerts(newer, [{ ...last, match }], options).incident, false);
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
    assert.equal(transitions[0].reason.endsWith('within the reopening window'), kind === 'reopened');
    assert.equal(incident.resolvedAtMs, undefined);
  }
});

test('what happened before the end and arrives late is counted and reopens nothing', () => {
  const at = (atMs: number) => anAlert({ host, number: atMs, atMs, receivedAtMs: atMs + (atMs === 1500 ? 9000 : 1) });
  const opened = applyAlerts(undefined, [at(1000)], options).incident;
  const byPerson = { ...opened, state: 'resolved', resolvedAtMs: 2000 } as const;
  for (const resolved of [byPerson, { ...byPerson, resolvedAtMs: 9000, clearedAtMs: 2000 }]) {
    const late = applyAlerts(resolved, [at(1999), at(1500)], options);
    assert.deepEqual(
      late.transitions.map(({ kind, from, to, episode }) => [kind, from, to, episode]),
      [['repeated', 'resolved', 'resolved', 1]],
    );
    assert.deepEqual([late.incident.totalCount, late.incident.episodeCount, late.incident.state], [3, 3, 'resolved']);
    const mixed = applyAlerts(resolved, [at(1500), at(2001), at(2002)], options);
    assert.deepEqual(
      mixed.transitions.map(({ kind, episode, revision }) => [kind, episode, revision]),
      [
        ['repeated', 1, 2],
        ['opened', 2, 3],
        ['repeated', 2, 4],
      ],
    );
    const { totalCount, episodeCount, firstSeenMs } = mixed.incident;
    assert.deepEqual([totalCount, episodeCount, firstSeenMs], [4, 2, 2001]);
  }
});

test('an event of the very moment of the evidence reopens nothing, and is no end of its own', () => {
  const at = (atMs: number) => anAlert({ host, number: atMs, atMs, receivedAtMs: atMs });
  const opened = applyAlerts(undefined, [at(1000)], options).incident;
  const notes = [{ id: 'n', atMs: 1500, author: 'ann', text: 'on it' }];
  const over = { ...opened, state: 'resolved', resolvedAtMs: 9000, timeToResolveMs: 8000, notes } as const;
  const clearedBy = { atMs: 2000, receivedAtMs: 2000, correctedMs: 2000, evidence: 'x' };
  for (const resolved of [
    { ...over, clearedBy },
    { ...over, clearedAtMs: 2000 },
  ]) {
    const [late] = applyAlerts(resolved, [at(2000)], options).transitions;
    assert.equal(late?.kind, 'repeated');
    assert.ok(!Object.hasOwn(late, 'timeToResolveMs'));
    const again = applyAlerts(resolved, [at(2001)], options);
    assert.deepEqual([again.transitions[0]?.episode, again.incident.notes], [2, notes]);
  }
});

test('an acknowledged incident stays acknowledged when events repeat', () => {
  const opened = applyAlerts(undefined, [anAlert({ host })], options).incident;
  const { incident } = applyAlerts({ ...opened, state: 'acknowledged' }, [anAlert({ host, number: 1 })], options);
  assert.equal(incident.state, 'acknowledged');
});

const manyAlerts = (from: number, count: number): readonly Alert[] =>
  Array.from({ length: count }, (_, number) => anAlert({ host, number: from + number }));
const idsOf = (alerts: readonly Alert[]): readonly string[] => alerts.map(({ eventId }) => eventId);

test('kept event ids are bounded, the latest kept', () => {
  assert.equal(KEPT_EVENT_IDS, 256);
  const [first, second] = [manyAlerts(0, 250), manyAlerts(250, 10)];
  const { incident } = applyAlerts(undefined, first, options);
  const { recentEventIds } = applyAlerts(incident, second, options).incident;
  assert.deepEqual(recentEventIds, idsOf([...first, ...second]).slice(-256));
  const { incident: huge } = applyAlerts(incident, manyAlerts(300, 10_001), options);
  assert.equal(huge.recentEventIds.length, 10_000);
});

test('all ids of a batch are kept, in whatever way its events count, until the next [state 3]', () => {
  const alerts = manyAlerts(0, 1000);
  const { incident } = applyAlerts(undefined, alerts, options);
  assert.deepEqual(incident.recentEventIds, idsOf(alerts), 'the one that began it, too');
  const resolved: Incident = {
    ...incident,
    state: 'resolved',
    resolvedAtMs: Date.parse(String(alerts[500]?.document['@timestamp'])),
  };
  const again = manyAlerts(0, 999).map((alert) => ({ ...alert, eventId: `${alert.eventId}2` }));
  assert.deepEqual(applyAlerts(resolved, again, options).incident.recentEventIds, idsOf(again), 'late and new ones');
  const next = applyAlerts(incident, manyAlerts(2000, 1), options).incident;
  assert.deepEqual(next.recentEventIds, [...idsOf(alerts).slice(-255), ...idsOf(manyAlerts(2000, 1))]);
});

const { reference: _, ...unreferenced } = anAlert({ host }).match;
const reported = (document: Alert['document']): Incident =>
  applyAlerts(undefined, [{ ...anAlert({ host, receivedAtMs: 5 }), document, match: unreferenced }], options).incident;

test('a document that lacks everything still makes an incident', () => {
  for (const document of [
    {},
    { host: null, event: null, rule: null, winlog: null },
    { '@timestamp': 'soon', message: 7, host: { name: '', ip: ['', 7, null] }, event: { code: true, provider: [] } },
  ]) {
    const { entity, lastMessage, firstSeenMs, latest } = reported(document);
    assert.deepEqual([entity.host, entity.provider, entity.eventId, lastMessage], ['unknown host', '', 0, '']);
    assert.equal(entity.ruleName, anAlert({ host }).match.remediation.title);
    assert.equal(entity.reference, '');
    assert.deepEqual([firstSeenMs, latest], [5, { atMs: 5, receivedAtMs: 5, correctedMs: 5 }]);
    assert.ok(!('channel' in entity) && !('addresses' in entity));
  }
});

test('what a document says is bounded as a snapshot is', () => {
  const long = 'x'.repeat(MAX_NAME_LENGTH + 1);
  const cut = 'x'.repeat(MAX_NAME_LENGTH);
  const { entity, latest, lastMessage } = reported({
    message: `${'m'.repeat(1999)}💡`,
    host: { name: long, ip: [long, ...Array.from({ length: 40 }, (_, index) => `10.0.0.${index}`)] },
    event: { provider: long, code: '309' },
    winlog: { channel: long, record_id: long },
  });
  assert.deepEqual([entity.host, entity.provider, entity.channel, entity.addresses?.[0]], [cut, cut, cut, cut]);
  assert.deepEqual([latest?.channel, latest?.recordId], [cut, cut]);
  assert.equal(entity.addresses?.length, 32);
  assert.equal(lastMessage, `${'m'.repeat(1999)}\ufffd`);
  assert.deepEqual(reported({ host: { ip: '10.1.2.3' } }).entity.addresses, ['10.1.2.3']);
});

test('an event id is a whole number above 0, or 0; a record id may be a number', () => {
  for (const [code, eventId] of [
    [309, 309],
    ['1', 1],
    [0, 0],
    [-1, 0],
    [1.5, 0],
    ['x', 0],
    [2 ** 53, 0],
  ])
    assert.equal(reported({ event: { code } }).entity.eventId, eventId);
  for (const recordId of [7, '7']) assert.equal(reported({ winlog: { record_id: recordId } }).latest?.recordId, '7');
  assert.equal(reported({ winlog: { record_id: null } }).latest?.recordId, undefined);
});

test('the row of a transition has the same id whenever it is made, and another for another revision', () => {
  const { incident, transitions } = applyAlerts(
    undefined,
    [0, 1].map((number) => anAlert({ host, number })),
    options,
  );
  const ids = transitions.map((transition) => transitionEntry(transition, incident).id);
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual(
    transitions.map((transition) => transitionEntry(transition, incident).id),
    ids,
  );
});
