// PagerDuty, Teams and Alertmanager: what goes over the wire for each thing that happens, and what
// their own answers mean.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type AlertBody, alertOf } from '../../../../../services/notifier/channels/alert-body.ts';
import { createAlertmanagerChannel } from '../../../../../services/notifier/channels/alertmanager.ts';
import type { Channel } from '../../../../../services/notifier/channels/channel.ts';
import { createPagerdutyChannel, pagerdutyEvent } from '../../../../../services/notifier/channels/pagerduty.ts';
import { createTeamsChannel, teamsBody } from '../../../../../services/notifier/channels/teams.ts';
import type { Notification, SendOutcome } from '../../../../../shared/contracts/notification.ts';
import { aDigest, aNotification, hostileNotification, inState } from '../../../../support/notifications.ts';
import { startWebhookServer } from '../../../../support/webhook-server.ts';

const { signal } = new AbortController();
const NOW_MS = Date.UTC(2026, 2, 5);

async function send(channel: Channel, notification: Notification): Promise<SendOutcome> {
  return await channel.send(channel.render(notification), signal);
}

function pagerduty(url: string, t: TestContext): Channel {
  const channel = createPagerdutyChannel({ routingKey: 'k'.repeat(32), url, timeoutMs: 2000, allowPrivate: true });
  t.after(async () => await channel.close());
  return channel;
}

const acknowledged = inState({ state: 'acknowledged' });
const resolved = inState({ state: 'resolved', resolvedAtMs: NOW_MS });
const over = aDigest({ count: { open: 0, acknowledged: 0, resolved: 9 } });

test('PagerDuty: everything of an episode has one key; each thing that happens its action', () => {
  const events = (
    [
      ['trigger', aNotification()],
      ['trigger', aNotification({ reason: 'repeated' })],
      ['acknowledge', aNotification({ reason: 'acknowledged', incident: acknowledged })],
      ['resolve', aNotification({ reason: 'resolved', incident: resolved })],
    ] as const
  ).map(([action, notification]) => {
    const event = pagerdutyEvent(notification);
    assert.equal(event.event_action, action);
    return event.dedup_key;
  });
  assert.deepEqual([...new Set(events)], ['foghorn-abc-1']);
  assert.equal(pagerdutyEvent(aNotification({ incident: inState({ episode: 2 }) })).dedup_key, 'foghorn-abc-2');
  const digest = pagerdutyEvent(aNotification({ reason: 'updated', digest: aDigest() }));
  assert.deepEqual([digest.event_action, digest.dedup_key], ['trigger', 'foghorn-storm-1']);
  assert.equal(pagerdutyEvent(aNotification({ reason: 'updated', digest: over })).event_action, 'resolve');
  // A test must not touch the alert of a real incident.
  assert.equal(pagerdutyEvent(aNotification({ reason: 'test', incident: resolved })).dedup_key, 'foghorn-abc-1-test');
});

test('PagerDuty: what was over before anybody was notified is triggered, then resolved (alertmanager 2398, 662)', async (t) => {
  const server = await startWebhookServer(t, { status: 202, body: '{"status":"success"}' });
  const channel = pagerduty(server.url, t);
  const unnotified = { reason: 'resolved', isFirst: true } as const;
  await send(channel, aNotification({ ...unnotified, incident: resolved }));
  await send(channel, aNotification({ ...unnotified, digest: over }));
  await send(channel, aNotification({ reason: 'resolved', incident: resolved }));
  const events = server.deliveries().map(({ text }) => JSON.parse(text) as Record<string, string>);
  assert.deepEqual(
    events.map(({ event_action, dedup_key }) => [event_action, dedup_key]),
    [
      ['trigger', 'foghorn-abc-1'],
      ['resolve', 'foghorn-abc-1'],
      ['trigger', 'foghorn-storm-1'],
      ['resolve', 'foghorn-storm-1'],
      ['resolve', 'foghorn-abc-1'],
    ],
  );
});

test('PagerDuty: the key of the integration is sent and not rendered', async (t) => {
  const server = await startWebhookServer(t, { status: 202, body: '{"status":"success"}' });
  const channel = pagerduty(server.url, t);
  assert.doesNotMatch(JSON.stringify(channel.render(aNotification())), /kkkk/u);
  assert.deepEqual(await send(channel, aNotification()), { kind: 'sent', reference: 'foghorn-abc-1' });
  const body = JSON.parse(server.deliveries()[0]?.text ?? '') as {
    routing_key: string;
    payload: { severity: string; source: string; custom_details: Record<string, string> };
  };
  assert.equal(body.routing_key, 'k'.repeat(32));
  assert.deepEqual([body.payload.severity, body.payload.source], ['error', 'media01']);
  assert.match(body.payload.custom_details['remediation'] ?? '', /1\. Use another port\n {3}1\. Open the console\./u);
  assert.match(body.payload.custom_details['causes'] ?? '', /> netstat -ano/u);
});

for (const [status, retryAfter, expected] of [
  [429, undefined, { kind: 'retry', afterMs: 120_000 }],
  [429, '7', { kind: 'retry', afterMs: 7000 }],
  [400, undefined, { kind: 'refused' }],
  [500, undefined, { kind: 'retry' }],
] as const) {
  test(`PagerDuty: HTTP ${status} with Retry-After ${retryAfter ?? 'absent'} means ${expected.kind}`, async (t) => {
    const server = await startWebhookServer(t);
    server.behave({
      kind: 'answer',
      status,
      ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
    });
    const { detail, ...outcome } = (await send(pagerduty(server.url, t), aNotification())) as { detail: string };
    assert.deepEqual(outcome, expected, detail);
  });
}

