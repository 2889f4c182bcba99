// Who is notified, and that nobody being notified leaves a trace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentEntry } from '../../../../shared/contracts/activity.ts';
import { digestId } from '../../../../shared/contracts/ids.ts';
import { deliveryOf, entrySubjectOf, plan } from '../../../../services/notifier/delivery/plan.ts';
import { decide, escalatedTargets, escalationStepOf } from '../../../../services/notifier/policy/decide.ts';
import { outboxOf } from '../../../../services/notifier/incidents/change.ts';
import { targetOfGroup } from '../../../../services/notifier/policy/group.ts';
import type { Incident, Transition } from '../../../../shared/contracts/incident.ts';
import { reopen, resolve } from '../../../../shared/contracts/incident-operations.ts';
import { AT_ONCE_ROUTE } from '../../../support/at-once.ts';
import { anIncident } from '../../../support/incidents.ts';
import { aPolicy } from '../../../support/policy.ts';

const incident = anIncident('abc', 1);

function transition(kind: Transition['kind']): Transition {
  return {
    kind,
    incidentId: 'abc',
    episode: 1,
    revision: 1,
    from: 'none',
    to: 'open',
    atMs: 5,
    actor: 'system',
    reason: 'x',
  };
}

const everybody = { name: 'all', minSeverity: 'info' } as const;
const sleepy = { name: 'sleepy', minSeverity: 'critical' } as const;

for (const { kind, receivers, expected } of [
  { kind: 'opened', receivers: [everybody, sleepy], expected: 'notify' },
  { kind: 'reopened', receivers: [everybody], expected: 'notify' },
  { kind: 'resolved', receivers: [everybody], expected: 'notify' },
  { kind: 'repeated', receivers: [everybody], expected: 'quiet' },
  { kind: 'acknowledged', receivers: [everybody], expected: 'quiet' },
  { kind: 'unacknowledged', receivers: [everybody], expected: 'quiet' },
  { kind: 'unacknowledged', receivers: [{ ...everybody, followsChanges: true }], expected: 'notify' },
  { kind: 'step_done', receivers: [{ ...everybody, followsChanges: true, editsInPlace: true }], expected: 'quiet' },
  { kind: 'recovering', receivers: [everybody], expected: 'quiet' },
  { kind: 'opened', receivers: [sleepy], expected: 'unrouted' },
  { kind: 'opened', receivers: [], expected: 'unrouted' },
  { kind: 'resolved', receivers: [sleepy], expected: 'quiet' },
] as const) {
  test(`${kind} with ${receivers.length} receivers: ${expected}`, () => {
    const decision = decide(transition(kind), incident, aPolicy({}, receivers));
    assert.equal(decision.kind, expected);
    assert.notEqual(decision.reason, '');
    if (decision.kind === 'notify')
      assert.deepEqual(
        decision.targets.map(({ receiver }) => receiver),
        ['all'],
      );
  });
}

test('the entry of a beginning says who is notified of the episode, and who is passed over', () => {
  const entries = [{ transition: transition('opened'), receivedAtMs: 3 }];
  const [opened] = plan(entries, () => incident, aPolicy({}, [everybody, sleepy])).actions;
  const { audience } = opened as IncidentEntry;
  assert.deepEqual(
    audience?.receivers.map(({ receiver, reason }) => [receiver, reason !== '']),
    [['all', true]],
  );
  assert.match(audience?.passed.join('; ') ?? '', /sleepy/u);
  const repeated = [{ transition: transition('acknowledged'), receivedAtMs: 3 }];
  const [acknowledged] = plan(repeated, () => incident, aPolicy({}, [everybody])).actions;
  assert.ok(!Object.hasOwn(acknowledged ?? {}, 'audience'));
});

test('the entry of a beginning lists a hundred of each at most, and how often a receiver is notified again', () => {
  const names = Array.from({ length: 102 }, (_, index) => `r${index}`);
  const audienceOf = (route: object) => {
    const policy = aPolicy({ route }, [...names, ...names.map((name) => ({ ...sleepy, name: `${name}-sleepy` }))]);
    const [opened] = plan([{ transition: transition('reopened'), receivedAtMs: 3 }], () => incident, policy).actions;
    return (opened as IncidentEntry).audience ?? assert.fail();
  };
  const steps = Array.from({ length: 10 }, () => ({ after: '1m', receivers: ['r1'] }));
  const routes = Array.from({ length: 11 }, () => ({ continue: true, escalate: steps }));
  const sleepyNames = names.map((name) => `${name}-sleepy`);
  const many = audienceOf({ ...AT_ONCE_ROUTE, receivers: [...names, ...sleepyNames], routes });
  assert.deepEqual([many.receivers.length, many.escalations.length, many.passed.length], [100, 100, 100]);
  assert.deepEqual(many.escalations[0], { afterMs: 60_000, receivers: ['r1'] });
  const grouped = { group_by: ['rule'], repeat_interval: '4h', receiver: 'r0' };
  const [repeated, ...others] = audienceOf(grouped).receivers;
  assert.deepEqual([repeated?.receiver, repeated?.repeatMs, others.length], ['r0', 4 * 3_600_000, 0]);
  const [once] = audienceOf({ ...AT_ONCE_ROUTE, receiver: 'r0' }).receivers;
  assert.ok(once !== undefined && !Object.hasOwn(once, 'repeatMs'));
});

