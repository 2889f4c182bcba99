// Redis comes back with its data, whole or not: it is rebuilt only where it lacks what Kafka has.
// On real Kafka, and Redis servers of the test's own.
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createWebhookChannel } from '../../services/notifier/channels/webhook.ts';
import { createCommandsStage } from '../../services/notifier/commands/commands-stage.ts';
import { settledEntries } from '../../services/notifier/delivery/activity-entries.ts';
import { type Delivery, deliveryOf } from '../../services/notifier/delivery/plan.ts';
import type { NotificationLog } from '../../services/notifier/delivery/notification-log.ts';
import { createRateLimit } from '../../services/notifier/delivery/rate-limit.ts';
import { watchReceiver } from '../../services/notifier/delivery/receiver-watch.ts';
import { startWorker } from '../../services/notifier/delivery/worker.ts';
import { createAlertsStage } from '../../services/notifier/dispatch/alerts-stage.ts';
import { createRelay } from '../../services/notifier/dispatch/outbox-relay.ts';
import { StateLost } from '../../services/notifier/redis/state-lost.ts';
import { encodeActivityEntry } from '../../shared/contracts/activity.ts';
import type { Command } from '../../shared/contracts/command.ts';
import { encodeIncident, encodeTombstone } from '../../shared/contracts/incident.ts';
import { anAlert } from '../support/alerts.ts';
import { AT_ONCE_ROUTE } from '../support/at-once.ts';
import { listen } from '../support/http-server.ts';
import { quietLog } from '../support/log.ts';
import { openTestComponents, type TestComponents } from '../support/notifier-components.ts';
import type { OwnServer } from '../support/own-servers.ts';
import { ask, promote, startLinkedRedis, startRedis } from '../support/redis-link.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const HOST = 'media01';
const { incidentId } = anAlert({ host: HOST });
const { signal } = new AbortController();
const DELIVERY = { mayRepeat: false };
const LEASE = { leaseMs: 60_000 };
/** Nobody works on its queue. */
const RECEIVERS = { receivers: [{ name: 'ops', kind: 'webhook', url: 'http://127.0.0.1:9/', allowPrivate: true }] };

const WEBHOOK = { headers: {}, secret: '', timeoutMs: 10_000, allowPrivate: true };

async function alert({ components }: TestComponents, number = 0): Promise<void> {
  const stage = createAlertsStage({ ...components, reopenWithinMs: 1000 });
  await stage.handle([anAlert({ host: HOST, number })], signal, DELIVERY);
}

/** How often Redis was rebuilt; once at the beginning, because it was empty. */
async function rebuilds({ components: { metrics } }: TestComponents): Promise<number> {
  return (await metrics.rebuilds.get()).values.reduce((sum, { value }) => sum + value, 0);
}

async function revision({ components: { store } }: TestComponents): Promise<number | undefined> {
  return (await store.snapshots([incidentId]))[0]?.revision;
}

/** Waits for the lost connection to be seen: a check before it would still be of the old one. */
async function losing({ components: { client } }: TestComponents, lose: () => Promise<void>): Promise<void> {
  const closed = new Promise((resolve) => void client.redis.once('close', resolve));
  await lose();
  await closed;
}

/** Another Redis may answer from then on. */
async function reconnect(parts: TestComponents): Promise<void> {
  await losing(parts, async () => {
    parts.components.client.redis.disconnect(true);
    await Promise.resolve();
  });
}

/** What comes after it is gone when the server was killed and started. */
async function loseFromHere({ address }: OwnServer): Promise<void> {
  await ask(address, async (redis) => await redis.config('SET', 'appendonly', 'no'));
}

async function restart(parts: TestComponents, redis: OwnServer): Promise<void> {
  await losing(parts, async () => await redis.kill());
  await redis.start();
  await parts.components.completeness.ensure();
}

