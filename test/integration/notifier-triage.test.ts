// What people and evidence do to incidents, with real Kafka and Redis: commands, silences,
// inhibition, clearing, escalation, receivers that fail.
import assert from 'node:assert/strict';
import { anId } from '../support/ids.ts';
import { test } from 'node:test';
import { encodeClearing } from '../../shared/contracts/incident.ts';
import type { Digest } from '../../shared/contracts/notification.ts';
import { AT_ONCE_ROUTE } from '../support/at-once.ts';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { aCommandRecord } from '../support/commands.ts';
import { cornerOf, startNotifier, untilEntries, untilRebuilt } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const HOUR_MS = 3_600_000;
const host = 'media01.example.org';
const { incidentId } = anAlert({ host });

function statuses(webhook: WebhookServer): readonly string[] {
  return webhook.deliveries().map(({ body }) => body.status);
}

test('commands are done once each, with actor and reason, and what cannot be done says why', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const { producer } = notifier.kafka;
  await producer.send([anAlertRecord({ host })]);
  await untilEntries(notifier, 'notified');
  const acknowledge = aCommandRecord({ kind: 'acknowledge', incidentId }, 'c1');
  await producer.send([
    acknowledge,
    acknowledge,
    aCommandRecord({ kind: 'assign', incidentId, assignee: 'lee' }),
    aCommandRecord({ kind: 'note', incidentId, text: 'IIS holds the port' }, 'c3'),
    aCommandRecord({ kind: 'acknowledge', incidentId }),
    aCommandRecord({ kind: 'resolve', incidentId, episode: 7 }),
    aCommandRecord({ kind: 'resolve', incidentId: anId('nothing') }),
    { ...acknowledge, value: '{"kind":"dance","id":"c9"}' },
    aCommandRecord({ kind: 'resolve', incidentId, episode: 1 }),
  ]);
  const [resolved] = await untilEntries(notifier, 'resolved');
  assert.deepEqual([resolved?.actor, resolved?.reason], ['kim', 'a test']);
  await until('the end is notified', () => statuses(webhook).at(-1) === 'resolved');
  assert.deepEqual(statuses(webhook), ['firing', 'resolved']);
  const refused = await untilEntries(notifier, 'refused', 3);
  assert.deepEqual(
    refused.map(({ reason }) => /changes nothing|meant for episode 7|no incident/u.exec(reason)?.[0]).toSorted(),
    ['changes nothing', 'meant for episode 7', 'no incident'],
  );
  const dead = await notifier.kafka.readUntil('deadLetters', 1);
  assert.deepEqual(
    dead.map(({ headers }) => headers['dead-stage']),
    ['notifier-commands'],
  );
  const incident = (await notifier.incidents()).get(incidentId);
  assert.ok(incident !== undefined);
  const { state, acknowledgedBy, assignee, notes, timeToAcknowledgeMs = -1, timeToResolveMs = -1 } = incident;
  assert.deepEqual([state, acknowledgedBy, assignee], ['resolved', 'kim', 'lee']);
  assert.deepEqual(
    notes?.map(({ text }) => text),
    ['IIS holds the port'],
  );
  assert.ok(timeToAcknowledgeMs >= 0 && timeToResolveMs >= timeToAcknowledgeMs);
});

test('a silence is checked when sending, leaves a trace, outlives a wiped Redis, and its end notifies of what is still on', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const { producer } = notifier.kafka;
  const nowMs = Date.now();
  const silence = {
    id: 's1',
    matchers: [`host="${host}"`],
    author: 'kim',
    comment: 'disks',
    startsAtMs: nowMs,
    endsAtMs: nowMs + HOUR_MS,
  };
  await producer.send([aCommandRecord({ kind: 'silence', silence })]);
  await untilEntries(notifier, 'silence_created');
  await notifier.redis.wipe();
  await untilRebuilt(notifier);
  await producer.send([anAlertRecord({ host }), anAlertRecord({ host: 'other.example.org' })]);
  const [row] = await untilEntries(notifier, 'suppressed');
  assert.match(row?.reason ?? '', /silenced by kim.*disks/u);
  await untilEntries(notifier, 'notified');
  assert.equal(webhook.requests(), 1);
  await producer.send([aCommandRecord({ kind: 'expire_silence', silenceId: 's1' })]);
  await untilEntries(notifier, 'notified', 2);
  assert.equal((await untilEntries(notifier, 'suppressed')).length, 1, 'said once');
});

test('fired and cleared under a silence: nobody is notified of either, and both leave a trace (alertmanager 2398, 662)', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const { producer } = notifier.kafka;
  const nowMs = Date.now();
  const silence = {
    id: 's1',
    matchers: ['severity="error"'],
    author: 'kim',
    comment: 'x',
    startsAtMs: nowMs,
    endsAtMs: nowMs + HOUR_MS,
  };
  await producer.send([aCommandRecord({ kind: 'silence', silence })]);
  await untilEntries(notifier, 'silence_created');
  await producer.send([anAlertRecord({ host })]);
  await untilEntries(notifier, 'suppressed');
  await producer.send([aCommandRecord({ kind: 'resolve', incidentId })]);
  const [row] = await untilEntries(notifier, 'superseded');
  assert.match(row?.reason ?? '', /nobody was notified/u);
  assert.equal(webhook.requests(), 0);
});

