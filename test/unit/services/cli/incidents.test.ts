// `foghorn incidents` and `foghorn silences` on a terminal: what they print and how they read what
// people type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../../services/cli/command.ts';
import { incidentsCommand } from '../../../../services/cli/commands/incidents.ts';
import { silencesCommand } from '../../../../services/cli/commands/silences.ts';
import { sinceOf } from '../../../../services/cli/deadletters/filter.ts';
import { groupsLeft, summaryLines } from '../../../../services/cli/incidents/count.ts';
import { momentOf } from '../../../../services/cli/incidents/moment.ts';
import { actionLine, incidentTable, incidentText, silenceTable } from '../../../../services/cli/incidents/text.ts';
import { incidentView, type SilenceView, toIncidentView } from '../../../../services/console/read/views.ts';
import { incidentDocument } from '../../../../services/indexer/incident-document.ts';
import type { FilledIncident } from '../../../../shared/contracts/incident.ts';
import { anIncident } from '../../../support/incidents.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const viewOf = (incident: FilledIncident) =>
  toIncidentView({
    _source: JSON.parse(JSON.stringify(incidentDocument(incident))) as Readonly<Record<string, unknown>>,
  });

test('a table has its columns below one another and one line for each incident', () => {
  const [head = '', first = '', second = ''] = incidentTable([
    viewOf(anIncident('short', 3)),
    viewOf({ ...anIncident('a-longer-id', 1), assignee: 'lee', staleSinceMs: NOW_MS }),
  ]);
  for (const [name, value] of [
    ['STATE', 'open'],
    ['HOST', 'media01'],
    ['PORT', '80'],
  ] as const)
    for (const line of [first, second]) assert.ok(line.startsWith(value, head.indexOf(name)), line);
  assert.match(second, /open \(stale\).* lee /u);
});

test('an incident that flaps says so to the API and on the terminal [issue 13]', () => {
  const flapping = { sinceMs: NOW_MS, episode: 3, count: 7, quietForMs: 900_000 };
  const incident = viewOf({ ...anIncident('i', 1), flapping });
  assert.deepEqual(incidentView.parse(incident).flapping, {
    since: '2026-03-01T12:00:00.000Z',
    count: 7,
    quietForMs: 900_000,
  });
  const text = incidentText({ incident, remediation: {}, timeline: [], related: [] });
  assert.match(
    text,
    /^flapping +it has begun 7 times since 2026-03-01T12:00:00\.000Z; notified again once it has been quiet for 15 min$/mu,
  );
  assert.doesNotMatch(
    incidentText({ incident: viewOf(anIncident('i', 1)), remediation: {}, timeline: [], related: [] }),
    /^flapping/mu,
  );
});

test('nothing that an event says can steer the terminal or break a row', () => {
  const evil = '\u001B[2Jtwo\r\nlines\u202E';
  const incident = viewOf({ ...anIncident('i', 1), lastMessage: evil, assignee: evil });
  const row = incidentTable([incident])[1] ?? '';
  const full = incidentText({ incident, remediation: {}, timeline: [], related: [] });
  const line = actionLine({ ...ACTION, reason: evil });
  const silence = silenceTable([{ ...SILENCE, comment: evil }])[1] ?? '';
  for (const text of [row, full, line, silence]) assert.doesNotMatch(text, /[\u0000-\u0009\u000B-\u001F\u202E]/u);
  assert.ok(!row.includes('\n') && !silence.includes('\n'));
});

test('a message cannot forge a section, a fact or a step of an incident that is shown [security L4]', () => {
  const forged = 'The disk is full.\n\nThen check\n  1. run this\r\nassignee       mallory\u0085Repair 1: x';
  const incident = viewOf({ ...anIncident('i', 1), lastMessage: forged, assignee: `lee\nresolved       by kim` });
  const text = incidentText({
    incident: { ...incident, title: forged, summary: forged },
    remediation: { notes: [forged], causes: [{ text: forged, check: forged }] },
    timeline: [
      { id: 'a', at: '2026-03-01T12:00:00Z', type: 'opened', actor: forged, reason: forged, episode: 1, revision: 1 },
    ],
    related: [{ id: 'e', at: '2026-03-01T12:00:01Z', provider: forged, eventId: '310', message: forged }],
  });
  for (const line of text.split(/\r|\n|\u0085/u))
    assert.doesNotMatch(line, /^ *(?:Then check|1\. run this|assignee {7}mallory|resolved|Repair 1: x)/u);
});

