// Groups with real Kafka and Redis: a storm is one digest, timers outlive a kill, a wiped Redis
// repeats nothing, the end leaves at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../shared/contracts/enriched-event.ts';
import type { PortTally } from '../../shared/contracts/notification.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { anAlert, anAlertRecord, hosts } from '../support/alerts.ts';
import { aCommandRecord, resolveRecord } from '../support/commands.ts';
import { cornerOf, startNotifier, type TestNotifier, untilRebuilt } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const STORM_HOSTS = 2000;

interface DigestBody {
  readonly digest: {
    readonly count: { readonly open: number; readonly acknowledged: number; readonly resolved: number };
    readonly newCount: number;
    readonly suppressedCount: number;
    readonly hostCount: number;
    readonly revision: number;
    readonly byPort: readonly PortTally[];
  };
}

function grouped(route: Readonly<Record<string, unknown>>) {
  return { FOGHORN_NOTIFIER_ROUTE: JSON.stringify({ receiver: 'hook', group_by: ['rule'], ...route }) };
}

function withSeverity(record: OutRecord, severity: string): OutRecord {
  const alert = JSON.parse(String(record.value)) as Alert;
  const match = { ...alert.match, remediation: { ...alert.match.remediation, severity } };
  return { ...record, value: JSON.stringify({ ...alert, match }) };
}

function digests(webhook: WebhookServer): readonly DigestBody['digest'][] {
  return webhook.deliveries().map(({ text }) => (JSON.parse(text) as DigestBody).digest);
}

async function untilOpen(webhook: WebhookServer, open: number): Promise<void> {
  await until(`a digest of ${open}`, () => digests(webhook).at(-1)?.count.open === open);
}

async function untilNotified(notifier: TestNotifier, count: number, limitMs?: number): Promise<void> {
  const isNotified = async (): Promise<boolean> => {
    const rows = (await notifier.actions()).filter(({ type }) => type === 'notified');
    return new Set(rows.map(({ incidentId }) => incidentId)).size >= count;
  };
  await until(`${count} incidents were notified`, isNotified, limitMs);
}

test('2,000 hosts at once: one digest for each group, every incident has its row (uptime-kuma 1137, 2500, 4779, 5452; kibana 68828)', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)], grouped({ group_wait: '10s', group_interval: '5s' }));
  const begin = Date.now();
  await notifier.kafka.producer.send(
    hosts(STORM_HOSTS).map((host, index) => anAlertRecord({ host, port: index % 2 === 0 ? 80 : 554 })),
  );
  await untilOpen(webhook, STORM_HOSTS);
  t.diagnostic(`${webhook.requests()} messages, the first after ${(webhook.deliveries()[0]?.atMs ?? 0) - begin} ms`);
  assert.ok(webhook.requests() <= 3, `${webhook.requests()} messages`);
  const last = digests(webhook).at(-1);
  assert.equal(last?.hostCount, STORM_HOSTS);
  assert.deepEqual(last.byPort, [
    { value: '554', count: STORM_HOSTS / 2, hostCount: STORM_HOSTS / 2 },
    { value: '80', count: STORM_HOSTS / 2, hostCount: STORM_HOSTS / 2 },
  ]);
  await untilNotified(notifier, STORM_HOSTS);
  assert.equal((await notifier.incidents()).size, STORM_HOSTS);
});

test('uptime-kuma#1137, without any route, killed in the storm: 20 are notified at once, the rest in a digest, what is critical by itself', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const names = hosts(300);
  const critical = withSeverity(anAlertRecord({ host: 'critical.example.org' }), 'critical');
  await notifier.kafka.producer.send([...names.map((host) => anAlertRecord({ host })), critical]);
  await until('the first are notified', () => webhook.deliveries().length > 0);
  await notifier.service.kill();
  await notifier.service.start();
  // Who comes after the first digest waits a minute for the next.
  await untilNotified(notifier, 301, 150_000);
  const bodies = (): readonly Partial<DigestBody>[] =>
    webhook.deliveries().map(({ text }) => JSON.parse(text) as Partial<DigestBody>);
  const alone = webhook.alerts().filter(({ labels }) => labels['incident_id'] !== undefined);
  const together = bodies().flatMap(({ digest }) => digest ?? []);
  t.diagnostic(`${alone.length} incidents by themselves, ${together.length} digests`);
  assert.ok(alone.length > 1 && alone.length <= 21, `${alone.length} by themselves`);
  assert.ok(alone.some(({ labels }) => labels['severity'] === 'critical'));
  assert.equal(together.at(-1)?.count.open, 301 - alone.length);
  assert.ok(together.length <= 3, `${together.length} digests`);
  await notifier.kafka.producer.send(names.map((host) => resolveRecord(anAlert({ host }).incidentId)));
  await until('the end is notified', () =>
    bodies().some(({ digest }) => digest?.count.resolved === 301 - alone.length),
  );
});

