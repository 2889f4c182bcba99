// What a message says: what, where, since, how often, how bad, what to do and how to check it, for
// one incident and for a group, for every reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandHintsOf } from '../../../../../services/notifier/channels/message/command-hints.ts';
import {
  type GuideDepth,
  LONG,
  moreText,
  SHORT,
  STANDING,
} from '../../../../../services/notifier/channels/message/guide.ts';
import { messageOf } from '../../../../../services/notifier/channels/message/message.ts';
import { safeUrl, spanText, timeText } from '../../../../../services/notifier/channels/message/text-format.ts';
import { renderPlainText } from '../../../../../services/notifier/channels/plain-text.ts';
import { alertOf } from '../../../../../services/notifier/channels/alert-body.ts';
import { htmlOf } from '../../../../../services/notifier/channels/email/html.ts';
import { emailOf } from '../../../../../services/notifier/channels/email/message.ts';
import { pagerdutyEvent } from '../../../../../services/notifier/channels/pagerduty.ts';
import { slackPostOf } from '../../../../../services/notifier/channels/slack/post.ts';
import { teamsBody } from '../../../../../services/notifier/channels/teams.ts';
import { webhookBody } from '../../../../../services/notifier/channels/webhook.ts';
import type { Notification } from '../../../../../shared/contracts/notification.ts';
import { aDigest, aNotification, HOSTILE, hostileNotification, inState } from '../../../../support/notifications.ts';

const START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);

function assertParts(text: string, parts: readonly string[]): void {
  for (const part of parts) assert.ok(text.includes(part), `${part} in\n${text}`);
}

test('the plain text says what, where, since, how to repair and how to check', () => {
  assertParts(renderPlainText(aNotification({ links: [{ title: 'Console', url: 'https://console.example/i/abc' }] })), [
    'ERROR  Port 80 is taken on media01',
    'WMServer event 309',
    'media01, port 80',
    'since         2026-03-01 10:00:00 UTC',
    'seen          once',
    'The port 80 is in use.',
    'netstat -ano',
    '1. Use another port',
    '1. Open the console. (on media01)',
    'then check',
    '1. Play a stream.',
    'open          https://foghorn.example.org/incidents/abc\n',
    'article       https://example.org/309',
    'Console https://console.example/i/abc',
    'incident abc, episode 1',
    '\ndelivery      n-abc-1-1-x\n',
  ]);
});

const happenings = [
  ['opened', {}, 'ERROR', 'This is new.'],
  ['reopened', { episode: 3 }, 'ERROR', 'It is back: episode 3.'],
  ['repeated', { episodeCount: 3 }, 'ERROR', 'It goes on: 3 events so far, nobody has acknowledged it.'],
  [
    'repeated',
    { state: 'acknowledged', acknowledgedBy: 'anna', episodeCount: 1 },
    'ACKNOWLEDGED',
    'It goes on: 1 event so far, acknowledged by anna.',
  ],
  [
    'acknowledged',
    { state: 'acknowledged', acknowledgedBy: 'anna', acknowledgedAtMs: START_MS + 185_000 },
    'ACKNOWLEDGED',
    'Acknowledged by anna 3 min 5 s after it began.',
  ],
  [
    'resolved',
    { state: 'resolved', resolvedBy: 'system', resolvedAtMs: START_MS + 7_200_000 },
    'RESOLVED',
    'Resolved after 2 h.',
  ],
  ['escalated', { escalatedAtMs: START_MS + 900_000 }, 'ERROR', 'Nobody has acknowledged it for 15 min.'],
  ['test', {}, 'TEST', 'This is a test of the receiver; nothing is wrong.'],
] as const;

