// Redis is lost and the routes were changed meanwhile: who was notified of an incident, in a group
// or by itself, is not notified of it again, but of its end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { aCommandRecord } from '../support/commands.ts';
import { cornerOf, startNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const OLD = 'old.example.org';
const NEW = 'new.example.org';
const GROUPED = { receiver: 'hook', group_by: ['rule'], group_wait: '0s', group_interval: '1s' };
const EACH = { receiver: 'hook', group_by: ['...'], group_wait: '0s', repeat_interval: '0s' };
const BY_HOST = { ...GROUPED, group_by: ['host', 'port'] };

for (const [what, before, after] of [
  ['from groups to each by itself', GROUPED, EACH],
  ['from each by itself to groups', EACH, GROUPED],
  ['from groups to other groups', GROUPED, BY_HOST],
] as const) {
  test(`the routes are changed ${what}, and Redis is lost: nothing is notified again, the end once [cluster R5]`, async (t) => {
    const webhook = await startWebhookServer(t);
    const receiver = hook(webhook);
    const first = await startNotifier(t, [receiver], { FOGHORN_NOTIFIER_ROUTE: JSON.stringify(before) });
    await first.kafka.producer.send([anAlertRecord({ host: OLD })]);
    await until('its row is written', async () => (await first.actions()).some(({ type }) => type === 'notified'));
    await first.service.stop();
    await first.redis.wipe();
    const second = await startNotifier(t, [receiver], {
      FOGHORN_NOTIFIER_ROUTE: JSON.stringify(after),
      ...cornerOf(first),
    });
    const texts = () => webhook.deliveries().map(({ text }) => text);
    await first.kafka.producer.send([anAlertRecord({ host: NEW })]);
    await until('the new one is notified', () => texts().some((text) => text.includes(NEW)));
    assert.equal(texts().filter((text) => !text.includes(NEW)).length, 1, 'the old one by the first message alone');
    for (const host of [OLD, NEW])
      await first.kafka.producer.send([aCommandRecord({ kind: 'resolve', incidentId: anAlert({ host }).incidentId })]);
    const ends = () =>
      texts().filter((text) => (JSON.parse(text) as { readonly status: string }).status === 'resolved');
    await until('the end of the old one is notified', () =>
      ends().some((text) => text.includes(OLD) || after === GROUPED),
    );
    await second.service.stop();
    assert.equal(
      new Set(webhook.deliveries().map(({ idempotencyKey }) => idempotencyKey)).size,
      webhook.deliveries().length,
    );
  });
}
