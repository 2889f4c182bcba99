// 20,000 mixed events while each service in turn is killed with SIGKILL: nothing lost, nothing
// twice, every fault notified once, no stranger notified.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT_ONCE } from '../support/at-once.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { makeEvent } from '../support/events.ts';
import { sendAll } from '../support/agent.ts';
import type { ServiceName } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const EVENTS = 20_000;
const CATCH_UP_MS = 240_000;

/** Kills and restarts one service after the other, twice around. */
async function killInTurn(fleet: Fleet): Promise<void> {
  const order: readonly ServiceName[] = [
    'collector',
    'enricher',
    'indexer',
    'notifier',
    'enricher',
    'indexer',
    'notifier',
    'collector',
  ];
  for (const name of order) {
    await fleet.services[name].kill();
    await fleet.services[name].start();
  }
}

test('each service killed in mid-stream: every event once, every fault notified once', async (t) => {
  const webhook = await startWebhookServer(t);
  const receivers = [hook(webhook)];
  const fleet = await startFleet(t, { ...AT_ONCE, FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers) });
  const events = Array.from({ length: EVENTS }, (_, index) => makeEvent('crash', index));
  await Promise.all([sendAll(fleet.eventsUrl, events, CATCH_UP_MS), killInTurn(fleet)]);

  const { count, search } = fleet.elasticsearch;
  await until('every event is indexed', async () => (await count({ match_all: {} })) >= EVENTS, CATCH_UP_MS);
  assert.equal(await count({ match_all: {} }), EVENTS, 'no event twice');

  const faults = events.filter((event) => event.isFault);
  assert.equal(await count({ term: { 'rule.id': 'wmserver-309-port-in-use' } }), faults.length);
  assert.equal(
    await count({ bool: { must: { term: { 'event.code': '309' } }, must_not: { exists: { field: 'rule.id' } } } }),
    EVENTS / 100,
  );
  const tagged = await search({ term: { 'rule.id': 'wmserver-309-port-in-use' } }, faults.length);
  assert.ok(tagged.every((document) => document['event'].provider === 'WMServer'));

  const incidents = new Set(faults.map((event) => `${event.host}:${event.port}`));
  const notified = (): Set<string> =>
    new Set(
      webhook
        .alerts()
        .filter((alert) => alert.status === 'firing')
        .map(({ labels }) => `${labels['host']}:${labels['port']}`),
    );
  await until('every incident is notified', () => notified().size >= incidents.size, CATCH_UP_MS);
  assert.deepEqual([...notified()].sort(), [...incidents].sort());
  assert.equal(
    new Set(webhook.deliveries().map(({ idempotencyKey }) => idempotencyKey)).size,
    incidents.size,
    'one message for each incident',
  );
  assert.deepEqual(
    (await fleet.kafka.readAll('deadLetters')).map(({ headers }) => headers['dead-detail']),
    [],
  );
});
