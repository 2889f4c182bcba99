// The notifier with real Kafka and Redis and receivers that speak real HTTP: once for each fault,
// whatever dies, hangs or throttles.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT_ONCE } from '../support/at-once.ts';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { SAMPLE_ENTRY } from '../attack/samples.ts';
import { anAlert, anAlertRecord, hosts } from '../support/alerts.ts';
import { startNotifier, type TestNotifier, untilEntries } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const HOSTS = 60;
const EVENTS_OF_A_HOST = 5;

async function untilCounted(notifier: TestNotifier, total: number): Promise<void> {
  await until(`${total} events are counted`, async () => {
    const incidents = [...(await notifier.incidents()).values()];
    return incidents.reduce((sum, { totalCount }) => sum + totalCount, 0) >= total;
  });
}

test('repeats and duplicates change counts, and one message is sent for each incident (kibana 259287, 172192; elastalert 2534, 1076, 2973)', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook), 'local']);
  const numbers = [0, 1, 2, 3, 4];
  const records = hosts(20).flatMap((host) => numbers.map((number) => anAlertRecord({ host, number })));
  await notifier.kafka.producer.send(records);
  await notifier.kafka.producer.send(records);
  await untilCounted(notifier, 100);
  const notified = await untilEntries(notifier, 'notified', 40);
  assert.equal(notified.length, 40);
  assert.ok(notified.every(({ timeToAlertMs }) => timeToAlertMs !== undefined && timeToAlertMs >= 0));
  assert.equal(webhook.requests(), 20);
  assert.equal(notifier.alertsText().split('\ndelivery ').length - 1, 20);
  for (const incident of (await notifier.incidents()).values()) {
    assert.deepEqual([incident.totalCount, incident.episodeCount, incident.episode], [5, 5, 1]);
    assert.equal(incident.lastSeenMs - incident.firstSeenMs, 4000);
  }
  await until('every record is handled', async () => {
    const handled = await notifier.service.metrics('foghorn_alerts_total');
    return [...handled.values()].reduce((sum, value) => sum + value, 0) === 200;
  });
  const effects = await notifier.service.metrics('foghorn_alerts_total');
  assert.equal(effects.get('effect="duplicate",service="notifier"'), 100);
});

test('killed again and again: no incident twice, no event uncounted, no second message (alertmanager 2370, grafana 68162)', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook), 'local'], AT_ONCE);
  const names = hosts(HOSTS);
  for (let number = 0; number < EVENTS_OF_A_HOST; number += 1) {
    await notifier.kafka.producer.send(names.map((host) => anAlertRecord({ host, number })));
    await notifier.service.kill();
    await notifier.service.start();
  }
  await untilCounted(notifier, HOSTS * EVENTS_OF_A_HOST);
  await untilEntries(notifier, 'notified', HOSTS * 2);
  const incidents = await notifier.incidents();
  assert.equal(incidents.size, HOSTS);
  for (const { totalCount, episode, state } of incidents.values())
    assert.deepEqual([totalCount, episode, state], [EVENTS_OF_A_HOST, 1, 'open']);
  assert.equal(webhook.alerts().length, HOSTS, 'one idempotency key for each incident');
  const ids = notifier.alertsText().match(/^delivery .*$/gmu) ?? [];
  assert.equal(ids.length, HOSTS, 'each alert is in the file once');
  assert.equal(new Set(ids).size, HOSTS);
});

test('Redis wiped: rebuilt from Kafka, nobody notified again, counting goes on', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const names = hosts(10);
  await notifier.kafka.producer.send(names.map((host) => anAlertRecord({ host, number: 0 })));
  await untilEntries(notifier, 'notified', 10);
  await notifier.redis.wipe();
  const again = names.flatMap((host) => [0, 1].map((number) => anAlertRecord({ host, number })));
  await notifier.kafka.producer.send(again);
  await notifier.kafka.producer.send([anAlertRecord({ host: 'new.example.org' })]);
  await untilCounted(notifier, 21);
  await untilEntries(notifier, 'notified', 11);
  const incidents = [...(await notifier.incidents()).values()];
  assert.equal(incidents.length, 11);
  assert.equal(
    incidents.reduce((sum, { totalCount }) => sum + totalCount, 0),
    21,
  );
  assert.equal(webhook.requests(), 11);
});

