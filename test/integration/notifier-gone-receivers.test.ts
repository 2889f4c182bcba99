// Receivers that are renamed, removed or come back while deliveries wait for them: what waits
// reaches somebody, or is seen to have failed.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { aCommandRecord, resolveRecord } from '../support/commands.ts';
import { startNotifier, type TestNotifier, untilEntries } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const HOST = 'media01.example.org';
const BUSY = { kind: 'answer', status: 503 } as const;

interface Situation {
  readonly notifier: TestNotifier;
  readonly first: WebhookServer;
  readonly second: WebhookServer;
  /** Takes these settings over, by SIGHUP or by a restart. */
  configure(settings: object, how?: 'reload' | 'restart'): Promise<void>;
}

async function start(
  t: TestContext,
  settingsOf: (first: WebhookServer, second: WebhookServer) => object,
): Promise<Situation> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-gone-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'foghorn.yaml');
  const [first, second] = await Promise.all([startWebhookServer(t), startWebhookServer(t)]);
  const write = (settings: object): void =>
    writeFileSync(file, JSON.stringify({ notifier: { retryMinMs: 100, retryMaxMs: 1000, ...settings } }));
  write(settingsOf(first, second));
  const notifier = await startNotifier(t, 'file', { FOGHORN_CONFIG: file });
  return {
    notifier,
    first,
    second,
    configure: async (settings, how = 'reload') => {
      write(settings);
      if (how === 'restart') {
        await notifier.service.stop();
        await notifier.service.start();
        return;
      }
      const at = async (): Promise<number> =>
        [...(await notifier.service.metrics('foghorn_config_last_reload_success_timestamp_seconds')).values()][0] ?? 0;
      const before = await at();
      notifier.service.hangUp();
      await until('the settings are taken over', async () => (await at()) > before);
    },
  };
}

for (const how of ['reload', 'restart'] as const)
  test(`without a route, a receiver that is renamed while its alert waits: the new name gets it after a ${how}, once [alerting 2]`, async (t) => {
    const { notifier, first, second, configure } = await start(t, (old) => ({
      receivers: [hook(old, { name: 'old' })],
    }));
    first.behave(BUSY);
    await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
    await until('it was tried', () => first.requests() > 0);
    await configure({ receivers: [hook(second, { name: 'new' })] }, how);
    await until('the new receiver has it', () => second.deliveries().length > 0);
    const [notified] = await untilEntries(notifier, 'notified');
    assert.equal(notified?.receiver, 'new');
    const passed = await untilEntries(notifier, 'superseded');
    assert.match(passed[0]?.reason ?? '', /the receiver old is gone: it goes to new/u);
    await until('nothing waits for the old one', async () => {
      const jobs = await notifier.service.metrics('foghorn_queue_jobs');
      return ['waiting', 'delayed', 'active'].every(
        (state) => (jobs.get(`receiver="old",state="${state}",service="notifier"`) ?? 0) === 0,
      );
    });
    assert.equal(second.deliveries().length, 1);
  });

test('what the receiver was busy with when its process was killed is passed on too [alerting 2]', async (t) => {
  const { notifier, first, second, configure } = await start(t, (old) => ({ receivers: [hook(old, { name: 'old' })] }));
  first.behave({ kind: 'hang' });
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it is being sent', () => first.requests() > 0);
  await notifier.service.kill();
  await configure({ receivers: [hook(second, { name: 'new' })] }, 'restart');
  await until('the new receiver has it', () => second.deliveries().length > 0);
});

test('with routes, what waited goes by the routes of now, and the end of an incident follows [alerting 2]', async (t) => {
  const route = (receiver: string) => ({ receiver, group_by: ['...'], group_wait: '0s', repeat_interval: '0s' });
  const { notifier, first, second, configure } = await start(t, (old, other) => ({
    receivers: [hook(old, { name: 'old' }), hook(other, { name: 'other' })],
    route: route('old'),
  }));
  first.behave(BUSY);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST }), anAlertRecord({ host: 'media02.example.org' })]);
  await until('both were tried', () => first.requests() > 1);
  await notifier.kafka.producer.send([resolveRecord(anAlert({ host: HOST }).incidentId)]);
  await untilEntries(notifier, 'resolved');
  await configure({ receivers: [hook(second, { name: 'other' })], route: route('other') });
  await until('both are notified', () => new Set(second.alerts().map(({ labels }) => labels['host'])).size === 2);
  const ended = second.alerts().filter(({ labels }) => labels['host'] === HOST);
  assert.deepEqual([...new Set(ended.map(({ status }) => status))], ['resolved']);
});

