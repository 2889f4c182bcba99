// Elasticsearch away holds up no alert, and nothing is lost by it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendAll } from '../support/agent.ts';
import { makeEvent, makeFault } from '../support/events.ts';
import { startFleet } from '../support/fleet.ts';
import { requiredEnv } from '../support/servers.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { startWebhookServer } from '../support/webhook-server.ts';

const EVENTS = 3000;
const FAULTS = 50;
const LIMIT_MS = 120_000;

test('Elasticsearch away: alerts go out, and what waited is indexed when it is back', async (t) => {
  const webhook = await startWebhookServer(t);
  const proxy = await createTcpProxy(new URL(requiredEnv('ELASTICSEARCH_URL')).host);
  t.after(async () => await proxy.close());
  const receivers = [{ name: 'hook', kind: 'webhook', url: webhook.url, allowPrivate: true }];
  const fleet = await startFleet(t, {
    ELASTICSEARCH_URL: `http://${proxy.address}`,
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers),
  });
  const { count } = fleet.elasticsearch;
  const told = (): number => new Set(webhook.alerts().map(({ labels }) => labels['host'])).size;
  const faults = Array.from({ length: FAULTS }, (_, index) => makeFault('away', index));
  const everyday = Array.from({ length: EVENTS }, (_, index) => makeEvent('away', index)).filter(
    ({ isFault }) => !isFault,
  );

  proxy.cut();
  await sendAll(fleet.eventsUrl, [...everyday, ...faults], LIMIT_MS);
  await until('told without Elasticsearch', () => told() === FAULTS, LIMIT_MS);
  assert.equal(await count({ match_all: {} }), 0);
  proxy.resume();
  const before = everyday.length + FAULTS;
  await until('indexed when it is back', async () => (await count({ match_all: {} })) >= before, LIMIT_MS);

  assert.equal(await count({ match_all: {} }), before, 'no event twice');
  assert.deepEqual(await fleet.kafka.readAll('deadLetters'), []);
});