test('what is shown of an incident holds everything that its remedy has, numbered, and says what it leaves out', () => {
  const { remediation } = anIncident('i', 1);
  const [option] = remediation.options;
  const undo = 'netsh http add iplisten 0.0.0.0';
  const step = {
    text: 'Free it.',
    where: 'on media01',
    command: 'x',
    privilege: 'administrator',
    risk: 'stops IIS',
    undo,
  };
  const text = incidentText({
    incident: viewOf({ ...anIncident('i', 2), openedAtMs: NOW_MS - 3 * 3_600_000, snoozedUntilMs: NOW_MS + 1_200_000 }),
    remediation: {
      ...remediation,
      causes: [{ text: 'IIS.', check: 'Look at it.', command: 'netstat -ano' }, { text: 'Apache.' }],
      options: [{ title: option?.title ?? '', when: 'IIS is not needed', steps: [{ text: 'Look.' }, step] }],
      clearing: ['A 302 event.'],
      notes: ['Since 2003.'],
      references: [{ title: 'The article', url: 'https://example.org/309' }],
    },
    timeline: [],
    timelineTotal: 2527,
    related: [{ id: 'e', at: '2026-03-01T12:00:01Z', provider: 'WMServer', eventId: '310', message: 'm' }],
    relatedTotal: 2527,
    now: new Date(NOW_MS).toISOString(),
  });
  for (const part of [
    /values +port = 80/u,
    /opened +2026-03-01T09:00:00.000Z \(3 h ago\)/u,
    /snoozed until +2026-03-01T12:20:00.000Z \(in 20 min\)/u,
    /summary +Another program/u,
    /1\. IIS\.\n +check: Look at it\.\n +> netstat -ano\n +2\. Apache\./u,
    /IIS is not needed/u,
    /2\. Free it\.\n +where: on media01\n +> x\n +as: administrator\n +risk: stops IIS\n +undo: netsh http add/u,
    /Then check\n +1\. Play a stream\./u,
    /A 302 event\./u,
    /Since 2003\./u,
    /The article https:\/\/example\.org\/309/u,
    /The host around the last event \(the nearest 1 of 2,527\)/u,
  ])
    assert.match(text, part);
});

test('what is shown of an incident says who was notified, who will be, who is not and why, and which steps are done [issue 17 §1]', () => {
  const done = { step: 'repair.1.1', text: 'Open the console.', by: 'ben', atMs: NOW_MS };
  const text = incidentText({
    incident: viewOf({ ...anIncident('i', 1), stepsDone: [done] }),
    remediation: {},
    timeline: [],
    related: [],
    notifications: {
      receivers: [
        {
          receiver: 'ops',
          route: 'severity="error"',
          outcome: 'notified',
          at: '2026-03-01T12:00:00.000Z',
          nextReminder: '2026-03-01T16:00:00.000Z',
        },
        { receiver: 'mail', outcome: 'delivery_failed', error: 'mailbox full' },
      ],
      escalations: [{ step: 1, at: '2026-03-01T12:30:00.000Z', receivers: ['boss'], isDone: false }],
      passed: ['pager takes critical and higher'],
    },
  });
  for (const part of [
    /Steps done\n +repair\.1\.1 {2}Open the console\. \(ben, 2026-03-01T12:00:00\.000Z\)/u,
    /ops: notified at 2026-03-01T12:00:00\.000Z; again at 2026-03-01T16:00:00\.000Z if it is still open; severity="error"/u,
    /mail: not delivered; mailbox full/u,
    /escalation 1 to boss: at 2026-03-01T12:30:00\.000Z while nobody acknowledges it/u,
    /not notified: pager takes critical and higher/u,
  ])
    assert.match(text, part);
});

