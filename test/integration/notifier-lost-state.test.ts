// What a crash or a wiped Redis leaves half done, on real Kafka and Redis: evidence that nobody
// applied, silences that are not there yet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysOf } from '../../services/notifier/redis/keys.ts';
import { createSilenceStore } from '../../services/notifier/incidents/silence-store.ts';
import { StateLost } from '../../services/notifier/redis/state-lost.ts';
import { digestId } from '../../shared/contracts/ids.ts';
import type { EntryFields } from '../../shared/contracts/activity.ts';
import type { Clearing } from '../../shared/contracts/incident.ts';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { aCommandRecord } from '../support/commands.ts';
import { startNotifier } from '../support/notifier.ts';
import { openRedis, testRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookServer } from '../support/webhook-server.ts';

const host = 'media01.example.org';

test('evidence for a host that was kept, and not applied because of a crash, is applied when the alert comes again', async (t) => {
  const notifier = await startNotifier(t, ['local']);
  const alert = anAlert({ host, number: 5 });
  await notifier.kafka.producer.send([anAlertRecord({ host, number: 5 })]);
  await until('it is open', async () => (await notifier.incidents()).has(alert.incidentId));
  const client = openRedis(t, notifier.redis);
  const { ruleId } = alert.match;
  const clearing: Clearing = {
    kind: 'clearing',
    ruleId,
    host,
    params: { port: 80 },
    eventId: 'cleared',
    atMs: Date.parse(String(alert.document['@timestamp'])) + 1000,
    receivedAtMs: Date.now(),
    evidence: 'WMServer event 1',
  };
  const key = keysOf(notifier.redis.keyPrefix).clearing(digestId([ruleId, host]));
  await client.run(async (redis) => await redis.hset(key, 'cleared', JSON.stringify(clearing)));
  await notifier.kafka.producer.send([anAlertRecord({ host, number: 5 })]);
  const incident = await until('it is resolved', async () => {
    const found = (await notifier.incidents()).get(alert.incidentId);
    return found?.state === 'resolved' ? found : undefined;
  });
  assert.deepEqual([incident.totalCount, incident.clearedAtMs], [1, clearing.atMs]);
});

test('Redis wiped before an acknowledgement was notified: it is sent to who follows it', async (t) => {
  const pagerduty = await startWebhookServer(t, { status: 202, body: '{"status":"success"}' });
  const receiver = { kind: 'pagerduty', routingKey: 'k'.repeat(32), url: pagerduty.url, allowPrivate: true };
  const notifier = await startNotifier(t, [{ name: 'pd', ...receiver }]);
  const { incidentId } = anAlert({ host });
  await notifier.kafka.producer.send([anAlertRecord({ host })]);
  const isNotified = async () => (await notifier.actions()).some(({ type }) => type === 'notified');
  await until('it is notified', isNotified);
  pagerduty.behave({ kind: 'answer', status: 503 });
  await notifier.kafka.producer.send([aCommandRecord({ kind: 'acknowledge', incidentId })]);
  await until('the acknowledgement was tried', () => pagerduty.requests() > 1);
  await notifier.redis.wipe();
  pagerduty.behave({ kind: 'take' });
  const notified = () =>
    pagerduty.deliveries().map(({ text }) => (JSON.parse(text) as { event_action: string }).event_action);
  await until('it is notified', () => notified().length === 2);
  assert.deepEqual(notified(), ['trigger', 'acknowledge']);
});

test('alertmanager#2370: killed between a person’s word and its delivery, the acknowledgement and the end are notified, once each', async (t) => {
  const pagerduty = await startWebhookServer(t, { status: 202, body: '{"status":"success"}' });
  const receiver = { kind: 'pagerduty', routingKey: 'k'.repeat(32), url: pagerduty.url, allowPrivate: true };
  const notifier = await startNotifier(t, [{ name: 'pd', ...receiver }]);
  const { incidentId } = anAlert({ host });
  const untilEntry = async (type: EntryFields['type']): Promise<void> => {
    await until(`a row ${type}`, async () => (await notifier.actions()).some((row) => row.type === type));
  };
  await notifier.kafka.producer.send([anAlertRecord({ host })]);
  await untilEntry('notified');
  for (const [kind, type] of [
    ['acknowledge', 'acknowledged'],
    ['resolve', 'resolved'],
  ] as const) {
    pagerduty.behave({ kind: 'answer', status: 503 });
    await notifier.kafka.producer.send([aCommandRecord({ kind, incidentId })]);
    await untilEntry(type);
    await notifier.service.kill();
    pagerduty.behave({ kind: 'take' });
    const before = pagerduty.deliveries().length;
    await notifier.service.start();
    await until(`${kind} is notified`, () => pagerduty.deliveries().length > before);
  }
  const notified = pagerduty
    .deliveries()
    .map(({ text }) => (JSON.parse(text) as { event_action: string }).event_action);
  assert.deepEqual(notified, ['trigger', 'acknowledge', 'resolve']);
});

test('a Redis that is not complete answers nothing about silences and takes no change, but what Kafka knows', async (t) => {
  const settings = testRedis(t);
  const client = openRedis(t, settings);
  const keys = keysOf(settings.keyPrefix);
  const silences = createSilenceStore(client, keys);
  const silence = {
    id: 's1',
    matchers: ['host="a"'],
    author: 'kim',
    comment: 'x',
    startsAtMs: 0,
    endsAtMs: 10,
    revision: 3,
  };
  await assert.rejects(silences.find('s1'), StateLost);
  await assert.rejects(silences.put({ silence: { ...silence, revision: 1 }, commandId: 'new' }, 1), StateLost);
  await silences.restore([{ silence, commandId: 'old' }], 1);
  await client.run(async (redis) => await redis.set(keys.complete, 'x'));
  assert.equal((await silences.find('s1'))?.silence.revision, 3);
  assert.equal(await silences.put({ silence: { ...silence, revision: 4 }, commandId: 'new' }, 1), 'done');
});