for (const [reason, parts, label, happened] of happenings) {
  test(`a message for the reason ${reason} (${label}) says so`, () => {
    const message = messageOf(aNotification({ reason, incident: inState(parts) }), SHORT);
    assert.deepEqual([message.label, message.headline], [label, happened]);
    // Nothing is left to do when it is over, and who reads it again knows the rest.
    const isShort = ['repeated', 'acknowledged', 'resolved', 'test'].includes(reason);
    assert.equal(message.guide === undefined, isShort);
    assert.deepEqual(message.summary === '' && message.eventText === '', isShort);
    // A message that stands for the state shows it, as long as there is something to do.
    const standing = messageOf(aNotification({ reason, incident: inState(parts) }), STANDING.short);
    assert.equal(standing.guide === undefined, reason === 'resolved' || reason === 'test');
  });
}

test('who is at it, what was noted and that it has gone quiet are notified', () => {
  const notes = [{ id: '1', atMs: START_MS, author: 'ben', text: 'IIS was installed today.' }];
  const incident = inState({ assignee: 'anna', notes, staleSinceMs: START_MS });
  assertParts(renderPlainText(aNotification({ reason: 'repeated', incident })), [
    'assigned      anna',
    'note          IIS was installed today. (ben, 2026-03-01 10:00:00 UTC)',
    'stale         no event since 2026-03-01 10:00:03 UTC; that is no proof that it is over',
  ]);
});

test('the digest of a storm says how many, since when, by port, on which hosts, and what to do', () => {
  const text = renderPlainText(aNotification({ reason: 'updated', digest: aDigest() }));
  assertParts(text, [
    'A port that Windows Media Services needs is in use: 1,000 hosts, port 80 (1,500, likely IIS',
    'or another program of HTTP.sys), port 554 (500)',
    '1,990 incidents open, 7 acknowledged, 3 resolved; 40 new since the last message.',
    '1,000 hosts: media*.example.org (812), 10.1.2.* (188)',
    'port 80       1,500 incidents on 1,000 hosts, likely held by IIS or another program of HTTP.sys',
    'port 554      500 incidents on 500 hosts',
    'since         2026-03-01 10:00:00 UTC',
    'held back     12 by silences',
    'repair, for media01, one of them',
    'digest storm, episode 1',
  ]);
  assert.ok(text.length < 4000);
  assert.doesNotMatch(text, /^(?:group|severity) /mu, 'what other lines say already');
  const byPort = aDigest({ groupLabels: { alertname: 'wmserver-309-port-in-use', port: '80' } });
  assertParts(renderPlainText(aNotification({ digest: byPort })), [
    'group         alertname=wmserver-309-port-in-use, port=80',
  ]);
});

test('a digest that is over says so and gives no advice', () => {
  const digest = aDigest({ count: { open: 0, acknowledged: 0, resolved: 2000 } });
  const message = messageOf(aNotification({ reason: 'resolved', digest }), SHORT);
  assert.deepEqual(
    [message.label, message.headline, message.guide],
    ['RESOLVED', 'All 2,000 incidents resolved.', undefined],
  );
  const byResolver = [
    { value: 'evidence', count: 1990 },
    { value: 'anna', count: 10 },
  ];
  const end = { atMs: digest.sinceMs + 2_400_000, byResolver };
  assertParts(renderPlainText(aNotification({ reason: 'resolved', digest: { ...digest, end } })), [
    'All 2,000 incidents resolved, the last 40 min after the first began.',
    'resolved by   evidence (1,990), anna (10)',
  ]);
});

test('the subject does not change while an incident lives, nor with the size of a group', () => {
  const titles = happenings
    .filter(([reason]) => reason !== 'test')
    .map(([reason, parts]) => messageOf(aNotification({ reason, incident: inState(parts) }), SHORT).subject);
  assert.equal(new Set(titles).size, 1);
  const groups = [1, 2000].map((open) => aDigest({ hostCount: open, count: { open, acknowledged: 0, resolved: 0 } }));
  assert.equal(new Set(groups.map((digest) => messageOf(aNotification({ digest }), SHORT).subject)).size, 1);
});

