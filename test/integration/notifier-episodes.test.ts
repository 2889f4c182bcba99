// A receiver that is down while an episode ends and the next one begins: it gets that end
// afterwards where each episode stands for itself, and nothing that would end the next one.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { resolveRecord } from '../support/commands.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const HOST = 'media01.example.org';
const DOWN = { kind: 'answer', status: 503 } as const;

interface Setting {
  readonly notifier: TestNotifier;
  readonly pagerduty: WebhookServer;
  readonly webhook: WebhookServer;
}

/**
 * Notified of the first episode; then both receivers are down while it ends and the second begins;
 * then they are back.
 */
async function throughTheOutage(t: TestContext, env: Readonly<Record<string, string>>): Promise<Setting> {
  const pagerduty = await startWebhookServer(t, { status: 202, body: '{"status":"success"}' });
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(
    t,
    [
      { name: 'pd', kind: 'pagerduty', routingKey: 'k'.repeat(32), url: pagerduty.url, allowPrivate: true },
      hook(webhook),
    ],
    env,
  );
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST, number: 0 })]);
  await until('both are notified', () => pagerduty.deliveries().length + webhook.deliveries().length === 2);
  for (const server of [pagerduty, webhook]) server.behave(DOWN);
  const { incidentId } = anAlert({ host: HOST });
  await notifier.kafka.producer.send([resolveRecord(incidentId)]);
  await until('both were to be notified of the end', () => pagerduty.requests() > 1 && webhook.requests() > 1);
  await notifier.kafka.producer.send([anAlertRecord({ host: HOST, number: 1, atMs: Date.now() })]);
  await until('the second episode', async () => (await notifier.incidents()).get(incidentId)?.episode === 2);
  for (const server of [pagerduty, webhook]) server.behave({ kind: 'take' });
  return { notifier, pagerduty, webhook };
}

interface PagerdutyEvent {
  readonly event_action: string;
  readonly dedup_key: string;
}

/** What PagerDuty was sent, episode by episode: `trigger 1`. */
function notified(pagerduty: WebhookServer): readonly string[] {
  return pagerduty.deliveries().map(({ text }) => {
    const { event_action, dedup_key } = JSON.parse(text) as PagerdutyEvent;
    return `${event_action} ${dedup_key.split('-').at(-1)}`;
  });
}

const ROUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'an incident': {},
  'a group': {
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify({
      receivers: ['pd', 'hook'],
      group_by: ['rule'],
      group_wait: '0s',
      group_interval: '1s',
    }),
  },
  'a group of one': {
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify({
      receivers: ['pd', 'hook'],
      group_by: ['...'],
      group_wait: '1s',
      group_interval: '1s',
    }),
  },
};

for (const [what, env] of Object.entries(ROUTES))
  test(`${what} that ends and begins anew while its receivers are down`, async (t) => {
    const { notifier, pagerduty, webhook } = await throughTheOutage(t, env);
    await until('PagerDuty knows all', () => notified(pagerduty).length === 3);
    assert.deepEqual([...notified(pagerduty)].sort(), ['resolve 1', 'trigger 1', 'trigger 2']);
    await until('the webhook knows of the second', () => webhook.deliveries().length === 2);
    const { incidentId } = anAlert({ host: HOST });
    await notifier.kafka.producer.send([resolveRecord(incidentId)]);
    await until('the end of the second is notified', () => notified(pagerduty).includes('resolve 2'));
    await until('to the webhook too', () => webhook.deliveries().at(-1)?.body.status === 'resolved');
    assert.deepEqual(
      webhook.deliveries().map(({ body }) => body.status),
      ['firing', 'firing', 'resolved'],
    );
    assert.equal(notified(pagerduty).length, 4);
  });
