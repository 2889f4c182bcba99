// One dependency away holds up no other part: without Elasticsearch alerts go out, with a dead
// webhook documents go in, and nothing is lost by either.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT_ONCE } from '../support/at-once.ts';
import { sendAll } from '../support/agent.ts';
import { makeEvent, makeFault } from '../support/events.ts';
import { startFleet } from '../support/fleet.ts';
import { requiredEnv } from '../support/servers.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const EVENTS = 3000;
const FAULTS = 50;
const LIMIT_MS = 120_000;

test('Elasticsearch away, then the webhook: the other half goes on, and what waited comes', async (t) => {
  const webhook = await startWebhookServer(t);
  const proxy = await createTcpProxy(new URL(requiredEnv('ELASTICSEARCH_URL')).host);
  t.after(async () => await proxy.close());
  const receivers = [hook(webhook)];
  const fleet = await startFleet(t, {
    ELASTICSEARCH_URL: `http://${proxy.address}`,
    ...AT_ONCE,
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers),
  });
  const { count } = fleet.elasticsearch;
  const notified = (): number => new Set(webhook.alerts().map(({ labels }) => labels['host'])).size;
  const faults = Array.from({ length: FAULTS * 2 }, (_, index) => makeFault('away', index));
  const everyday = Array.from({ length: EVENTS }, (_, index) => makeEvent('away', index)).filter(
    ({ isFault }) => !isFault,
  );

  proxy.cut();
  await sendAll(fleet.eventsUrl, [...everyday, ...faults.slice(0, FAULTS)], LIMIT_MS);
  await until('notified without Elasticsearch', () => notified() === FAULTS, LIMIT_MS);
  assert.equal(await count({ match_all: {} }), 0);
  proxy.resume();
  const before = everyday.length + FAULTS;
  await until('indexed when it is back', async () => (await count({ match_all: {} })) >= before, LIMIT_MS);

  webhook.behave({ kind: 'hang' });
  await sendAll(fleet.eventsUrl, faults.slice(FAULTS), LIMIT_MS);
  await until('indexed without the webhook', async () => (await count({ match_all: {} })) >= before + FAULTS, LIMIT_MS);
  assert.equal(notified(), FAULTS);
  webhook.behave({ kind: 'take' });
  await until('notified when it is back', () => notified() === FAULTS * 2, LIMIT_MS);
  assert.equal(await count({ match_all: {} }), before + FAULTS, 'no event twice');
  assert.deepEqual(await fleet.kafka.readAll('deadLetters'), []);
});