test('in the title of a group the name gives way to the figures', () => {
  const { incident } = aNotification();
  const named = { ...incident, entity: { ...incident.entity, ruleName: 'n'.repeat(300) } };
  const { title } = messageOf(aNotification({ incident: named, digest: aDigest() }), SHORT);
  assert.match(title, /^n{20,}…: 1,000 hosts, port 80 \(1,500, likely IIS .*\), port 554 \(500\)$/u);
  assert.ok(title.length <= 200);
});

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`${name}: moves no cursor, breaks no line, turns no text around and is bounded`, () => {
    const plain = renderPlainText(hostileNotification(text));
    const found = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u.exec(plain);
    assert.equal(found, null);
    assert.ok(plain.length < 70_000, String(plain.length));
  });
}

test('only absolute http and https addresses become links, and none of their characters is markup', () => {
  for (const url of [
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    'x',
    'https://user:pass@example.org/',
  ])
    assert.equal(safeUrl(url), undefined, url);
  assert.equal(safeUrl(`https://example.org/${'a'.repeat(3000)}`), undefined);
  assert.equal(safeUrl('https://example.org/?a=1&b=2#c'), 'https://example.org/?a=1&b=2#c');
  assert.doesNotMatch(safeUrl('https://example.org/<b>"\'|`*x y') ?? '', /[<>"'|`*\s]/u);
});

test('spans and times are said in words', () => {
  assert.deepEqual([0, 1000, 61_000, 3_600_000, 90_061_000].map(spanText), [
    'less than a second',
    '1 s',
    '1 min 1 s',
    '1 h',
    '1 d 1 h',
  ]);
  assert.equal(timeText(Number.NaN), 'at an unknown time');
});

test('what was over before anybody was notified says from when to when (alertmanager 2398, 662)', () => {
  const incident = inState({ state: 'resolved', resolvedBy: 'kim', resolvedAtMs: START_MS + 60_000 });
  const { headline: happened } = messageOf(aNotification({ reason: 'resolved', isFirst: true, incident }), SHORT);
  assert.equal(
    happened,
    'It was open from 2026-03-01 10:00:00 UTC to 2026-03-01 10:01:00 UTC, and resolved by kim before the first notification.',
  );
  const digest = aDigest({ count: { open: 0, acknowledged: 0, resolved: 9 } });
  const group = messageOf(aNotification({ reason: 'resolved', isFirst: true, incident, digest }), SHORT);
  assert.equal(group.headline, 'All 9 incidents resolved. They were over before the first notification.');
});

function commands(...asked: Parameters<typeof commandHintsOf>): readonly string[] {
  return commandHintsOf(...asked).map(({ command }) => command);
}

test('commands to take and to silence an incident; none when it is over', () => {
  const silence = `foghorn silences add 'incident_id="abc"' --for 1h --comment 'seen'`;
  assert.deepEqual(commands(aNotification(), 'firing'), ['foghorn incidents ack abc', silence]);
  assert.deepEqual(commands(aNotification(), 'acknowledged'), [silence]);
  assert.deepEqual(commands(aNotification(), 'resolved'), []);
  assert.deepEqual(commands(aNotification({ reason: 'test' }), 'firing'), []);
  const [dashed] = commands(aNotification({ incident: inState({ id: '-a_b' }) }), 'firing');
  assert.equal(dashed, 'foghorn incidents ack -- -a_b');
});

test('commands for a group: acknowledged by the group’s own id, silenced by what it is grouped by, never with what a shell would act on [alerting 18]', () => {
  const of = (groupLabels: Readonly<Record<string, string>>, id = 'storm') =>
    commands(aNotification({ digest: aDigest({ groupLabels, id }) }), 'firing');
  const acknowledge = 'foghorn incidents ack --group=storm:1:4';
  assert.deepEqual(of({ rule: 'wmserver-309', port: '80' }), [
    acknowledge,
    `foghorn silences add 'rule="wmserver-309"' 'port="80"' --for 1h --comment 'seen'`,
  ]);
  assert.deepEqual(of({ team: 'media' }), [
    acknowledge,
    `foghorn silences add 'team="media"' --for 1h --comment 'seen'`,
  ]);
  assert.deepEqual(of({}), [acknowledge]);
  for (const value of [...Object.values(HOSTILE), `x'; rm -rf ~; '`, '$(x)', '*', 'a\nb', '']) {
    assert.deepEqual(of({ host: value }), [acknowledge], value.slice(0, 40));
    assert.deepEqual(of({}, value), [], value.slice(0, 40));
  }
});

test('commands go where they can be typed: a file and programs have them, a reader elsewhere has a link [issue 17 §2]', () => {
  const ofGroup = { digest: aDigest({ groupLabels: { rule: 'x' } }) };
  for (const parts of [{}, ofGroup]) {
    const notification = aNotification(parts);
    const pageless = aNotification({ ...parts, page: '' });
    const elsewhere = {
      mail: (one: Notification) => emailOf(one, 'example.org').text,
      html: (one: Notification) => emailOf(one, 'example.org').html.replaceAll('&quot;', '"').replaceAll('&#39;', "'"),
      teams: teamsBody,
      'slack-webhook': (one: Notification) => JSON.stringify(slackPostOf(one, { isInteractive: false })),
    };
    const always = {
      text: renderPlainText(notification),
      webhook: JSON.stringify(webhookBody(notification, 'x')),
      alertmanager: JSON.stringify(alertOf(notification)),
      ...Object.fromEntries(Object.entries(elsewhere).map(([form, render]) => [`${form}, no page`, render(pageless)])),
    };
    for (const [form, text] of Object.entries(always)) {
      assert.match(text, /foghorn incidents ack (?:abc|--group=storm:1:4)/u, form);
      assert.match(text, /foghorn silences add '/u, form);
    }
    const never = {
      pagerduty: JSON.stringify(pagerdutyEvent(notification)),
      slack: JSON.stringify(slackPostOf(notification, { isInteractive: true })),
      ...Object.fromEntries(Object.entries(elsewhere).map(([form, render]) => [form, render(notification)])),
    };
    for (const [form, text] of Object.entries(never)) {
      assert.doesNotMatch(text, /foghorn (?:incidents|silences) /u, form);
      assert.match(text, /https:\/\/foghorn\.example\.org\/incidents\/abc/u, form);
    }
  }
});

test('a message names who sent the events, and a clock that is off [security H2, alerting 1]', () => {
  const { incident } = aNotification({});
  const notified = (more: Partial<typeof incident>): string =>
    renderPlainText({ ...aNotification({}), incident: { ...incident, ...more } });
  assertParts(notified({ senders: [{ name: 'agent-web', agent: 'Winlogbeat/8.19' }, { name: '10.0.0.7' }] }), [
    'agent-web (Winlogbeat/8.19), 10.0.0.7',
  ]);
  assertParts(notified({ clock: { skewMs: -360_000, isSettled: true } }), ['the clock of media01 is 6 min behind']);
  assertParts(notified({ clock: { skewMs: -360_000, isSettled: false } }), [
    'events of media01 come 6 min late, or its clock is behind',
  ]);
  assertParts(notified({ clock: { skewMs: 86_400_000, isSettled: false } }), ['the clock of media01 is 1 d ahead']);
  assert.doesNotMatch(notified({ clock: { skewMs: -900, isSettled: true } }), /clock/u);
});

test('the end says what proved it, how long it took, who acknowledged it and what was noted in this episode [issue 17 §2]', () => {
  const moment = { atMs: START_MS, receivedAtMs: START_MS, correctedMs: START_MS };
  const note = (id: string, atMs: number, text: string) => ({ id, atMs, author: 'ben', text });
  const incident = inState({
    state: 'resolved',
    resolvedBy: 'system',
    resolvedAtMs: START_MS + 7_200_000,
    clearedBy: { ...moment, evidence: 'WMServer event 311 of media01, sent by agent-x' },
    acknowledgedBy: 'anna',
    timeToAcknowledgeMs: 180_000,
    stepsDone: [{ step: 'repair.1.1', text: 'Open the console.', by: 'ben', atMs: START_MS }],
    notes: [
      note('1', START_MS - 1, 'From the episode before.'),
      note('2', START_MS, 'IIS holds it.'),
      note('3', START_MS + 1, 'Moved IIS.'),
      note('4', START_MS + 2, 'Streams run.'),
    ],
  });
  const text = renderPlainText(aNotification({ reason: 'resolved', incident }));
  assertParts(text.replaceAll(/\n +/gu, ' '), [
    'Resolved after 2 h, by WMServer event 311 of media01, sent by agent-x.',
    'acknowledged  by anna, 3 min after it began',
    'done          Open the console. (ben, 2026-03-01 10:00:00 UTC)',
    'note          IIS holds it. (ben',
    'note          Moved IIS. (ben',
    'note          Streams run. (ben',
    'open          https://foghorn.example.org/incidents/abc',
  ]);
  assert.doesNotMatch(text, /From the episode before|repair|then check|meaning|event says|article/u);
});

test('a test names no fault and asks for nothing, in every form [issue 17 §2]', () => {
  const notification = aNotification({ reason: 'test', page: 'https://foghorn.example.org' });
  const forms = {
    text: renderPlainText(notification),
    html: htmlOf(messageOf(notification, SHORT), 'x'),
    teams: teamsBody(notification),
    slack: JSON.stringify(slackPostOf(notification, { isInteractive: true })),
    webhook: JSON.stringify(webhookBody(notification, 'x')),
    pagerduty: JSON.stringify(pagerdutyEvent(notification)),
    alert: JSON.stringify(alertOf(notification)),
  };
  for (const [form, text] of Object.entries(forms)) {
    assert.match(text, /Test message for x/u, form);
    assert.match(text, /nothing is wrong/u, form);
    assert.match(text, /https:\/\/foghorn\.example\.org/u, form);
    assert.doesNotMatch(text, /\bport\b|media01|WMServer|309|"error"|foghorn incidents/iu, form);
  }
});

test('where other events name the likely cause, the page of an email asks nobody to find it out', () => {
  const causes = [{ incidentId: 'def', text: 'HTTP.sys holds it.', event: 'HTTP.sys 15005', lastSeenMs: START_MS }];
  const page = (suspectedCauses: typeof causes) => htmlOf(messageOf(aNotification({ suspectedCauses }), SHORT), 'x');
  assert.match(page([]), /Find out[^]*netstat -ano/u);
  assert.match(page([]), /Another program holds port 80/u);
  assert.doesNotMatch(page(causes), /Find out|netstat -ano|Another program holds port 80/u);
  assert.match(page(causes), /HTTP\.sys holds it[^]*Open the console/u);
  const notes = ['1', '2'].map((id) => ({ id, atMs: START_MS, author: 'ben', text: 'IIS is new.' }));
  const incident = inState({ assignee: 'anna', notes });
  const full = htmlOf(messageOf(aNotification({ incident }), SHORT), 'x');
  assert.doesNotMatch(full, /Another program holds port 80/u, 'many facts take the room of the summary');
  assert.match(full, /IIS is new[^]*Find out[^]*netstat -ano/u);
});

test('the label and the value stand apart, however long the label is', () => {
  const causes = [{ incidentId: 'def', text: 'HTTP.sys holds it.', event: 'HTTP.sys 15005', lastSeenMs: START_MS }];
  const text = renderPlainText(aNotification({ suspectedCauses: causes }));
  assertParts(text, ['likely cause  HTTP.sys 15005']);
});

test('a short message shows the steps that the entry marks, in order, from 1; a long one all [issue 17 §2]', () => {
  const { incident } = aNotification();
  const steps = [1, 2, 3, 4, 5].map((number) => ({
    text: `Step ${number}.`,
    ...([2, 5].includes(number) ? { isKey: true as const } : {}),
  }));
  const remediation = { ...incident.remediation, options: [{ title: 'Another port', steps }], verification: steps };
  const notification = aNotification({ incident: { ...incident, remediation } });
  const shown = (depth: typeof SHORT) => messageOf(notification, depth).guide;
  for (const guide of [shown(SHORT)?.options[0], shown(SHORT)?.verification]) {
    assert.deepEqual(
      guide?.steps.map(({ number, text }) => `${number} ${text}`),
      ['1 Step 2.', '2 Step 5.'],
    );
    assert.equal(moreText(guide, { rest: 'in the thread' }), '3 more steps in the thread');
  }
  assert.deepEqual([shown(LONG)?.verification.steps.length, shown(LONG)?.verification.moreSteps], [5, 0]);
  assertParts(renderPlainText(notification), [
    '1. Step 2.',
    '2. Step 5.',
    '… 3 more steps on the page of the incident',
  ]);
  const ofGroup = { ...notification, digest: aDigest() };
  const forms = [
    renderPlainText(ofGroup),
    htmlOf(messageOf(ofGroup, SHORT), 'x'),
    teamsBody(ofGroup),
    JSON.stringify(slackPostOf(ofGroup, { isInteractive: false }).message),
    JSON.stringify(pagerdutyEvent(ofGroup)),
  ];
  for (const form of forms) assertParts(form, ['3 more steps on the page of each incident']);
  const inThread = slackPostOf(ofGroup, { isInteractive: true });
  assertParts(JSON.stringify(inThread.message), ['3 more steps in the thread']);
  assertParts(JSON.stringify(inThread.whole), ['Step 4.']);
  const edited = { ...ofGroup, previousReference: 'C012345:1.2' };
  assertParts(JSON.stringify(slackPostOf(edited, { isInteractive: true }).message), [
    '3 more steps on the page of each incident',
  ]);
  const alone = { ...notification, previousReference: 'C012345:1.2' };
  assertParts(JSON.stringify(slackPostOf(alone, { isInteractive: true }).message), ['3 more steps in the thread']);
  assert.match(htmlOf(messageOf(notification, SHORT), 'x'), /<li[^>]* value="2">Step 5\./u);
});

test('an escalation says which step it is, and who has not reacted, alone and in a group [issue 17 §2]', () => {
  const escalation = { step: 2, unanswered: ['ops', 'mail'] };
  const incident = inState({ escalatedAtMs: START_MS + 900_000, assignee: 'anna' });
  const headline = (parts: Partial<Parameters<typeof messageOf>[0]>) =>
    messageOf(aNotification({ reason: 'escalated', incident, escalation, ...parts }), SHORT).headline;
  const begin = 'Escalation, step 2, after no reaction from ops, mail, though it is assigned to anna.';
  assert.equal(headline({}), `${begin} Nobody has acknowledged it for 15 min.`);
  assert.ok(headline({ digest: aDigest() }).startsWith(`${begin} 1,990 incidents open`));
  const many = Array.from({ length: 7 }, (_, index) => `r${index}`);
  assert.match(headline({ escalation: { step: 1, unanswered: many } }), /from r0, r1, r2, r3, r4, 2 more, though/u);
  assert.match(headline({ escalation: { step: 1, unanswered: [] } }), /^Escalation, step 1, though/u);
});

test('the end says in whose words it was resolved, and nothing where there are none [issue 17 §2]', () => {
  const headline = (resolution?: string): string => {
    const parts = resolution === undefined ? {} : { resolution };
    const incident = inState({ state: 'resolved', resolvedBy: 'anna', resolvedAtMs: START_MS + 60_000, ...parts });
    return messageOf(aNotification({ reason: 'resolved', incident }), SHORT).headline;
  };
  assert.equal(headline('IIS moved to port 8080'), 'Resolved by anna after 1 min: IIS moved to port 8080.');
  assert.equal(headline(), 'Resolved by anna after 1 min.');
});

test('a message says how long ago things were when it is sent, and one that stands for the state does not', () => {
  const { firstSeenMs } = aNotification().incident;
  const seen = inState({ episodeCount: 3, lastSeenMs: firstSeenMs + 60_000 });
  const facts = (depth: GuideDepth, nowMs: number): readonly string[] =>
    messageOf(aNotification({ incident: seen, nowMs }), depth)
      .facts.filter(({ label }) => ['Since', 'Seen'].includes(label))
      .map(({ value }) => value);
  assert.deepEqual(facts(SHORT, firstSeenMs + 300_000), [
    '2026-03-01 10:00:00 UTC, 5 min ago',
    '3 times in 1 min, last at 2026-03-01 10:01:00 UTC, 4 min ago',
  ]);
  const aheadOfUs = ['2026-03-01 10:00:00 UTC', '3 times in 1 min, last at 2026-03-01 10:01:00 UTC'];
  assert.deepEqual(facts(SHORT, firstSeenMs - 1), aheadOfUs);
  assert.deepEqual(facts(STANDING.short, firstSeenMs + 300_000), aheadOfUs);
  const minute = (count: number): number => firstSeenMs + count * 60_000;
  const busy = inState({
    state: 'resolved',
    notes: [{ id: '1', atMs: minute(1), author: 'ben', text: 'IIS.' }],
    stepsDone: [{ step: 'repair.1.1', text: 'Open it.', by: 'ben', atMs: minute(2) }],
    staleSinceMs: minute(3),
    lastReceivedMs: minute(3),
    snoozedUntilMs: minute(65),
    flapping: { episode: 1, count: 4, sinceMs: minute(4), quietForMs: 60_000 },
  });
  const causes = [{ incidentId: 'def', text: 'HTTP.sys.', event: 'HTTP.sys 15005', lastSeenMs: minute(4) }];
  const all = messageOf(aNotification({ incident: busy, suspectedCauses: causes, nowMs: minute(5) }), SHORT).facts;
  const agesOf = (label: string): readonly (string | undefined)[] =>
    all
      .filter((fact) => fact.label === label)
      .map(({ value }) => / UTC, (?<age>[^:;)]*)/u.exec(value)?.groups?.['age']);
  assert.deepEqual(['Note', 'Done', 'Stale', 'Snoozed', 'Flapping', 'Likely cause'].flatMap(agesOf), [
    '4 min ago',
    '3 min ago',
    '2 min ago',
    'in 1 h',
    '1 min ago',
    '1 min ago',
  ]);
  const digest = aDigest({ sinceMs: firstSeenMs });
  const ofGroup = messageOf(aNotification({ digest, nowMs: firstSeenMs + 300_000 }), SHORT).facts;
  assert.ok(ofGroup.some(({ value }) => value === '2026-03-01 10:00:00 UTC, 5 min ago'));
});

test('a link that acknowledges is the first button, above the facts', () => {
  const acknowledgeUrl = 'https://foghorn.example.org/acknowledge/a.b';
  const notification = aNotification({ acknowledgeUrl });
  const html = htmlOf(messageOf(notification, SHORT), 'x');
  assert.deepEqual(
    [...html.matchAll(/<a [^>]*>(?<title>[^<]*)</gu)].map(({ groups }) => groups?.['title']),
    ['Acknowledge', 'Open the incident', 'Article'],
  );
  assert.ok(html.indexOf(acknowledgeUrl) < html.indexOf('>Where<'), 'what to press is above the facts');
  assertParts(renderPlainText(notification), [`acknowledge   ${acknowledgeUrl}`, 'foghorn incidents ack abc']);
  const card = JSON.parse(teamsBody(aNotification({ acknowledgeUrl, digest: aDigest() }))) as {
    readonly attachments: readonly [
      { readonly content: { readonly body: readonly { readonly actions?: readonly object[] }[] } },
    ];
  };
  const body = card.attachments[0].content.body;
  const [first] = body[2]?.actions ?? [];
  assert.deepEqual(first, { type: 'Action.OpenUrl', title: 'Acknowledge all', url: acknowledgeUrl });
  assert.equal(webhookBody(notification, 'x').acknowledgeUrl, acknowledgeUrl);
  const [button] = slackPostOf(notification, { isInteractive: false }).message.blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements : [],
  );
  assert.ok(button?.type === 'button');
  assert.equal(button.url, acknowledgeUrl);
  for (const other of [
    pagerdutyEvent(notification),
    slackPostOf(notification, { isInteractive: true }),
    alertOf(notification),
  ])
    assert.doesNotMatch(JSON.stringify(other), /\/acknowledge\//u, 'it has a way of its own, or is read by everybody');
});
