// How long and how often a delivery is tried again, with real Kafka and Redis: no hot loop, no end
// before somebody could correct it, but an end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryFields } from '../../shared/contracts/activity.ts';
import { anAlertRecord } from '../support/alerts.ts';
import { startFakeSlack } from '../support/fake-slack.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const HOST = 'media01.example.org';
const WINDOW_MS = 8000;

async function row(notifier: TestNotifier, type: EntryFields['type'], channel: string): Promise<EntryFields> {
  return await until(`a row ${type} of ${channel}`, async () =>
    (await notifier.actions()).find((action) => action.type === type && action.receiver === channel),
  );
}

for (const [status, retryAfter] of [
  [429, '0'],
  [429, new Date(Date.now() - 3000).toUTCString()],
  [503, '0'],
  [503, '-1'],
] as const)
  test(`HTTP ${status} with Retry-After ${retryAfter} is no hot loop, and counts as a failed try [alerting 9]`, async (t) => {
    const webhook = await startWebhookServer(t);
    webhook.behave({ kind: 'answer', status, headers: { 'retry-after': retryAfter } });
    const notifier = await startNotifier(t, [hook(webhook)], { FOGHORN_NOTIFIER_ATTEMPTS: '4' });
    await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
    const failed = await row(notifier, 'delivery_failed', 'hook');
    assert.match(failed.error ?? '', new RegExp(`HTTP ${status}`, 'u'));
    assert.equal(webhook.requests(), 4);
  });

test('Slack with 429 and Retry-After 0 is no hot loop, and counts as a failed try [alerting 9]', async (t) => {
  const slack = await startFakeSlack(t);
  slack.behave({ kind: 'throttle', seconds: 0 });
  const team = { name: 'team', kind: 'slack', token: 'xoxb-right', channel: 'C012345', apiUrl: slack.apiUrl };
  const notifier = await startNotifier(t, [team], { FOGHORN_NOTIFIER_ATTEMPTS: '4' });
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await row(notifier, 'delivery_failed', 'team');
  assert.equal(slack.calls().filter((method) => method === 'chat.postMessage').length, 4);
});

test('a receiver that asks for a second each time, and never takes it, is given up when the time is over [alerting 9]', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'answer', status: 429, headers: { 'retry-after': '1' } });
  const settings = { FOGHORN_NOTIFIER_RETRY_FOR_MS: String(WINDOW_MS) };
  const notifier = await startNotifier(t, [hook(webhook)], settings);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await row(notifier, 'delivery_failed', 'hook');
  assert.ok(webhook.requests() <= WINDOW_MS / 1000 + 2, `${webhook.requests()} requests`);
  assert.ok(webhook.requests() >= 3, `${webhook.requests()} requests`);
});

test('a wrong token shows as a failing receiver at once, and is tried again until it is right [alerting 8]', async (t) => {
  const [webhook, other] = await Promise.all([startWebhookServer(t), startWebhookServer(t)]);
  webhook.behave({ kind: 'answer', status: 401 });
  const notifier = await startNotifier(t, [hook(webhook), hook(other, { name: 'other' })], {
    FOGHORN_NOTIFIER_RECEIVER_FAILING_AFTER_MS: '86400000',
  });
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('the other receiver says so', () =>
    other.alerts().some(({ labels }) => labels['alertname'] === 'foghorn-receiver-failing'),
  );
  await until('it is tried again', () => webhook.requests() > 1);
  webhook.behave({ kind: 'take' });
  const notified = await row(notifier, 'notified', 'hook');
  assert.equal(notified.reason, 'opened');
  assert.ok(!(await notifier.actions()).some(({ type }) => type === 'delivery_failed'));
});

test('once a receiver is back, what waits long for it is tried at once [alerting 8]', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'answer', status: 403 });
  const slow = { FOGHORN_NOTIFIER_RETRY_MIN_MS: '3600000', FOGHORN_NOTIFIER_RETRY_MAX_MS: '3600000' };
  const notifier = await startNotifier(t, [hook(webhook)], slow);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it was tried', () => webhook.requests() === 1);
  const triedMs = Date.now();
  await until('it was away for a while', () => Date.now() - triedMs > 11_000);
  webhook.behave({ kind: 'take' });
  await notifier.kafka.producer.send([anAlertRecord({ host: 'media02.example.org' })]);
  await until('both are notified', () => webhook.alerts().length === 2);
});

test('a reload tries at once what waits long for a setting to be corrected [alerting 8]', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'answer', status: 403 });
  const slow = { FOGHORN_NOTIFIER_RETRY_MIN_MS: '3600000', FOGHORN_NOTIFIER_RETRY_MAX_MS: '3600000' };
  const notifier = await startNotifier(t, [hook(webhook)], slow);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it was tried', () => webhook.requests() === 1);
  webhook.behave({ kind: 'take' });
  notifier.service.hangUp();
  await until('it is notified', () => webhook.alerts().length === 1);
});

test('a receiver that never answers does not end a process that reads its settings anew [alerting Not done]', async (t) => {
  const webhook = await startWebhookServer(t);
  webhook.behave({ kind: 'hang' });
  const notifier = await startNotifier(t, [hook(webhook, { timeoutMs: 60_000 })]);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it is being sent', () => webhook.requests() === 1);
  const pid = notifier.service.pid();
  const reloads = async (): Promise<number> =>
    [...(await notifier.service.metrics('foghorn_config_last_reload_success_timestamp_seconds')).values()][0] ?? 0;
  const before = await reloads();
  notifier.service.hangUp();
  webhook.behave({ kind: 'take' });
  await until('the settings are taken over', async () => (await reloads()) > before);
  await until('it is notified', () => webhook.alerts().length === 1);
  assert.equal(notifier.service.pid(), pid);
});
