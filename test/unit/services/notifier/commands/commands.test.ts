// Commands: their form is checked, and what they do to an incident is kept by it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCommand, MAX_SNOOZE_MS, refusalOf } from '../../../../../services/notifier/commands/apply-command.ts';
import {
  type Command,
  commandsTopic,
  encodeCommand,
  type IncidentCommand,
} from '../../../../../shared/contracts/command.ts';
import { anId } from '../../../../support/ids.ts';
import { anIncident } from '../../../../support/incidents.ts';

const asked = { id: 'c1', actor: 'kim', atMs: 5, reason: '' };
const silence = { id: 's', matchers: ['host="a"'], author: 'kim', comment: 'x', startsAtMs: 0, endsAtMs: 9 };
const NOW_MS = Date.UTC(2026, 2, 1, 12);
const abc = anId('abc');
const incident = anIncident(abc, 3);
const FACTS = { nowMs: NOW_MS };
const decode = (text: string) =>
  commandsTopic.decode({ key: null, value: Buffer.from(text), headers: {}, timestampMs: NOW_MS });

const commands: readonly [Command, string][] = [
  [{ ...asked, kind: 'acknowledge', incidentId: abc }, abc],
  [{ ...asked, kind: 'assign', incidentId: abc, assignee: '' }, abc],
  [{ ...asked, kind: 'note', incidentId: abc, text: 'x', episode: 2 }, abc],
  [{ ...asked, kind: 'snooze', incidentId: abc, untilMs: 7 }, abc],
  [{ ...asked, kind: 'step', incidentId: abc, step: 'check.12', isDone: false }, abc],
  [{ ...asked, kind: 'probe', incidentId: abc, episode: 1 }, abc],
  [{ ...asked, kind: 'silence', silence }, 's'],
  [{ ...asked, kind: 'expire_silence', silenceId: 's' }, 's'],
  [{ ...asked, kind: 'redrive', receiver: 'ops' }, 'ops'],
];

for (const [command, key] of commands)
  test(`${command.kind} goes over the wire whole, in the order of its subject`, () => {
    const record = encodeCommand(command);
    assert.equal(record.key, key);
    assert.deepEqual(decode(String(record.value)), { kind: 'value', value: command });
  });

for (const value of [
  null,
  {},
  { ...asked, kind: 'dance' },
  { ...asked, kind: 'acknowledge' },
  { ...asked, actor: '', kind: 'acknowledge', incidentId: abc },
  { ...asked, kind: 'note', incidentId: abc, text: '  ' },
  { ...asked, kind: 'note', incidentId: abc, text: 'x'.repeat(2001) },
  { ...asked, kind: 'snooze', incidentId: abc, untilMs: 'tomorrow' },
  { ...asked, kind: 'acknowledge', incidentId: 'a:b' },
  { ...asked, kind: 'step', incidentId: abc, step: 'repair.0.1', isDone: true },
  { ...asked, kind: 'step', incidentId: abc, step: 'check.1' },
  { ...asked, kind: 'resolve_group', groupId: 'a:b', episode: 1, revision: 1 },
  { ...asked, kind: 'silence', silence: { ...silence, matchers: 'host="a"' } },
])
  test(`no command: ${JSON.stringify(value).slice(0, 80)}`, () =>
    assert.equal(decode(JSON.stringify(value)).kind, 'bad'));

test('the incident has the id of the command, so that a rebuilt one does not do it again', () => {
  const command: IncidentCommand = { ...asked, kind: 'acknowledge', incidentId: abc };
  const reduced = applyCommand(incident, command, FACTS);
  assert.equal(reduced?.incident.state, 'acknowledged');
  assert.equal(reduced.incident.recentEventIds.at(-1), 'c1');
});

const resolved = { ...incident, state: 'resolved', resolvedAtMs: NOW_MS - 1 } as const;

for (const [subject, request, kind, parts] of [
  [incident, { kind: 'acknowledge' }, 'acknowledged', { state: 'acknowledged', acknowledgedBy: 'kim' }],
  [incident, { kind: 'resolve' }, 'resolved', { state: 'resolved', resolvedBy: 'kim' }],
  [
    { ...incident, state: 'acknowledged', acknowledgedBy: 'ann' },
    { kind: 'unacknowledge' },
    'unacknowledged',
    { state: 'open' },
  ],
  [
    incident,
    { kind: 'step', step: 'repair.1.1', isDone: true },
    'step_done',
    { stepsDone: [{ step: 'repair.1.1', text: 'Open the console.', by: 'kim', atMs: NOW_MS }] },
  ],
  [resolved, { kind: 'reopen' }, 'reopened', { state: 'open', episode: 2 }],
  [incident, { kind: 'assign', assignee: 'ann' }, 'assigned', { assignee: 'ann' }],
  [
    incident,
    { kind: 'note', text: 'seen' },
    'note_added',
    { notes: [{ id: 'c1', atMs: NOW_MS, author: 'kim', text: 'seen' }] },
  ],
  [incident, { kind: 'snooze', untilMs: NOW_MS + 1 }, 'snoozed', { snoozedUntilMs: NOW_MS + 1 }],
] as const)
  test(`${request.kind}: the incident is ${kind}`, () => {
    const stepText = 'Open the console.';
    const reduced = applyCommand(subject, { ...asked, incidentId: abc, ...request }, { ...FACTS, stepText });
    assert.deepEqual(
      reduced?.transitions.map((transition) => transition.kind),
      [kind],
    );
    assert.deepEqual({ ...reduced?.incident, ...parts }, reduced?.incident);
  });

const acknowledge: IncidentCommand = { ...asked, kind: 'acknowledge', incidentId: abc };

for (const [what, subject, command, reason, stepText] of [
  ['an unknown incident', undefined, acknowledge, /no incident [\w-]{27}/u],
  ['another episode', incident, { ...acknowledge, episode: 4 }, /episode 4.*episode 1/u],
  ['nothing to change', incident, { ...asked, kind: 'reopen', incidentId: abc }, /incident is open/u],
  ['no acknowledgement', incident, { ...asked, kind: 'unacknowledge', incidentId: abc }, /incident is open/u],
  [
    'no such step',
    incident,
    { ...asked, kind: 'step', step: 'repair.1.2', isDone: true, incidentId: abc },
    /no step repair\.1\.2/u,
  ],
  [
    'a step that is not done',
    incident,
    { ...asked, kind: 'step', step: 'check.1', isDone: false, incidentId: abc },
    /check\.1 is not done/u,
    'Play a stream.',
  ],
  [
    'a snooze of years',
    incident,
    { ...asked, kind: 'snooze', incidentId: abc, untilMs: NOW_MS + MAX_SNOOZE_MS + 1 },
    /30 days/u,
  ],
] as const)
  test(`refused: ${what}`, () => assert.match(refusalOf(subject, command, { ...FACTS, stepText }) ?? '', reason));

test('a snooze of 30 days to the millisecond is not refused', () => {
  const days = 30 * 24 * 60 * 60 * 1000;
  const longest = { ...asked, kind: 'snooze', incidentId: abc, untilMs: NOW_MS + days } as const;
  assert.equal(refusalOf(incident, longest, FACTS), undefined);
  assert.match(refusalOf(incident, { ...longest, untilMs: NOW_MS + days + 1 }, FACTS) ?? '', /30 days/u);
});

test('what can be done is not refused', () => assert.equal(refusalOf(incident, acknowledge, FACTS), undefined));
