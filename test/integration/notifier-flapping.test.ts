// An incident that begins and ends again and again, with real Kafka and Redis: a few messages, one
// that says that it flaps, and in the end how it stands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { AT_ONCE } from '../support/at-once.ts';
import { resolveRecord } from '../support/commands.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const HOST = 'media01.example.org';
const FLAPS = 8;
const { incidentId } = anAlert({ host: HOST });
const SETTINGS = {
  FOGHORN_NOTIFIER_FLAPPING_EPISODES: '3',
  FOGHORN_NOTIFIER_FLAPPING_QUIET_FOR_MS: '8000',
};

async function untilIs(notifier: TestNotifier, state: string, episode: number): Promise<void> {
  await until(`episode ${episode} is ${state}`, async () => {
    const incident = (await notifier.incidents()).get(incidentId);
    return incident?.state === state && incident.episode === episode;
  });
}

/** Begins and ends so many times; `isLastOn`: the last one does not end. */
async function flap(notifier: TestNotifier, isLastOn: boolean): Promise<void> {
  for (let episode = 1; episode <= FLAPS; episode += 1) {
    await notifier.kafka.producer.send([anAlertRecord({ host: HOST, number: episode, atMs: Date.now() })]);
    await untilIs(notifier, 'open', episode);
    if (isLastOn && episode === FLAPS) return;
    await notifier.kafka.producer.send([resolveRecord(incidentId)]);
    await untilIs(notifier, 'resolved', episode);
  }
}

function statuses(webhook: WebhookServer): readonly string[] {
  return webhook.deliveries().map(({ body }) => body.status);
}

for (const [how, isLastOn, last] of [
  ['is over', false, 'resolved'],
  ['is on', true, 'firing'],
] as const)
  test(`it flaps: few messages, one says so, and that it ${how} is sent once it is quiet [alerting 12]`, async (t) => {
    const webhook = await startWebhookServer(t);
    const receiver = hook(webhook);
    const notifier = await startNotifier(t, [receiver], { ...AT_ONCE, ...SETTINGS });
    await flap(notifier, isLastOn);
    const final = await until('how it stands is notified', async () => {
      const rows = (await notifier.actions()).filter(({ type, episode }) => type === 'notified' && episode === FLAPS);
      return rows.length > 0 && rows;
    });
    assert.equal(final.length, 1);
    assert.equal(statuses(webhook).at(-1), last);
    assert.ok(webhook.requests() <= 7, `${webhook.requests()} messages: ${statuses(webhook).join(', ')}`);
    const said = webhook.deliveries().filter(({ text }) => text.includes('has begun 3 times since'));
    assert.equal(said.length, 1, 'one message says that it flaps');
    const held = (await notifier.actions()).filter(({ type }) => type === 'suppressed');
    assert.ok(held.length > 0);
    assert.match(held[0]?.reason ?? '', /^flapping: it has begun/u);
  });