test('killed in the middle of the wait: the digest comes, once, with what came before and after', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)], grouped({ group_wait: '20s', group_interval: '1h' }));
  await notifier.kafka.producer.send(hosts(5).map((host) => anAlertRecord({ host })));
  await until('the incidents are there', async () => (await notifier.incidents()).size === 5);
  assert.equal(webhook.requests(), 0);
  await notifier.service.kill();
  await notifier.kafka.producer.send([anAlertRecord({ host: 'late.example.org' })]);
  await notifier.service.start();
  await untilNotified(notifier, 6);
  assert.deepEqual(
    digests(webhook).map(({ count }) => count.open),
    [6],
  );
});

test('two notifiers, one killed in the storm: still one digest that has everything (alertmanager 4108, 2222, 4008, 2447)', async (t) => {
  const webhook = await startWebhookServer(t);
  const env = grouped({ group_wait: '10s', group_interval: '5s' });
  const first = await startNotifier(t, [hook(webhook)], env);
  const second = await startNotifier(t, [hook(webhook)], {
    ...env,
    ...cornerOf(first),
  });
  const count = 300;
  await first.kafka.producer.send(hosts(count).map((host) => anAlertRecord({ host })));
  await until('some incidents are there', async () => (await first.incidents()).size > 0);
  await first.service.kill();
  await untilOpen(webhook, count);
  await untilNotified(first, count);
  const revisions = digests(webhook).map(({ revision }) => revision);
  assert.deepEqual(revisions, [...new Set(revisions)], 'no message twice');
  assert.ok(webhook.requests() <= 4, `${webhook.requests()} messages`);
  await second.service.stop();
});

test('Redis wiped: nothing is repeated, growth is notified, and the end leaves at once', async (t) => {
  const webhook = await startWebhookServer(t);
  const settings = grouped({ group_wait: '0s', group_interval: '3s', repeat_interval: '1h' });
  const notifier = await startNotifier(t, [hook(webhook)], settings);
  const names = hosts(10);
  await notifier.kafka.producer.send(names.map((host) => anAlertRecord({ host })));
  await untilNotified(notifier, 10);
  const before = webhook.requests();
  await notifier.redis.wipe();
  await untilRebuilt(notifier);
  await notifier.kafka.producer.send([anAlertRecord({ host: 'new.example.org' })]);
  await untilOpen(webhook, 11);
  assert.equal(webhook.requests(), before + 1, 'one message for the new incident, none for the others');
  assert.equal(digests(webhook).at(-1)?.newCount, 1);
  const all = [...names, 'new.example.org'];
  await notifier.kafka.producer.send(all.map((host) => resolveRecord(anAlert({ host }).incidentId)));
  await until('the end is notified', () => digests(webhook).at(-1)?.count.open === 0);
  assert.equal(digests(webhook).at(-1)?.count.resolved, 11);
});

test('Redis wiped before the end of a group was notified: it is notified', async (t) => {
  const webhook = await startWebhookServer(t);
  // A wait, because the alerts lie in several partitions: who comes after the first digest would be
  // notified in an hour.
  const notifier = await startNotifier(t, [hook(webhook)], grouped({ group_wait: '5s', group_interval: '1h' }));
  const names = hosts(3);
  await notifier.kafka.producer.send(names.map((host) => anAlertRecord({ host })));
  await untilNotified(notifier, 3);
  webhook.behave({ kind: 'answer', status: 503 });
  const before = webhook.requests();
  await notifier.kafka.producer.send(names.map((host) => resolveRecord(anAlert({ host }).incidentId)));
  await until('the end was tried', () => webhook.requests() > before);
  await notifier.redis.wipe();
  webhook.behave({ kind: 'take' });
  await until('the end is notified', () => digests(webhook).at(-1)?.count.open === 0);
  assert.equal(digests(webhook).length, 2);
});