test('Redis is restarted with its data, in order or killed: it is not rebuilt [state 1]', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const parts = await openTestComponents(t, { ownUrl: redis.address });
  await alert(parts);
  await restart(parts, redis);
  await losing(parts, async () => await redis.stop());
  await redis.start();
  await alert(parts, 1);
  assert.deepEqual([await rebuilds(parts), await revision(parts)], [1, 2]);
});

for (const [what, change] of [
  ['a change of an incident', async (parts: TestComponents) => await alert(parts, 1)],
  [
    'a silence',
    async ({ components }: TestComponents) => {
      const [startsAtMs, endsAtMs] = [Date.now(), Date.now() + 3_600_000];
      const silence = { id: 's', matchers: [`host="${HOST}"`], author: 'kim', startsAtMs, endsAtMs, comment: 'x' };
      const command: Command = { id: 'c', actor: 'kim', atMs: 1, reason: '', kind: 'silence', silence };
      const [verdict] = await createCommandsStage(components).handle([command], signal, DELIVERY);
      assert.ok(verdict?.kind === 'emit');
      await components.producer.send(verdict.records);
    },
  ],
  ['a message', async (parts: TestComponents) => void (await notify(parts))],
] as const) {
  test(`Redis comes back without its last second, and lacks ${what}: it is rebuilt [state 1]`, async (t) => {
    const redis = await startRedis(t);
    if (redis === undefined) return;
    const parts = await openTestComponents(t, { ownUrl: redis.address, notifier: RECEIVERS });
    await alert(parts);
    await loseFromHere(redis);
    await change(parts);
    const before = await revision(parts);
    await restart(parts, redis);
    assert.deepEqual([await rebuilds(parts), await revision(parts)], [2, before]);
  });
}

/** The delivery of the beginning, claimed, and in Kafka; settled in Redis only if `settles`. */
async function notify({ components }: TestComponents, settles = true): Promise<Delivery> {
  const [incident] = await components.store.snapshots([incidentId]);
  assert.ok(incident !== undefined);
  const { id: subjectId, episode } = incident;
  const delivery = deliveryOf({ subjectId, episode, revision: 1, receiver: 'ops', reason: 'opened', receivedAtMs: 1 });
  const claim = await components.notificationLog.claim(delivery, LEASE);
  assert.ok(claim.kind === 'claimed');
  const sent = { kind: 'sent', reference: 'r', atMs: Date.now() } as const;
  const entries = settledEntries(delivery, [incident], { ...sent, isOver: true });
  await components.producer.send(entries.map(encodeActivityEntry));
  if (settles) await components.notificationLog.settle(delivery, claim.token, sent);
  return delivery;
}

test('Redis is restarted between a message and its settlement: it counts as sent, and Redis is not rebuilt', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const parts = await openTestComponents(t, { ownUrl: redis.address, notifier: RECEIVERS });
  await alert(parts);
  const delivery = await notify(parts, false);
  await restart(parts, redis);
  const claim = await parts.components.notificationLog.claim(delivery, LEASE);
  assert.deepEqual([claim.kind, await rebuilds(parts)], ['sent', 1]);
});

test('Redis comes back from before a change of the configuration: it is rebuilt by this one', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const parts = await openTestComponents(t, { ownUrl: redis.address });
  await alert(parts);
  const { client, keys, policy } = parts.components;
  await client.run(async (connection) => await connection.set(keys.policy, 'another'));
  await restart(parts, redis);
  const by = await client.run(async (connection) => await connection.get(keys.policy));
  assert.deepEqual([await rebuilds(parts), by], [2, policy.fingerprint]);
});

test('Redis comes back with the claim of a message before the last one: it is rebuilt', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const parts = await openTestComponents(t, { ownUrl: redis.address, notifier: RECEIVERS });
  await alert(parts);
  const { revision: _first, ...claimed } = await notify(parts, false);
  const [incident] = await parts.components.store.snapshots([incidentId]);
  assert.ok(incident !== undefined);
  const later = deliveryOf({ ...claimed, revision: 2 });
  const entries = settledEntries(later, [incident], { kind: 'sent', reference: 'r', atMs: Date.now(), isOver: true });
  await parts.components.producer.send(entries.map(encodeActivityEntry));
  await restart(parts, redis);
  assert.equal(await rebuilds(parts), 2);
});