test('counts stand by facet, as a filter takes the values, and by group with the words that list it [issue 17 §1]', () => {
  const group = {
    key: { port: '80' },
    q: 'port:80',
    title: 'Port in use',
    severity: 'error' as const,
    total: 1400,
    open: 1388,
    acknowledged: 2,
    resolved: 10,
    hosts: 1000,
    events: 5120,
    new: 214,
    recent: [],
    evidenced: 3,
    unassigned: 1380,
    assignees: [],
    firstSeen: '',
    lastSeen: '',
  };
  const none = { severity: [], rule: [], class: [], holder: [], host: [], provider: [], age: [], is: [] };
  const summary = {
    total: 2000,
    open: 1988,
    acknowledged: 2,
    resolved: 10,
    hosts: 1000,
    new: 214,
    newSince: '',
    now: '',
    facets: {
      ...none,
      state: [{ value: 'open', count: 1988 }],
      port: Array.from({ length: 12 }, (_, index) => ({ value: String(80 + index), count: 1 })),
      assignee: [{ value: '', count: 1380 }],
    },
    groups: [group],
    groupsTotal: 1,
  };
  const lines = summaryLines(summary);
  assert.match(lines[0] ?? '', /^2,000 incidents on 1,000 hosts: 1,988 open, .*; 214 new in 5 minutes$/u);
  assert.ok(lines.includes('state     open (1,988)'), lines.join('\n'));
  assert.ok(lines.some((line) => line.startsWith('port      80 (1), 81 (1)') && line.endsWith('and 2 more')));
  assert.ok(lines.includes('assignee  nobody (1,380)'));
  assert.match(lines.at(-1) ?? '', /^port:80 +1,400 +1,388 +214 +1,000 +5,120 +1,380 +error +Port in use$/u);
  assert.equal(groupsLeft(summary), undefined);
  assert.equal(groupsLeft({ ...summary, groupsTotal: 1200 }), 'groups: 1 of 1,200 shown');
  assert.equal(
    groupsLeft({ ...summary, groupsTotal: 5000, groupsCut: true }),
    'groups: 1 of 5,000 shown; there are more, which were not counted: narrow the filter',
  );
});

test('silences say how many incidents each matches now, as their page does [issue 17 §1]', () => {
  const [head = '', row = ''] = silenceTable([{ ...SILENCE, matches: 1430 }]);
  assert.ok(row.startsWith('1,430 ', head.indexOf('MATCHES NOW')), row);
});

const ACTION = {
  id: 'a',
  atMs: NOW_MS,
  incidentId: 'i',
  episode: 1,
  revision: 1,
  subject: 'delivery',
  type: 'notified',
  actor: 'system',
  reason: 'route default',
  host: 'media01',
  ruleId: 'r',
  severity: 'error',
  receiver: 'ops',
} as const;

const SILENCE: SilenceView = {
  id: 's',
  state: 'active',
  matchers: ['host="media01"'],
  author: 'kim',
  comment: 'works',
  startsAt: '2026-03-01T12:00:00.000Z',
  endsAt: '2026-03-01T13:00:00.000Z',
  revision: 1,
};

test('one incident is shown with its remedy, its notes and its time line', () => {
  const { remediation } = anIncident('i', 1);
  const notes = [{ id: 'n', atMs: NOW_MS, author: 'kim', text: 'called' }];
  const text = incidentText({
    incident: viewOf({ ...anIncident('i', 2), notes, acknowledgedAtMs: NOW_MS, acknowledgedBy: 'kim' }),
    remediation,
    timeline: [
      { id: 'a', at: '2026-03-01T12:00:00Z', type: 'opened', actor: 'system', reason: 'x', episode: 1, revision: 1 },
    ],
    related: [{ id: 'e', at: '2026-03-01T12:00:01Z', provider: 'WMServer', eventId: '310', message: 'm' }],
  });
  for (const part of [
    /Port 80 is taken on media01/u,
    /acknowledged +2026-03-01T12:00:00.000Z by kim/u,
    /netstat -ano/u,
    /Repair 1: Use another port\n {2}1\. Open the console\.\n {5}where: on media01/u,
    /Play a stream/u,
    /kim: called/u,
    /opened by system: x/u,
    /WMServer 310: m/u,
  ])
    assert.match(text, part);
});

test('an action is one line that says where, to whom and by whom', () => {
  assert.equal(
    actionLine(ACTION),
    '2026-03-01T12:00:00.000Z  notified        i on media01 (ops) by system: route default',
  );
});

const AHEAD = { option: '--for', side: 'ahead', nowMs: NOW_MS } as const;