test('Redis wiped before the end was notified: it is sent to who knew of the beginning, and to nobody else', async (t) => {
  const [webhook, quiet] = [await startWebhookServer(t), await startWebhookServer(t)];
  const notifier = await startNotifier(t, [hook(webhook), hook(quiet, { name: 'quiet', minSeverity: 'critical' })]);
  const { producer } = notifier.kafka;
  await producer.send([anAlertRecord({ host })]);
  await untilEntries(notifier, 'notified');
  webhook.behave({ kind: 'answer', status: 503 });
  await producer.send([aCommandRecord({ kind: 'resolve', incidentId })]);
  await until('the end was tried', () => webhook.requests() >= 2);
  await notifier.redis.wipe();
  webhook.behave({ kind: 'take' });
  await until('the end is notified', () => statuses(webhook).at(-1) === 'resolved');
  assert.deepEqual([statuses(webhook), quiet.requests()], [['firing', 'resolved'], 0]);
});

test('an incident hides others of its host while it lasts (uptime-kuma 1137)', async (t) => {
  const webhook = await startWebhookServer(t);
  const inhibitRules = [{ source_matchers: ['port="554"'], target_matchers: ['port="80"'], equal: ['host'] }];
  const notifier = await startNotifier(t, [hook(webhook)], {
    FOGHORN_NOTIFIER_INHIBIT_RULES: JSON.stringify(inhibitRules),
  });
  await notifier.kafka.producer.send([anAlertRecord({ host, port: 554 })]);
  await untilEntries(notifier, 'notified');
  await notifier.kafka.producer.send([anAlertRecord({ host }), anAlertRecord({ host: 'other.example.org' })]);
  const [row] = await untilEntries(notifier, 'suppressed');
  assert.equal(row?.incidentId, incidentId);
  await untilEntries(notifier, 'notified', 2);
  assert.equal(webhook.requests(), 2);
});

test('an event that clears resolves what it clears, also when it comes first, and nothing newer', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const { producer } = notifier.kafka;
  const alert = anAlert({ host, number: 5 });
  const clearing = {
    kind: 'clearing',
    ruleId: alert.match.ruleId,
    host,
    params: { port: 80 },
    eventId: anId('cleared'),
    atMs: Date.parse(String(alert.document['@timestamp'])) + 1000,
    receivedAtMs: Date.now(),
    evidence: 'WMServer event 1',
  } as const;
  await producer.send([encodeClearing(clearing)]);
  await until('the evidence is read', async () => {
    const read = await notifier.service.metrics('foghorn_records_read_total');
    return [...read].some(([labels, value]) => labels.includes('stage="notifier"') && value >= 1);
  });
  await producer.send([anAlertRecord({ host, number: 5 }), anAlertRecord({ host, port: 554, number: 5 })]);
  const [row] = await untilEntries(notifier, 'resolved');
  assert.deepEqual([row?.incidentId, row?.reason], [incidentId, 'cleared by WMServer event 1']);
  await producer.send([anAlertRecord({ host, number: 60 })]);
  await untilEntries(notifier, 'reopened');
  const states = [...(await notifier.incidents()).values()].map(({ state }) => state);
  assert.deepEqual(states, ['open', 'open']);
});

test('quiet for long enough after the evidence: resolved by the clock, also over a kill', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const alert = anAlert({ host });
  const clearing = {
    kind: 'clearing',
    incidentId,
    ruleId: alert.match.ruleId,
    host,
    params: {},
    eventId: anId('cleared'),
    atMs: Date.now(),
    receivedAtMs: Date.now(),
    evidence: 'a start of the service',
    quietForMs: 2000,
  } as const;
  await notifier.kafka.producer.send([anAlertRecord({ host }), encodeClearing(clearing)]);
  await untilEntries(notifier, 'recovering');
  await notifier.service.kill();
  await notifier.service.start();
  const [row] = await untilEntries(notifier, 'resolved');
  assert.match(row?.reason ?? '', /a start of the service, and quiet since/u);
});

test('nobody acknowledges: others are notified in time, and of the end too; an acknowledgement stops it', async (t) => {
  const [first, second] = [await startWebhookServer(t), await startWebhookServer(t)];
  const notifier = await startNotifier(t, [hook(first), hook(second, { name: 'second' })], {
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify({
      ...AT_ONCE_ROUTE,
      receiver: 'hook',
      escalate: [{ after: '15s', receivers: ['second'] }],
    }),
  });
  const { producer } = notifier.kafka;
  const other = anAlert({ host: 'other.example.org' }).incidentId;
  await producer.send([anAlertRecord({ host }), anAlertRecord({ host: 'other.example.org' })]);
  await untilEntries(notifier, 'opened', 2);
  await producer.send([aCommandRecord({ kind: 'acknowledge', incidentId: other })]);
  const [row] = await untilEntries(notifier, 'escalated');
  assert.equal(row?.incidentId, incidentId);
  await until('the second is notified', () => second.requests() === 1);
  await producer.send([incidentId, other].map((id) => aCommandRecord({ kind: 'resolve', incidentId: id })));
  await until('the end is notified', () => statuses(second).at(-1) === 'resolved');
  await until('to the first, of both', () => statuses(first).filter((status) => status === 'resolved').length === 2);
  assert.equal(second.requests(), 2);
});