test('the end of an episode is that of the outbox, else of the incident while it is in the episode', () => {
  const resolved: Incident = { ...incident, state: 'resolved', resolvedAtMs: 9 };
  const endOf = (about: Incident, end?: Incident) => {
    const entry = { transition: transition('resolved'), receivedAtMs: 3, ...(end === undefined ? {} : { end }) };
    return plan([entry], () => about, aPolicy({}, [everybody])).deliveries[0]?.end;
  };
  assert.deepEqual(
    [endOf(resolved)?.incidentId, endOf(resolved)?.incident.resolvedAtMs, endOf(resolved)?.incident.episode],
    ['abc', 9, 1],
  );
  assert.equal(endOf({ ...resolved, episode: 2 }), undefined);
  assert.equal(endOf({ ...resolved, episode: 2 }, { ...resolved, resolvedAtMs: 8 })?.incident.resolvedAtMs, 8);
  const entries = [{ transition: transition('opened'), receivedAtMs: 3 }];
  const [opened] = plan(entries, () => resolved, aPolicy({}, [everybody])).deliveries;
  assert.ok(opened !== undefined && !Object.hasOwn(opened, 'end'));
});

test('activity entries name an incident or a group', () => {
  const parts = {
    subjectId: 'abc',
    episode: 2,
    revision: 3,
    receiver: 'all',
    reason: 'opened',
    receivedAtMs: 1,
  } as const;
  assert.deepEqual(entrySubjectOf(deliveryOf(parts)), { incidentId: 'abc', episode: 2, revision: 3 });
  assert.deepEqual(entrySubjectOf(deliveryOf({ ...parts, isGroup: true })), {
    group: { id: 'abc', episode: 2, revision: 3 },
  });
});

test('a plan has a row for each transition, one more for an unrouted one, and a delivery for each receiver', () => {
  const entries = [{ transition: transition('opened'), receivedAtMs: 3 }];
  const notified = plan(entries, () => incident, aPolicy({}, [everybody, { ...everybody, name: 'too' }]));
  assert.deepEqual(
    notified.deliveries.map(({ id, receiver, receivedAtMs }) => [id, receiver, receivedAtMs]),
    [
      ['n-abc-1-1-all', 'all', 3],
      ['n-abc-1-1-too', 'too', 3],
    ],
  );
  assert.deepEqual(
    notified.actions.map(({ type }) => type),
    ['opened'],
  );
  const unnotified = plan(entries, () => incident, aPolicy({}, []));
  assert.deepEqual(
    unnotified.actions.map(({ type }) => type),
    ['opened', 'unrouted'],
  );
  const [opened, unrouted] = unnotified.actions;
  assert.notEqual(unrouted?.id, opened?.id);
  assert.equal(unrouted?.id, digestId(['unrouted', 'abc', '1']));
});

const escalating = aPolicy(
  {
    route: {
      ...AT_ONCE_ROUTE,
      receiver: 'first',
      escalate: [
        { after: '1m', receivers: ['second'] },
        { after: '2m', receivers: ['third'] },
      ],
    },
  },
  [{ ...everybody, name: 'first', followsChanges: true }, 'second', 'third'],
);

for (const [kind, escalationStep, notified] of [
  ['opened', 0, ['first']],
  ['opened', 1, ['first']],
  ['acknowledged', 1, ['first']],
  ['escalated', 1, ['second']],
  ['escalated', 2, ['third']],
  ['resolved', 0, ['first']],
  ['resolved', 1, ['first', 'second']],
  ['resolved', 2, ['first', 'second', 'third']],
  ['snooze_ended', 0, ['first']],
  ['stale', 0, []],
  ['note_added', 0, []],
] as const)
  test(`${kind} after ${escalationStep} steps of escalation goes to ${notified.join(', ') || 'nobody'}`, () => {
    const entries = [{ transition: transition(kind), receivedAtMs: 3 }];
    const { deliveries } = plan(entries, () => ({ ...incident, escalationStep }), escalating);
    assert.deepEqual(
      deliveries.map(({ receiver }) => receiver),
      notified,
    );
  });