test('Redis is restarted and may have lost a claim: the delivery that waits is in doubt, and reconciled first', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const parts = await openTestComponents(t, { ownUrl: redis.address, notifier: RECEIVERS });
  await alert(parts);
  const own = { subjectId: incidentId, episode: 1, revision: 1, receiver: 'ops', receivedAtMs: 1 };
  const delivery = deliveryOf({ ...own, reason: 'opened' });
  await parts.components.queues.add([delivery]);
  await restart(parts, redis);
  const claim = await parts.components.notificationLog.claim(delivery, LEASE);
  assert.ok(claim.kind === 'claimed');
  assert.deepEqual([claim.unconfirmedRevision, await rebuilds(parts)], [delivery.revision, 1]);
});

interface Pair {
  readonly parts: TestComponents;
  readonly first: string;
  readonly second: string;
  /** The proxy of the components leads to the second from now on, and cuts what is open. */
  failOver(): Promise<void>;
}

/** Components that see the run id of no Redis, as of some managed ones, on the first of two. */
async function startPair(t: TestContext): Promise<Pair | undefined> {
  const linked = await startLinkedRedis(t);
  if (linked === undefined) return undefined;
  const { first, second } = linked;
  const hidden = [await hidingRunId(t, first.host), await hidingRunId(t, second.host)] as const;
  const url = new URL(first.href);
  url.host = hidden[0];
  const parts = await openTestComponents(t, { ownUrl: url.href });
  await alert(parts);
  return {
    parts,
    first: first.href,
    second: second.href,
    failOver: async () => {
      parts.proxy.lead(hidden[1]);
      await losing(parts, async () => {
        parts.proxy.cut();
        await Promise.resolve();
      });
      parts.proxy.resume();
    },
  };
}

