// Deliveries with real Kafka and Redis while a receiver throttles, refuses or is slow, Kafka is
// away, a lock is lost: notified once, in time, and what nobody was notified is seen.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Queue } from 'bullmq';
import { createNotificationLog } from '../../services/notifier/delivery/notification-log.ts';
import { PAUSE_LIMITER, queueName } from '../../services/notifier/delivery/queue.ts';
import { keysOf } from '../../services/notifier/redis/keys.ts';
import { queueConnection } from '../../services/notifier/redis/client.ts';
import type { EntryFields } from '../../shared/contracts/activity.ts';
import { anAlert, anAlertRecord, hosts } from '../support/alerts.ts';
import { AT_ONCE } from '../support/at-once.ts';
import { aCommandRecord, resolveRecord } from '../support/commands.ts';
import { startFakeSmtp } from '../support/fake-smtp.ts';
import { testKafka } from '../support/kafka.ts';
import { cornerOf, startNotifier, type TestNotifier, untilEntries } from '../support/notifier.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { openRedis } from '../support/redis.ts';
import { startSlowServer } from '../support/slow-server.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';
import { skipHere } from '../support/needs.ts';

const HOST = 'media01.example.org';

function queueOf(t: TestContext, { redis: { url, keyPrefix } }: TestNotifier, receiver: string): Queue {
  const connection = queueConnection({ url, keyPrefix });
  const queue = new Queue(queueName(receiver), { connection, prefix: keysOf(keyPrefix).queues });
  t.after(async () => await queue.close());
  return queue;
}

/** How often the only job of a queue was run. */
async function runsOf(queue: Queue): Promise<number> {
  const [job] = await queue.getJobs(['active', 'delayed', 'waiting']);
  return job?.attemptsStarted ?? 0;
}

test('Retry-After pauses the receiver in every process for as long as it says (alertmanager 2111, 2205, 3189; SigNoz 12891)', async (t) => {
  const webhook = await startWebhookServer(t);
  const first = await startNotifier(t, [hook(webhook, { concurrency: 1 })]);
  await startNotifier(t, [hook(webhook, { concurrency: 1 })], cornerOf(first));
  webhook.behave({ kind: 'answer', status: 429, headers: { 'retry-after': '6' } });
  await first.kafka.producer.send([anAlertRecord({ host: HOST })]);
  const queue = queueOf(t, first, 'hook');
  // Until the pause is in Redis, the other process may send.
  const endMs = await until('it was throttled', async () => {
    const nowMs = Date.now();
    const leftMs = await queue.getRateLimitTtl(PAUSE_LIMITER.max);
    return leftMs > 3000 && nowMs + leftMs;
  });
  assert.equal(webhook.requests(), 1);
  webhook.behave({ kind: 'take' });
  await first.kafka.producer.send(hosts(20).map((host) => anAlertRecord({ host })));
  await until('everything is there', () => webhook.alerts().length === 21);
  const earliest = Math.min(...webhook.deliveries().map(({ atMs }) => atMs));
  assert.ok(earliest > endMs - 200, `asked again ${endMs - earliest} ms too early`);
});

test('Kafka away after a message was taken: it is not sent again, and its row is written later', async (t) => {
  const servers = await startOwnServers(t, ['kafka']);
  if (typeof servers === 'string') {
    skipHere(t, 'servers', servers);
    return;
  }
  const teams = await startWebhookServer(t, { status: 202, body: '' });
  const kafka = await testKafka(t, { brokers: [servers.kafka.address] });
  const card = { name: 'cards', kind: 'teams', workflowUrl: teams.url, allowPrivate: true, timeoutMs: 5000 };
  const notifier = await startNotifier(t, [card], {
    KAFKA_BROKERS: servers.kafka.address,
    FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
  });
  teams.behave({ kind: 'answer', status: 503 });
  await kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it was tried', () => teams.requests() > 0);
  await servers.kafka.kill();
  teams.behave({ kind: 'take' });
  await until('it is taken', () => teams.deliveries().length > 0);
  // The claim is over, and the job goes on: nothing but the log keeps it from sending again.
  const client = openRedis(t, notifier.redis);
  const log = createNotificationLog(client, keysOf(notifier.redis.keyPrefix));
  const { incidentId } = anAlert({ host: HOST });
  const record = { subjectId: incidentId, episode: 1, receiver: 'cards' };
  await until('the log has it', async () => (await log.sentRevision(record)) === 1);
  const queue = queueOf(t, notifier, 'cards');
  const runs = await runsOf(queue);
  await until('the job ran twice since', async () => (await runsOf(queue)) >= runs + 2);
  await servers.kafka.start();
  await until('its row is written', async () =>
    (await kafka.readAll('actions')).some(
      ({ value }) => (JSON.parse(String(value)) as EntryFields).type === 'notified',
    ),
  );
  assert.equal(teams.deliveries().length, 1);
  await notifier.service.stop();
});

test('the end of what is just being notified follows at once, not when the lease is over', async (t) => {
  const slow = await startSlowServer(t, 200);
  const notifier = await startNotifier(t, [hook(slow, { timeoutMs: 60_000 })]);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it is being notified', () => slow.bodies().length === 1);
  await notifier.kafka.producer.send([resolveRecord(anAlert({ host: HOST }).incidentId)]);
  await untilEntries(notifier, 'resolved', 1);
  slow.disconnectQuietly();
  await until('the end is notified', () => slow.bodies().length === 2, 45_000);
});