test('where a route groups, its receivers are notified by their groups, each in its own', () => {
  const policy = aPolicy({ route: { receivers: ['a', 'b'], group_by: ['rule'] } }, [
    'a',
    { ...everybody, name: 'b', resendMs: 5 },
  ]);
  const changes = (kind: Transition['kind'], id: string) =>
    plan([{ transition: transition(kind), receivedAtMs: 3 }], () => ({ ...incident, id }), policy);
  const first = changes('opened', 'one');
  assert.deepEqual([first.deliveries.length, first.groupChanges.map(({ kind }) => kind)], [0, ['join', 'join']]);
  const [together, alone] = first.groupChanges.map(({ group }) => group);
  const ended = changes('resolved', 'two').groupChanges;
  assert.deepEqual(
    ended.map(({ kind }) => kind),
    ['leave', 'leave'],
  );
  const [sameTogether, otherAlone] = ended.map(({ group }) => group);
  assert.deepEqual(together, sameTogether);
  assert.equal(alone?.incidentId, 'one', 'what expires is notified of each incident by itself');
  assert.notEqual(alone.id, otherAlone?.id);
  assert.deepEqual(together?.labels, { rule: incident.entity.ruleId });
  assert.notEqual(together.id, alone.id);
});

test('where a route groups, an escalation has a group of its own for each step, and all learn of the end', () => {
  const policy = aPolicy(
    {
      route: {
        receiver: 'first',
        group_by: ['rule'],
        escalate: [
          { after: '1m', receivers: ['first', 'second'] },
          { after: '2m', receivers: ['second'] },
        ],
      },
    },
    ['first', { ...everybody, name: 'second', followsChanges: true }],
  );
  const changes = (kind: Transition['kind'], escalationStep: number, id = 'abc') =>
    plan([{ transition: transition(kind), receivedAtMs: 3 }], () => ({ ...incident, id, escalationStep }), policy);
  const first = changes('escalated', 1);
  assert.deepEqual(first.deliveries, []);
  assert.deepEqual(
    first.groupChanges.map(({ kind, group }) => [kind, group.receiver, group.routeKey]),
    ['first', 'second'].map((receiver) => ['join', receiver, '/{}/escalate/1']),
  );
  assert.deepEqual(
    changes('escalated', 1, 'other').groupChanges.map(({ group }) => group.id),
    first.groupChanges.map(({ group }) => group.id),
  );
  const of = (kind: Transition['kind']) => changes(kind, 2).groupChanges.map((change) => change.group.routeKey);
  assert.deepEqual(of('escalated'), ['/{}/escalate/2']);
  assert.deepEqual(of('resolved'), ['/{}', '/{}/escalate/1', '/{}/escalate/1', '/{}/escalate/2']);
  assert.deepEqual(of('acknowledged'), ['/{}/escalate/1', '/{}/escalate/2'], 'who follows changes');
  assert.deepEqual(new Set(changes('acknowledged', 2).groupChanges.map(({ kind }) => kind)), new Set(['touch']));
  assert.equal(changes('reopened', 0).groupChanges[0]?.kind, 'join');
  for (const { group } of first.groupChanges)
    assert.deepEqual(targetOfGroup(group, policy)?.grouping, policy.root.grouping);
});

test('resolved and reopened at one stroke: the end goes to all who were notified, with what the episode came to', () => {
  const open: Incident = { ...incident, escalationStep: 2, escalatedAtMs: 4, episodeCount: 7 };
  const resolved = resolve(open, { actor: 'kim', reason: 'x', nowMs: 10 }) ?? assert.fail();
  const reopened = reopen(resolved.incident, { actor: 'kim', reason: 'x', nowMs: 11 }) ?? assert.fail();
  const entries = [resolved, reopened].flatMap((reduced) => outboxOf(reduced, 3));
  const { deliveries } = plan(entries, () => reopened.incident, escalating);
  assert.deepEqual(
    deliveries.map(({ receiver, episode, reason, end }) => [receiver, episode, reason, end?.incident.episodeCount]),
    [
      ['first', 1, 'resolved', 7],
      ['second', 1, 'resolved', 7],
      ['third', 1, 'resolved', 7],
      ['first', 2, 'reopened', undefined],
    ],
  );
});

test('nobody is notified, and the entry says why: no receiver, or each that takes no such severity', () => {
  assert.match(decide(transition('reopened'), incident, aPolicy({}, [])).reason, /no receiver is configured/u);
  const decision = decide(transition('reopened'), incident, aPolicy({}, [sleepy, { ...sleepy, name: 'deep' }]));
  assert.equal(decision.kind, 'unrouted');
  assert.match(decision.reason, /sleepy takes no severity error.*; .*deep takes no/u);
});