test('Alertmanager: what burns ends far ahead of now, what is over ends when it was over', async (t) => {
  const server = await startWebhookServer(t, { status: 200, body: '' });
  const settings = {
    headers: { authorization: 'Bearer x' },
    firingForMs: 3_600_000,
    timeoutMs: 2000,
    allowPrivate: true,
  };
  const channel = createAlertmanagerChannel({ ...settings, url: server.url, now: () => NOW_MS });
  t.after(async () => await channel.close());
  await send(channel, aNotification());
  await send(channel, aNotification({ reason: 'resolved', incident: resolved }));
  await send(channel, aNotification({ digest: aDigest() }));
  const [first, second, third] = server.deliveries().map(({ text }) => alertIn(text));
  assert.equal(server.deliveries()[0]?.headers.authorization, 'Bearer x');
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.equal(first.endsAt, '2026-03-05T01:00:00.000Z');
  assert.equal(second.endsAt, '2026-03-05T00:00:00.000Z');
  await send(channel, aNotification({ reason: 'resolved', incident: resolved, isFirst: true }));
  const unnotified = alertIn(server.deliveries()[3]?.text ?? '');
  assert.equal(
    unnotified.endsAt,
    '2026-03-05T00:02:00.000Z',
    'over before anybody was notified: on for long enough to be notified',
  );
  // Alerts with the same labels are one: the end has to meet the beginning.
  assert.deepEqual([first.labels, first.startsAt], [second.labels, second.startsAt]);
  assert.equal(third.labels['alertname'], 'wmserver-309-port-in-use');
  const grown = aDigest({ byRule: [...aDigest().byRule, { value: 'other', count: 1 }], newCount: 9 });
  assert.deepEqual(
    alertOf(aNotification({ digest: grown, incident: inState({ severity: 'critical' }) })).labels,
    third.labels,
  );
  assert.match(String(third.annotations['facts']), /1,000 hosts/u);
});

function alertIn(text: string): AlertBody {
  const [alert] = JSON.parse(text) as readonly AlertBody[];
  assert.ok(alert !== undefined);
  return alert;
}

test('Teams: a card with the facts, the steps and links that only open pages', () => {
  const links = [{ title: 'Console', url: 'https://console.example/i/abc' }];
  const body = teamsBody(aNotification({ links }));
  for (const part of [
    'Port 80 is taken on media01',
    'media01, port 80',
    'netstat -ano',
    'Open the console.',
    'Play a stream.',
    'https://console.example/i/abc',
  ])
    assert.ok(body.includes(part), part);
  const { type, attachments } = JSON.parse(body) as { type: string; attachments: { contentType: string }[] };
  assert.deepEqual([type, attachments[0]?.contentType], ['message', 'application/vnd.microsoft.card.adaptive']);
});

test('Teams: an escalation mentions people by the setting, even where the card is shortened, and no other message does [issue 17 §2]', () => {
  const mention = [
    { id: 'anna@example.org', name: 'Anna Berg' },
    { id: '49c4641c-ab91-4248-aebb-6a7de286397b', name: 'Ben' },
  ];
  const cardOf = (notification: Notification, people = mention) =>
    (
      JSON.parse(teamsBody(notification, people)) as {
        attachments: [{ content: { body: { type: string; text?: string }[]; msteams: { entities?: object[] } } }];
      }
    ).attachments[0].content;
  const { incident } = hostileNotification('<&>'.repeat(20_000));
  for (const escalated of [aNotification({ reason: 'escalated' }), aNotification({ reason: 'escalated', incident })]) {
    const { body, msteams } = cardOf(escalated);
    assert.deepEqual(body[2], { type: 'TextBlock', text: '<at>Anna Berg</at> <at>Ben</at>', wrap: true });
    assert.deepEqual(
      msteams.entities,
      mention.map((person) => ({ type: 'mention', text: `<at>${person.name}</at>`, mentioned: person })),
    );
  }
  for (const other of [cardOf(aNotification()), cardOf(aNotification({ reason: 'escalated' }), [])]) {
    assert.ok(other.body.every(({ type }) => type !== 'TextBlock'));
    assert.equal(other.msteams.entities, undefined);
  }
});

test('Teams: a throttled connector that says so only in its text is recognised', async (t) => {
  const server = await startWebhookServer(t);
  const text = 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429';
  server.behave({ kind: 'answer', status: 200, body: text });
  const channel = createTeamsChannel({ workflowUrl: server.url, timeoutMs: 2000, allowPrivate: true });
  t.after(async () => await channel.close());
  const outcome = await send(channel, aNotification());
  assert.deepEqual([outcome.kind, outcome.kind === 'retry' ? outcome.afterMs : 0], ['retry', 5000]);
});

test('Teams shows six buttons of a set: more of them are in another set, and none is lost', () => {
  const links = Array.from({ length: 5 }, (_, index) => ({ title: `Link ${index}`, url: 'https://example.org/' }));
  const acknowledgeUrl = 'https://foghorn.example.org/acknowledge/a.b';
  const card = JSON.parse(teamsBody(aNotification({ acknowledgeUrl, links }))) as {
    attachments: [{ content: { body: { actions?: { title: string }[] }[] } }];
  };
  const sets = card.attachments[0].content.body.flatMap(({ actions = [] }) => (actions.length > 0 ? [actions] : []));
  assert.deepEqual(
    sets.map((actions) => actions.map(({ title }) => title)),
    [
      ['Acknowledge', 'Open the incident', 'Link 0', 'Link 1', 'Link 2', 'Link 3'],
      ['Link 4', 'Article'],
    ],
  );
});