test('snoozed: notified when it wakes, unless it is over by then', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const { producer } = notifier.kafka;
  await producer.send([anAlertRecord({ host })]);
  await untilEntries(notifier, 'notified');
  await producer.send([aCommandRecord({ kind: 'snooze', incidentId, untilMs: Date.now() + 2000 })]);
  await untilEntries(notifier, 'snooze_ended');
  await untilEntries(notifier, 'notified', 2);
  assert.deepEqual(statuses(webhook), ['firing', 'firing']);
});

test('a receiver that refuses for good is reported to another; what failed can be sent again (cloud-platform 3541; alertmanager 3727)', async (t) => {
  const [broken, sound] = [await startWebhookServer(t), await startWebhookServer(t)];
  broken.behave({ kind: 'answer', status: 404 });
  const notifier = await startNotifier(t, [hook(broken, { name: 'broken' }), hook(sound, { name: 'sound' })]);
  const { producer } = notifier.kafka;
  await producer.send([anAlertRecord({ host })]);
  await until('the other is notified', () =>
    sound.alerts().some(({ labels }) => labels['alertname'] === 'foghorn-receiver-failing'),
  );
  assert.equal(broken.deliveries().length, 0);
  broken.behave({ kind: 'take' });
  await producer.send([aCommandRecord({ kind: 'redrive', receiver: 'broken' })]);
  await until('what failed arrives', () => broken.deliveries().length === 1);
  const [row] = await untilEntries(notifier, 'redelivered');
  assert.match(row?.reason ?? '', /^1 failed/u);
  await until('it is over', () => statuses(sound).includes('resolved'));
});

test('a receiver gets no more in a minute than it wants, and what waits is not lost', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook, { maxPerMinute: 3 })]);
  const names = Array.from({ length: 6 }, (_, index) => `media${index}.example.org`);
  await notifier.kafka.producer.send(names.map((name) => anAlertRecord({ host: name })));
  await untilEntries(notifier, 'notified', 3);
  await until('the others wait', async () => {
    const jobs = await notifier.service.metrics('foghorn_queue_jobs');
    return [...jobs].some(([labels, value]) => /state="(?:waiting|delayed)"/u.test(labels) && value === 3);
  });
  assert.equal(webhook.requests(), 3);
  await until('they come in the next minute', () => webhook.requests() === 6, 120_000);
});

test('another configuration over a restart: no incident changes, nobody is notified again', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  await notifier.kafka.producer.send([anAlertRecord({ host })]);
  await untilEntries(notifier, 'notified');
  const before = JSON.stringify([...(await notifier.incidents()).values()]);
  await notifier.service.stop();
  const route = { receiver: 'hook', group_by: ['rule'], group_wait: '0s', group_interval: '1s' };
  const again = await startNotifier(t, [hook(webhook)], {
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify(route),
    ...cornerOf(notifier),
  });
  assert.equal(JSON.stringify([...(await notifier.incidents()).values()]), before);
  await notifier.kafka.producer.send([anAlertRecord({ host: 'new.example.org' })]);
  await until('the new one is notified', () => webhook.deliveries().length > 1);
  const { digest } = JSON.parse(webhook.deliveries()[1]?.text ?? '') as { readonly digest?: Digest };
  assert.deepEqual([digest?.count.open, digest?.newCount], [2, 1], 'as news only the one that is new');
  const both = [incidentId, anAlert({ host: 'new.example.org' }).incidentId];
  await notifier.kafka.producer.send(both.map((id) => aCommandRecord({ kind: 'resolve', incidentId: id })));
  await until('the end is notified', () => statuses(webhook).includes('resolved'));
  await again.service.stop();
});

test('another configuration in the middle of a group wait: who was not notified is notified by the new routes', async (t) => {
  const webhook = await startWebhookServer(t);
  const waiting = { receiver: 'hook', group_by: ['rule'], group_wait: '1h' };
  const notifier = await startNotifier(t, [hook(webhook)], { FOGHORN_NOTIFIER_ROUTE: JSON.stringify(waiting) });
  await notifier.kafka.producer.send([anAlertRecord({ host })]);
  await untilEntries(notifier, 'opened');
  await notifier.service.stop();
  const route = { receiver: 'hook', group_by: ['host'], group_wait: '0s' };
  const again = await startNotifier(t, [hook(webhook)], {
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify(route),
    ...cornerOf(notifier),
  });
  await untilEntries(notifier, 'notified');
  assert.deepEqual(statuses(webhook), ['firing']);
  await again.service.stop();
});