test('a digest that waits for a receiver that is gone: each of its incidents is notified by the routes of now [alerting 2]', async (t) => {
  const route = (receiver: string) => ({
    receiver,
    group_by: ['alertname'],
    group_wait: '0s',
    group_interval: '1s',
    repeat_interval: '0s',
  });
  const { notifier, first, second, configure } = await start(t, (old) => ({
    receivers: [hook(old, { name: 'old' })],
    route: route('old'),
  }));
  first.behave(BUSY);
  await notifier.kafka.producer.send(['a', 'b', 'c'].map((host) => anAlertRecord({ host: `${host}.example.org` })));
  await until('the digest was tried', () => first.requests() > 0);
  await configure({ receivers: [hook(second, { name: 'new' })], route: route('new') });
  const notified = await until('all are notified', async () => {
    const found = (await notifier.actions()).filter(({ type, receiver }) => type === 'notified' && receiver === 'new');
    return new Set(found.map(({ incidentId }) => incidentId)).size === 3 && found;
  });
  assert.ok(notified.length >= 3);
});

test('when no route leads to anybody else the delivery has failed, is seen, and a redrive passes it on later [alerting 2]', async (t) => {
  const { notifier, first, second, configure } = await start(t, (old) => ({ receivers: [hook(old, { name: 'old' })] }));
  first.behave(BUSY);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it was tried', () => first.requests() > 0);
  await configure({ receivers: [hook(second, { name: 'pager', minSeverity: 'critical' })] });
  const [failed] = await untilEntries(notifier, 'delivery_failed');
  assert.equal(failed?.receiver, 'old');
  assert.match(failed?.error ?? '', /the receiver old is gone, and no route leads to another/u);
  await configure({ receivers: [hook(second, { name: 'pager' })] });
  await notifier.kafka.producer.send([
    aCommandRecord({
      kind: 'redrive',
      receiver: 'old',
      ...(failed?.deliveryId === undefined ? {} : { deliveryId: failed.deliveryId }),
    }),
  ]);
  await until('it is notified', () => second.deliveries().length === 1);
});

test('a receiver that is renamed and renamed back gets what was passed on and not taken [alerting 2]', async (t) => {
  const { notifier, first, second, configure } = await start(t, (old) => ({ receivers: [hook(old, { name: 'old' })] }));
  first.behave(BUSY);
  second.behave(BUSY);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST })]);
  await until('it was tried', () => first.requests() > 0);
  await configure({ receivers: [hook(second, { name: 'new' })] });
  await until('the new one was tried', () => second.requests() > 0);
  first.behave({ kind: 'take' });
  await configure({ receivers: [hook(first, { name: 'old' })] });
  await until('the old one has it', () => first.deliveries().length === 1);
});

test('a digest that waits for a receiver that is gone, and nobody else takes it: a row for each incident that is listed as failed [alerting 2]', async (t) => {
  const route = (receiver: string) => ({ receiver, group_by: ['alertname'], group_wait: '0s', group_interval: '1s' });
  const { notifier, first, second, configure } = await start(t, (old) => ({
    receivers: [hook(old, { name: 'old' })],
    route: route('old'),
  }));
  first.behave(BUSY);
  await notifier.kafka.producer.send(['a', 'b'].map((host) => anAlertRecord({ host: `${host}.example.org` })));
  await until('the digest was tried', () => first.requests() > 0);
  await configure({
    receivers: [hook(second, { name: 'pager', minSeverity: 'critical' })],
    route: route('pager'),
  });
  const failed = await untilEntries(notifier, 'delivery_failed', 2);
  assert.deepEqual(new Set(failed.map(({ host }) => host)), new Set(['a.example.org', 'b.example.org']));
  assert.ok(failed.every(({ deliveryId, receiver }) => deliveryId !== undefined && receiver === 'old'));
});