test('who is silenced is left out of the digest and counted, has a trace, and comes in when the silence ends', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)], grouped({ group_wait: '10s', group_interval: '1s' }));
  const { producer } = notifier.kafka;
  const [quiet = '', ...others] = hosts(3);
  const nowMs = Date.now();
  const silence = { matchers: [`host="${quiet}"`], author: 'kim', comment: 'disks', startsAtMs: nowMs };
  await producer.send([
    aCommandRecord({ kind: 'silence', silence: { ...silence, id: 's1', endsAtMs: nowMs + 3_600_000 } }),
  ]);
  await until('it is silenced', async () => (await notifier.actions()).some(({ type }) => type === 'silence_created'));
  await producer.send([quiet, ...others].map((host) => anAlertRecord({ host })));
  await untilNotified(notifier, 2);
  assert.deepEqual(
    digests(webhook).map(({ count, suppressedCount }) => [count.open, suppressedCount]),
    [[2, 1]],
  );
  const rows = (await notifier.actions()).filter(({ type }) => type === 'suppressed');
  assert.deepEqual(
    rows.map(({ incidentId }) => incidentId),
    [anAlert({ host: quiet }).incidentId],
  );
  await producer.send([aCommandRecord({ kind: 'expire_silence', silenceId: 's1' })]);
  await untilOpen(webhook, 3);
  await untilNotified(notifier, 3);
  assert.equal(webhook.requests(), 2);
});

test('nobody acknowledges 300 incidents: one digest to the next receiver, one of the end, also when Redis was wiped between', async (t) => {
  const [webhook, second] = [await startWebhookServer(t), await startWebhookServer(t)];
  const receivers = [hook(webhook), hook(second, { name: 'second' })];
  const escalate = [{ after: '3s', receivers: ['second'] }];
  const notifier = await startNotifier(t, receivers, grouped({ group_wait: '2s', group_interval: '5s', escalate }));
  const names = hosts(300);
  await notifier.kafka.producer.send(names.map((host) => anAlertRecord({ host })));
  await untilOpen(second, 300);
  assert.ok(second.requests() <= 3, `${second.requests()} messages`);
  const reasons = async () =>
    (await notifier.actions()).filter(({ type, receiver }) => type === 'notified' && receiver === 'second');
  // A second digest has a row for the incident that stands for it, too.
  const rows = await until('everybody has a row', async () => {
    const found = await reasons();
    return new Set(found.map(({ incidentId }) => incidentId)).size === 300 && found;
  });
  assert.ok(rows.some(({ reason }) => reason === 'escalated'));
  const before = second.requests();
  await notifier.redis.wipe();
  await untilRebuilt(notifier);
  await notifier.kafka.producer.send(names.map((host) => resolveRecord(anAlert({ host }).incidentId)));
  await until('the end is notified', () => digests(second).at(-1)?.count.resolved === 300);
  assert.ok(second.requests() - before <= 2, `${second.requests() - before} messages after the wipe`);
});

test('an incident by itself is repeated while it is open, and not after somebody took it', async (t) => {
  const webhook = await startWebhookServer(t);
  const settings = grouped({ group_by: ['...'], group_wait: '0s', repeat_interval: '2s' });
  const notifier = await startNotifier(t, [hook(webhook)], settings);
  await notifier.kafka.producer.send([anAlertRecord({ host: 'media01.example.org' })]);
  await until('it is repeated', () => webhook.deliveries().length >= 3);
  assert.ok(webhook.deliveries().every(({ body }) => body.alerts.length === 1));
  await notifier.kafka.producer.send([resolveRecord(anAlert({ host: 'media01.example.org' }).incidentId)]);
  await until('the end is notified', () => webhook.deliveries().at(-1)?.body.status === 'resolved');
});

test('a message that waits for its receiver while the group grows is superseded, which an entry says, and all is notified once', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)], grouped({ group_wait: '0s', group_interval: '1s' }));
  webhook.behave({ kind: 'answer', status: 503 });
  const [first = '', second = ''] = hosts(2);
  await notifier.kafka.producer.send([anAlertRecord({ host: first })]);
  await until('it was tried', () => webhook.requests() > 0);
  await notifier.kafka.producer.send([anAlertRecord({ host: second })]);
  const entry = await until('the first message is superseded', async () =>
    (await notifier.actions()).find(({ type }) => type === 'superseded'),
  );
  assert.deepEqual([entry.group?.episode, entry.group?.revision], [1, 1]);
  assert.equal(entry.reason, 'a later message of the group has more');
  webhook.behave({ kind: 'take' });
  await untilNotified(notifier, 2);
  assert.deepEqual(
    digests(webhook).map(({ count, revision }) => [count.open, revision]),
    [[2, 2]],
  );
});