for (const [kind, reason] of [
  ['opened', 'opened'],
  ['reopened', 'reopened'],
  ['acknowledged', 'acknowledged'],
  ['snooze_ended', 'repeated'],
  ['resolved', 'resolved'],
] as const)
  test(`${kind}: the reason is ${reason}`, () => {
    const policy = aPolicy({}, [{ ...everybody, followsChanges: true }]);
    const decision = decide(transition(kind), incident, policy);
    assert.ok(decision.kind === 'notify');
    assert.equal(decision.reason, reason);
  });

test('who is notified of the end and by a gone route follows from the steps that the incident says were done', () => {
  const notified = (escalationStep?: number) => {
    const about = escalationStep === undefined ? incident : { ...incident, escalationStep };
    const decision = decide(transition('resolved'), about, escalating);
    assert.ok(decision.kind === 'notify');
    const escalated = escalatedTargets(about, decision.labels, escalating).map(({ receiver }) => receiver);
    assert.deepEqual(decision.targets.map(({ receiver }) => receiver).slice(1), escalated);
    return escalated;
  };
  assert.deepEqual(notified(), []);
  assert.deepEqual(notified(1), ['second']);
  assert.deepEqual(notified(2), ['second', 'third']);
});

const chat = { ...everybody, name: 'chat', followsChanges: true, editsInPlace: true };
const editing = aPolicy({}, [chat, { ...everybody, name: 'pager', followsChanges: true }, everybody]);

for (const kind of ['assigned', 'note_added', 'snoozed', 'stale'] as const)
  test(`${kind}: only a message that can be edited says so`, () => {
    const { deliveries } = plan([{ transition: transition(kind), receivedAtMs: 3 }], () => incident, editing);
    assert.deepEqual(
      deliveries.map(({ id, receiver, reason, notBeforeMs }) => [id, receiver, reason, notBeforeMs]),
      [['n-abc-1-1-chat', 'chat', 'updated', undefined]],
    );
  });

test('counts are brought up to date every five minutes, however many events there are', () => {
  const at = (ms: number, revision: number) => ({
    transition: { ...transition('repeated'), atMs: ms, revision },
    receivedAtMs: 3,
  });
  const { deliveries } = plan([at(10, 2), at(299_999, 3), at(300_000, 4)], () => incident, editing);
  assert.deepEqual(
    deliveries.map(({ id, notBeforeMs, revision }) => [id, notBeforeMs, revision]),
    [
      ['n-abc-1-counts300000-chat', 300_000, 2],
      ['n-abc-1-counts300000-chat', 300_000, 3],
      ['n-abc-1-counts600000-chat', 600_000, 4],
    ],
  );
});

test('a change that a message cannot show is notified to nobody, however its messages are edited', () => {
  const decision = decide(transition('recovering'), incident, editing);
  assert.equal(decision.kind, 'quiet');
});

/** Whom `chat`, alone on a route, is notified with of a change. */
function shown(kind: Transition['kind'], route: Readonly<Record<string, unknown>>): boolean {
  return (
    decide(transition(kind), incident, aPolicy({ route: { receiver: 'chat', ...route } }, [chat])).kind === 'notify'
  );
}

test('an edited message shows a note where it is of one incident; the counts only where it is sent at once', () => {
  const waits = { ...AT_ONCE_ROUTE, group_wait: '10s' };
  const repeats = { ...AT_ONCE_ROUTE, repeat_interval: '1h' };
  const together = { group_by: ['rule'] };
  assert.deepEqual(
    [AT_ONCE_ROUTE, waits, repeats, together].map((route) => [shown('note_added', route), shown('repeated', route)]),
    [
      [true, true],
      [true, false],
      [true, false],
      [false, false],
    ],
  );
});

test('who is notified by a step of escalation, and edits, shows the notes from then on', () => {
  const policy = aPolicy(
    { route: { ...AT_ONCE_ROUTE, receiver: 'all', escalate: [{ after: '1m', receivers: ['chat'] }] } },
    [everybody, chat],
  );
  const notified = (escalationStep: number) =>
    decide(transition('note_added'), { ...incident, escalationStep }, policy);
  assert.equal(notified(0).kind, 'quiet');
  const after = notified(1);
  assert.ok(after.kind === 'notify');
  assert.deepEqual(
    after.targets.map(({ receiver }) => receiver),
    ['chat'],
  );
});

test('a step of escalation knows its number and who was notified before it [issue 17 §2]', () => {
  const escalated = { ...incident, escalationStep: 2 };
  assert.deepEqual(escalationStepOf(escalated, escalating, undefined), { step: 2, unanswered: ['first', 'second'] });
  const [one, two] = escalating.root.escalations;
  assert.deepEqual(escalationStepOf(escalated, escalating, one?.route), { step: 1, unanswered: ['first'] });
  assert.deepEqual(escalationStepOf(escalated, escalating, two?.route).step, 2);
});
