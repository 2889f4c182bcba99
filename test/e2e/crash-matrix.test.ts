// 1,000 incidents while everything is killed in turn, services and servers alike: nothing lost, nothing told twice, counts exact.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { AT_ONCE } from '../support/at-once.ts';
import { sendAll } from '../support/agent.ts';
import { makeEvent, makeFault } from '../support/events.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { type OwnServer, type ServerName, startOwnServers } from '../support/own-servers.ts';
import { until } from '../support/until.ts';
import { startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const INCIDENTS = 1000;
const EVERYDAY_EVENTS = 4000;
const FLEET = 'matrix';
const CATCH_UP_MS = 300_000;
const MAX_PAUSE_MS = 1500;

interface Victim {
  readonly name: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

type OwnServers = Readonly<Record<ServerName, OwnServer>>;

function victimsOf(fleet: Fleet, servers: OwnServers): readonly Victim[] {
  const processes = Object.values(fleet.services).map(({ name, kill, start }) => ({ name, kill, start }));
  return [...processes, ...Object.entries(servers).map(([name, { kill, start }]) => ({ name, kill, start }))];
}

/** Each once, in random order and at random moments; the order is told, for whoever has to find out what went wrong. */
async function killAll(t: TestContext, victims: readonly Victim[]): Promise<void> {
  const order = victims
    .map((victim) => ({ victim, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ victim }) => victim);
  t.diagnostic(`killed in this order: ${order.map(({ name }) => name).join(', ')}`);
  for (const { kill, start } of order) {
    await delay(randomInt(MAX_PAUSE_MS));
    await kill();
    await delay(randomInt(MAX_PAUSE_MS));
    await start();
  }
}

/** The keys of the messages that told of each incident's beginning, by host. */
function toldOf(webhook: WebhookServer): ReadonlyMap<string, ReadonlySet<string>> {
  const told = new Map<string, Set<string>>();
  for (const { idempotencyKey, body } of webhook.deliveries())
    for (const { labels } of body.alerts)
      told.set(labels['host'] ?? '', (told.get(labels['host'] ?? '') ?? new Set()).add(idempotencyKey));
  return told;
}

test('services and servers killed at random moments: each incident told once, each event counted once', async (t) => {
  const servers = await startOwnServers(t, ['kafka', 'elasticsearch', 'redis']);
  if (typeof servers === 'string') {
    t.skip(servers);
    return;
  }
  const webhook = await startWebhookServer(t);
  const receivers = [{ name: 'hook', kind: 'webhook', url: webhook.url, allowPrivate: true }];
  const fleet = await startFleet(t, { ...AT_ONCE, FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers) }, servers);
  const faults = Array.from({ length: INCIDENTS }, (_, index) => makeFault(FLEET, index));
  const repeats = Array.from({ length: INCIDENTS }, (_, index) => makeFault(FLEET, index, 1));
  // Their 309s are left out, so that each incident is one of the faults above.
  const everyday = Array.from({ length: EVERYDAY_EVENTS }, (_, index) => makeEvent(FLEET, index)).filter(
    ({ isFault }) => !isFault,
  );
  const killing = killAll(t, victimsOf(fleet, servers));
  for (const events of [faults, everyday, repeats]) await sendAll(fleet.eventsUrl, events, CATCH_UP_MS);
  await killing;
  const { count, names } = fleet.elasticsearch;
  const sent = faults.length + repeats.length + everyday.length;
  await until('every event is indexed', async () => (await count({ match_all: {} })) >= sent, CATCH_UP_MS);
  assert.equal(await count({ match_all: {} }), sent, 'no event twice');
  await until('every incident is told', () => toldOf(webhook).size >= INCIDENTS, CATCH_UP_MS);
  const counted = { term: { 'foghorn.incident.total_count': 2 } };
  await until('both events are counted', async () => (await count(counted, names.incidents)) >= INCIDENTS, CATCH_UP_MS);
  assert.equal(await count({ match_all: {} }, names.incidents), INCIDENTS);
  assert.deepEqual([...toldOf(webhook).keys()].sort(), faults.map(({ host }) => host).sort());
  assert.deepEqual([...toldOf(webhook).values()].filter((keys) => keys.size !== 1).length, 0, 'nothing told twice');
  assert.deepEqual(await fleet.kafka.readAll('deadLetters'), []);
  await Promise.all(Object.values(fleet.services).map(async (service) => await service.stop()));
});