test('the text of a message is that of the entry that the alert names, whatever came after it', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const entries = ['Of old.', 'Of now.'].map((summary) => ({ ...SAMPLE_ENTRY, summary: `${summary} It has {port}.` }));
  const alerts = entries.map((entry, index) => anAlertRecord({ host: `media${index}`, entry }));
  await notifier.kafka.producer.send([...entries.map(encodeEntry), ...alerts]);
  await untilEntries(notifier, 'notified', 2);
  assert.deepEqual(
    webhook
      .alerts()
      .map(({ labels, annotations }) => [labels['host'], annotations['description']?.split('\n')[0]])
      .toSorted(),
    [
      ['media0', 'Of old. It has 80.'],
      ['media1', 'Of now. It has 80.'],
    ],
  );
  const [first] = (await notifier.incidents()).values();
  assert.ok(first !== undefined && JSON.stringify(first).length < 2000, 'a snapshot has no text');
});

test('what was not sent when Redis was wiped is sent afterwards', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'answer', status: 503 });
  const notifier = await startNotifier(t, [hook(webhook)]);
  await notifier.kafka.producer.send(hosts(3).map((host) => anAlertRecord({ host })));
  await until('the receiver was tried', () => webhook.requests() >= 3);
  await notifier.redis.wipe();
  webhook.behave({ kind: 'take' });
  await untilEntries(notifier, 'notified', 3);
  assert.equal(webhook.alerts().length, 3);
});

test('a receiver that hangs delays no other', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'hang' });
  const notifier = await startNotifier(t, [hook(webhook, { timeoutMs: 60_000 }), 'local']);
  await notifier.kafka.producer.send(hosts(20).map((host) => anAlertRecord({ host })));
  await untilEntries(notifier, 'notified', 20);
  assert.equal(webhook.deliveries().length, 0);
});

test('throttled, failing and hanging up: tried again until it is taken, with the same key', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  webhook.behave({ kind: 'answer', status: 429, headers: { 'retry-after': '1' } });
  await notifier.kafka.producer.send([anAlertRecord({ host: 'throttled.example.org' })]);
  await until('throttled', () => webhook.requests() >= 2);
  webhook.behave({ kind: 'answer', status: 500 });
  const before = webhook.requests();
  await until('failed', () => webhook.requests() > before);
  webhook.behave({ kind: 'hang-up' });
  await until('hung up', () => webhook.deliveries().length > 0);
  webhook.behave({ kind: 'take' });
  await untilEntries(notifier, 'notified', 1);
  assert.equal(webhook.alerts().length, 1);
  const unknown = (await notifier.actions()).filter(({ type }) => type === 'delivery_unknown');
  assert.equal(unknown.length, 1);
});

test('refusals are final and recorded; a redirect is not followed', async (t) => {
  const webhook = await startWebhookServer(t);
  const elsewhere = await startWebhookServer(t);
  const inside = await startWebhookServer(t);
  webhook.behave({ kind: 'answer', status: 307, headers: { location: elsewhere.url } });
  const notifier = await startNotifier(t, [hook(webhook), hook(inside, { name: 'inside', allowPrivate: false })]);
  await notifier.kafka.producer.send([anAlertRecord({ host: 'media01.example.org' })]);
  const failed = await untilEntries(notifier, 'delivery_failed', 2);
  assert.equal(elsewhere.requests(), 0);
  assert.equal(inside.requests(), 0);
  assert.match(failed.find(({ receiver }) => receiver === 'hook')?.error ?? '', /HTTP 307/u);
  assert.match(failed.find(({ receiver }) => receiver === 'inside')?.error ?? '', /private address/u);
});

test('an incident that no receiver takes leaves a trace', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook, { minSeverity: 'critical' })]);
  await notifier.kafka.producer.send([anAlertRecord({ host: 'media01.example.org' })]);
  const [row] = await untilEntries(notifier, 'unrouted', 1);
  assert.equal(row?.incidentId, anAlert({ host: 'media01.example.org' }).incidentId);
  assert.match(row?.reason ?? '', /severity error/u);
  assert.equal((await notifier.service.metrics('foghorn_unrouted_total')).get('service="notifier"'), 1);
});

test('an alert that lacks its parts becomes a dead letter and holds up nobody', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const good = anAlertRecord({ host: 'media01.example.org' });
  const bad = { ...good, value: JSON.stringify({ incidentId: 'x' }) };
  await notifier.kafka.producer.send([bad, { ...good, value: 'no JSON' }, good]);
  await untilEntries(notifier, 'notified', 1);
  const dead = await notifier.kafka.readUntil('deadLetters', 2);
  assert.ok(dead.every(({ headers }) => headers['dead-reason'] === 'undecodable'));
});