test('times are durations from now or ISO dates', () => {
  assert.equal(momentOf('2h', AHEAD), '2026-03-01T14:00:00.000Z');
  assert.equal(momentOf('2h', { ...AHEAD, side: 'ago' }), '2026-03-01T10:00:00.000Z');
  assert.equal(momentOf('2026-03-02T00:00:00+01:00', AHEAD), '2026-03-01T23:00:00.000Z');
  assert.equal(momentOf('2026-03-02T00:00Z', AHEAD), '2026-03-02T00:00:00.000Z');
  assert.equal(momentOf('2026-03-02T00:00:00.123456789Z', AHEAD), '2026-03-02T00:00:00.123Z');
});

const GUESSES = [
  '12',
  '8',
  'until 5',
  'tomorrow',
  'tomorrow 9',
  'soon',
  '12/11/2026',
  '2026',
  '2026-03',
  '1 Mar 2026',
  '',
  ' ',
  '2026-02-30',
  '2026-13-01T00:00Z',
  '2026-03-01T25:00Z',
  '2026-03-01T24:00Z',
  '2026-03-01T22:60Z',
  '20260301',
  '2026-03-01 22:00',
  '2026-03-01T22Z',
  '2026-03-01T22:00 UTC',
  '+002026-03-01T22:00Z',
  '2026-03-01T22:00+25:99',
  '-2h',
  '2 h',
  '1.5h',
  '999999y',
  '2h ago',
  'Infinity',
];

for (const text of GUESSES)
  test(`a time that would have to be guessed is refused in words: ${JSON.stringify(text)} [alerting 19]`, () => {
    for (const side of ['ago', 'ahead'] as const)
      assert.throws(() => momentOf(text, { ...AHEAD, side }), {
        name: 'UsageError',
        message: /say a duration such as 2h/u,
      });
    assert.throws(() => sinceOf(text, NOW_MS, () => undefined), UsageError);
  });

test('a time without a zone is local, and that is said [alerting 19]', () => {
  for (const [text, local] of [
    ['2026-03-05T22:00', new Date(2026, 2, 5, 22)],
    ['2026-03-05', new Date(2026, 2, 5)],
  ] as const) {
    const lines: string[] = [];
    assert.equal(momentOf(text, { ...AHEAD, say: (line) => lines.push(line) }), local.toISOString());
    assert.deepEqual([lines.length, lines[0]?.includes(local.toISOString())], [1, true]);
    assert.match(lines[0] ?? '', /local time/u);
  }
  momentOf('2026-03-05T22:00Z', { ...AHEAD, say: assert.fail });
});

test('to snooze until a time that is past is refused [alerting 19]', async () => {
  for (const text of ['2001-12-01T00:00Z', '2026-03-01T11:59:59Z'])
    assert.throws(() => momentOf(text, { ...AHEAD, mustBeAhead: true }), /that is past/u);
  for (const text of ['12', '2001-12-01T00:00Z', 'tomorrow 9'])
    await assert.rejects(async () => await incidentsCommand.run(['snooze', 'i', text], io), UsageError);
  assert.equal(momentOf('0', { ...AHEAD, mustBeAhead: true }), '2026-03-01T12:00:00.000Z');
});

const io = { out: () => undefined, err: () => undefined, isTerminal: false, signal: new AbortController().signal };

for (const args of [
  [],
  ['ack', 'host:a', 'i'],
  ['step', 'i'],
  ['show'],
  ['ack'],
  ['ack', 'i', 'more'],
  ['assign', 'i'],
  ['snooze', 'i', 'soon'],
  ['dance', 'i'],
  ['ack', 'i', '--host', 'h'],
  ['ack', '--group', 'storm'],
  ['ack', '--group', 'a b:1:1'],
  ['ack', 'i', '--group', 'storm:1:4'],
  ['ack', '--host', 'h', '--group', 'storm:1:4'],
  ['snooze', '2h', '--group', 'storm:1:4'],
  ['list', 'x', '--group', 'storm:1:4'],
])
  test(`foghorn incidents ${args.join(' ')} says what would make sense`, async () => {
    await assert.rejects(async () => await incidentsCommand.run(args, io), UsageError);
  });

for (const args of [
  ['add'],
  ['add', 'host=a', '--for', '1h'],
  ['add', 'host=a', '--comment', 'c'],
  ['add', 'host=a', '--comment', 'c', '--for', '1h', '--until', '2026-03-01'],
  ['expire'],
])
  test(`foghorn silences ${args.join(' ')} says what would make sense`, async () => {
    await assert.rejects(async () => await silencesCommand.run(args, io), UsageError);
  });