/** A proxy that leaves the run id out of what Redis says; gives its address. */
async function hidingRunId(t: TestContext, target: string): Promise<string> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.pipe(upstream);
    upstream.on('data', (bytes: Buffer) =>
      client.write(Buffer.from(bytes.toString('latin1').replace('run_id:', 'hidden:'), 'latin1')),
    );
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  const own = await listen(server);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${own}`;
}

test('a managed Redis that hides its run id fails over to a replica in step: it is not rebuilt [state 8]', async (t) => {
  const pair = await startPair(t);
  if (pair === undefined) return;
  const { parts, second, failOver } = pair;
  await promote(second);
  await failOver();
  await alert(parts, 1);
  assert.deepEqual([await rebuilds(parts), await revision(parts)], [1, 2]);
});

test('a managed Redis that hides its run id fails over to a replica that lags: it is rebuilt [state 8]', async (t) => {
  const pair = await startPair(t);
  if (pair === undefined) return;
  const { parts, second, failOver } = pair;
  await promote(second);
  await alert(parts, 1);
  await failOver();
  await alert(parts, 2);
  assert.deepEqual([await rebuilds(parts), await revision(parts)], [2, 3]);
});

test('another notifier has found the promoted replica complete: one that wrote to the old primary looks for itself', async (t) => {
  const pair = await startPair(t);
  if (pair === undefined) return;
  const { parts, second, failOver } = pair;
  await promote(second);
  const other = await openTestComponents(t, {
    ownUrl: second,
    beside: { ...parts, redis: { ...parts.redis, url: second } },
  });
  assert.equal(await rebuilds(other), 0, 'it lacks nothing yet');
  await alert(parts, 1);
  await failOver();
  await parts.components.completeness.ensure();
  assert.deepEqual([await rebuilds(parts), await revision(parts)], [2, 2]);
});

test('Redis was set back to before an incident ended and was purged: a rebuild removes it', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const parts = await openTestComponents(t, { ownUrl: redis.address });
  await alert(parts);
  await parts.kafka.producer.send([encodeTombstone({ kind: 'tombstone', id: incidentId, revision: 3 })]);
  await restart(parts, redis);
  const { store } = parts.components;
  const found = [await revision(parts), await store.activeOnHost(HOST), (await store.countByState()).open];
  assert.deepEqual([await rebuilds(parts), ...found], [2, undefined, [], 0]);
});

test('Redis has purged an incident that has begun anew in Kafka: it is rebuilt, and only then', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const parts = await openTestComponents(t, { ownUrl: redis.address });
  await alert(parts);
  const { store, purger, client, keys, producer } = parts.components;
  const [incident] = await store.snapshots([incidentId]);
  assert.ok(incident !== undefined);
  await purger.restore([{ kind: 'tombstone', id: incidentId, revision: 1 }]);
  const entry = JSON.stringify({ incidentId, revision: 1 });
  await client.run(async (connection) => await connection.hset(keys.purged, incidentId, entry));
  await restart(parts, redis);
  assert.deepEqual([await rebuilds(parts), await revision(parts)], [1, undefined]);
  await producer.send([encodeIncident({ ...incident, revision: 3 })]);
  await restart(parts, redis);
  assert.deepEqual([await rebuilds(parts), await revision(parts)], [2, 3]);
});

test('the connection is lost between the queues and the outbox: another Redis may lack what was queued, so the outbox keeps it', async (t) => {
  const parts = await openTestComponents(t, { notifier: { ...RECEIVERS, route: AT_ONCE_ROUTE } });
  const { components } = parts;
  const stage = createAlertsStage({ ...components, relay: { flush: async () => {} }, reopenWithinMs: 1000 });
  await stage.handle([anAlert({ host: HOST })], signal, DELIVERY);
  const queues = {
    add: async (deliveries: readonly Delivery[]) => {
      await components.queues.add(deliveries);
      await reconnect(parts);
    },
  };
  const relay = createRelay({ ...components, owner: 'test', queues, onGroupsChanged: () => undefined });
  await assert.rejects(relay.flush('all'), StateLost);
  assert.equal((await components.store.outbox()).length, 1);
  await components.completeness.ensure();
  await components.relay.flush('all');
  assert.equal((await components.store.outbox()).length, 0);
});

test('Redis loses its contents just before an attempt: it is made once more, and is no failed one', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = { receivers: [hook(webhook)], route: AT_ONCE_ROUTE, attempts: 1 };
  const parts = await openTestComponents(t, { notifier });
  const { components } = parts;
  const { client, keys, producer, now } = components;
  await alert(parts);
  const channel = createWebhookChannel({ ...WEBHOOK, url: webhook.url, receiver: 'hook', now });
  let claims = 0;
  const notificationLog: NotificationLog = {
    ...components.notificationLog,
    claim: async (...asked) => {
      claims += 1;
      if (claims === 1) await client.run(async (redis) => await redis.del(keys.complete));
      return await components.notificationLog.claim(...asked);
    },
  };
  const worker = startWorker({
    ...components,
    receiver: 'hook',
    concurrency: 1,
    retryMinMs: 100,
    retryMaxMs: 100,
    retryForMs: 60_000,
    watch: watchReceiver({ receiver: 'hook', receiverFailingAfterMs: 60_000, producer, log: quietLog, now }),
    parts: {
      ...components,
      notificationLog,
      channel,
      rateLimit: createRateLimit(client, keys.rateLimit('hook'), undefined),
      linksOf: () => ({ page: 'https://foghorn.example.org/', links: [] }),
      leaseMs: 60_000,
    },
  });
  try {
    await until('the message is sent', () => webhook.deliveries().length === 1);
  } finally {
    // Before its Redis is out of reach.
    await worker.stop(AbortSignal.timeout(1000));
    await channel.close();
  }
  assert.ok(claims > 1);
  assert.equal(await rebuilds(parts), 2);
});