test('a job run again because its lock was lost sends nothing twice (bullmq 439, bull 1416)', async (t) => {
  const slow = await startSlowServer(t);
  const card = { name: 'cards', kind: 'teams', workflowUrl: slow.url, allowPrivate: true, timeoutMs: 60_000 };
  const first = await startNotifier(t, [card]);
  await first.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it is being notified', () => slow.bodies().length === 1);
  const queue = queueOf(t, first, 'cards');
  process.kill(first.service.pid(), 'SIGSTOP');
  try {
    await startNotifier(t, [card], cornerOf(first));
    await until('the other runs the job', async () => (await runsOf(queue)) > 1);
    slow.disconnectQuietly();
  } finally {
    process.kill(first.service.pid(), 'SIGCONT');
  }
  await untilEntries(first, 'notified', 1);
  await until('the job is done', async () => (await queue.getJobCountByTypes('active', 'delayed', 'waiting')) === 0);
  assert.equal(slow.bodies().length, 1);
});

test('maxPerMinute is spent by what is sent alone: the silenced ones keep nobody waiting', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook, { maxPerMinute: 2 })], AT_ONCE);
  const { producer } = notifier.kafka;
  const nowMs = Date.now();
  const silence = { id: 's1', matchers: ['port="554"'], author: 'kim', comment: 'works', startsAtMs: nowMs };
  await producer.send([aCommandRecord({ kind: 'silence', silence: { ...silence, endsAtMs: nowMs + 3_600_000 } })]);
  await untilEntries(notifier, 'silence_created', 1);
  await producer.send(hosts(60).map((host) => anAlertRecord({ host, port: 554 })));
  await untilEntries(notifier, 'suppressed', 60);
  await producer.send([anAlertRecord({ host: HOST })]);
  await until('it is notified', () => webhook.deliveries().length === 1);
  await producer.send(hosts(3).map((host) => anAlertRecord({ host })));
  await until('one more is notified, two wait', async () => {
    const jobs = await notifier.service.metrics('foghorn_queue_jobs');
    return webhook.deliveries().length === 2 && jobs.get('receiver="hook",state="waiting",service="notifier"') === 2;
  });
});

test('a last try whose end nobody knows has failed, and says so', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'hang-up' });
  const notifier = await startNotifier(t, [hook(webhook)], { FOGHORN_NOTIFIER_ATTEMPTS: '2' });
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await untilEntries(notifier, 'delivery_failed', 1);
  assert.equal(webhook.requests(), 2);
});

test('a digest that is refused leaves a row for each of its incidents', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'answer', status: 400 });
  const route = { receiver: 'hook', group_by: ['rule'], group_wait: '10s' };
  const notifier = await startNotifier(t, [hook(webhook)], { FOGHORN_NOTIFIER_ROUTE: JSON.stringify(route) });
  await notifier.kafka.producer.send(hosts(5).map((host) => anAlertRecord({ host })));
  const failed = await untilEntries(notifier, 'delivery_failed', 5);
  assert.deepEqual([...new Set(failed.map(({ host }) => host))].sort(), [...hosts(5)]);
});

test('a recipient that is refused beside another is seen in a row and counted', async (t) => {
  const smtp = await startFakeSmtp(t);
  smtp.answerRecipient('ben@example.org', 550);
  const people = { from: 'foghorn@example.org', to: ['anna@example.org', 'ben@example.org'] };
  const notifier = await startNotifier(t, [
    { name: 'mail', kind: 'email', host: '127.0.0.1', port: smtp.port, caFile: smtp.caFile, ...people },
  ]);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  const [row] = await untilEntries(notifier, 'delivery_failed', 1);
  assert.match(row?.error ?? '', /not everybody: ben@example\.org: .*550/u);
  await untilEntries(notifier, 'notified', 1);
  const counted = await notifier.service.metrics('foghorn_deliveries_total');
  assert.equal(counted.get('receiver="mail",outcome="partly_refused",service="notifier"'), 1);
});

test('what began and ended while nobody could be notified is notified as what it was (alertmanager 2398, 662)', async (t) => {
  const hooked = await startWebhookServer(t);
  const pagerduty = await startWebhookServer(t, { status: 202, body: '{"status":"success"}' });
  const pager = { name: 'pd', kind: 'pagerduty', routingKey: 'k'.repeat(32), url: pagerduty.url, allowPrivate: true };
  for (const server of [hooked, pagerduty]) server.behave({ kind: 'answer', status: 503 });
  const notifier = await startNotifier(t, [hook(hooked), pager]);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('both were tried', () => hooked.requests() > 0 && pagerduty.requests() > 0);
  await notifier.kafka.producer.send([resolveRecord(anAlert({ host: HOST }).incidentId)]);
  await untilEntries(notifier, 'resolved', 1);
  await untilEntries(notifier, 'superseded', 2);
  for (const server of [hooked, pagerduty]) server.behave({ kind: 'take' });
  await untilEntries(notifier, 'notified', 2);
  const actions = pagerduty.deliveries().map(({ text }) => (JSON.parse(text) as { event_action: string }).event_action);
  assert.deepEqual(actions, ['trigger', 'resolve']);
  assert.match(
    hooked.alerts()[0]?.annotations['happened'] ?? '',
    /^It was open from .* to .* before the first notification\.$/u,
  );
});
