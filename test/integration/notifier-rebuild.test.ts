// Redis is rebuilt from Kafka: what happens to it meanwhile, and who else wants to rebuild it. On
// real Kafka and Redis.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createAlertsStage } from '../../services/notifier/dispatch/alerts-stage.ts';
import { type CompareParts, hasAllOfKafka } from '../../services/notifier/recovery/compare.ts';
import { type RebuildParts, rebuildFromKafka } from '../../services/notifier/recovery/rebuild.ts';
import { createStateTopics, type StatePiece } from '../../services/notifier/recovery/state-topics.ts';
import { type Completeness, watchCompleteness } from '../../services/notifier/redis/completeness.ts';
import { encodeTombstone, encodeIncident, type Incident } from '../../shared/contracts/incident.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { createKafka, withAdmin } from '../../shared/kafka/client.ts';
import { anAlert } from '../support/alerts.ts';
import { AT_ONCE_ROUTE } from '../support/at-once.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { quietLog } from '../support/log.ts';
import { openTestComponents, type TestComponents } from '../support/notifier-components.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { ask, follow, promote } from '../support/redis-link.ts';
import { skipHere } from '../support/needs.ts';
import { until } from '../support/until.ts';

const HOSTS = 20;
const { signal } = new AbortController();

/** A watch over the same Redis as another process has it, whose reading may be changed. */
function watch(
  t: TestContext,
  { components, kafka }: TestComponents,
  change: (piece: StatePiece) => Partial<StatePiece> = () => ({}),
  onRebuilt: () => void = () => undefined,
): Completeness {
  const client = createKafka(kafka.settings, quietLog);
  t.after(() => client.end());
  const log = quietLog;
  const topics = createStateTopics(client, kafka.settings, { ...components, log });
  const parts: RebuildParts & CompareParts = {
    ...components,
    ...topics,
    log,
    eachPiece: async (work) => await topics.eachPiece(async (piece) => await work({ ...piece, ...change(piece) })),
  };
  return watchCompleteness({
    ...parts,
    compare: () => hasAllOfKafka(parts),
    rebuild: (lease) => rebuildFromKafka(parts, lease),
    onRebuilt,
  });
}

/** Does it once, between the two topics of the first piece. */
function between(work: () => Promise<unknown>): (piece: StatePiece) => Partial<StatePiece> {
  let isDone = false;
  return ({ readActions }) => ({
    readActions: async (take) => {
      if (!isDone) await work();
      isDone = true;
      return await readActions(take);
    },
  });
}

async function openIncidents({ components }: TestComponents, number = 0): Promise<void> {
  const alerts = Array.from({ length: HOSTS }, (_, index) => anAlert({ host: `host${index}`, number }));
  await createAlertsStage({ ...components, reopenWithinMs: 1000 }).handle(alerts, signal, { mayRepeat: false });
}

/** The incidents in Redis by id, with their revision. */
async function inRedis({ components }: TestComponents): Promise<readonly (readonly [string, number])[]> {
  const found: (readonly [string, number])[] = [];
  await components.store.eachActive(async (incidents) => {
    found.push(...incidents.map(({ id, revision }) => [id, revision] as const));
    await Promise.resolve();
  });
  return found.toSorted(([left], [right]) => left.localeCompare(right));
}

test('Redis is wiped while it is rebuilt: it is rebuilt again before anybody relies on it [cluster R0]', async (t) => {
  const parts = await openTestComponents(t);
  await openIncidents(parts);
  const before = await inRedis(parts);
  await parts.redis.wipe();
  await watch(t, parts, between(parts.redis.wipe)).ensure();
  assert.equal(before.length, HOSTS);
  assert.deepEqual(await inRedis(parts), before);
});

test('Redis is wiped while the incidents are written: it is rebuilt again before anybody relies on it [cluster R0]', async (t) => {
  const parts = await openTestComponents(t);
  await openIncidents(parts);
  const before = await inRedis(parts);
  await parts.redis.wipe();
  let isWiped = false;
  const completeness = watch(t, parts, ({ readIncidents }) => ({
    readIncidents: async (take) =>
      await readIncidents(async (values) => {
        await take(values);
        if (!isWiped) await parts.redis.wipe();
        isWiped = true;
      }),
  }));
  await completeness.ensure();
  assert.deepEqual(await inRedis(parts), before);
});

test('Redis is set back under the same run id while it is rebuilt: nothing of before is taken for complete [cluster R0]', async (t) => {
  const [own, copy] = [await startOwnServers(t, ['redis']), await startOwnServers(t, ['redis'])];
  if (typeof own === 'string' || typeof copy === 'string') {
    skipHere(t, 'servers', 'there is no JDK');
    return;
  }
  const parts = await openTestComponents(t, { ownUrl: own.redis.address });
  await openIncidents(parts);
  await follow(copy.redis.address, own.redis.address);
  await promote(copy.redis.address);
  await openIncidents(parts, 1);
  const before = await inRedis(parts);
  const runId = async (): Promise<string> =>
    await ask(own.redis.address, async (redis) => /run_id:(\w+)/u.exec(await redis.info('server'))?.[1] ?? '');
  const id = await runId();
  await parts.redis.wipe();
  const completeness = watch(
    t,
    parts,
    between(async () => {
      await follow(own.redis.address, copy.redis.address);
      await promote(own.redis.address);
    }),
  );
  await completeness.ensure();
  assert.equal(await runId(), id);
  assert.deepEqual(await inRedis(parts), before);
});

test('two notifiers find Redis wiped: one rebuilds it, the other waits and rebuilds nothing [cluster R6]', async (t) => {
  const parts = await openTestComponents(t);
  await openIncidents(parts);
  const before = await inRedis(parts);
  await parts.redis.wipe();
  let rebuilds = 0;
  const notifier = (): Completeness => watch(t, parts, undefined, () => (rebuilds += 1));
  await Promise.all([notifier().ensure(), notifier().ensure()]);
  assert.equal(rebuilds, 1);
  assert.deepEqual(await inRedis(parts), before);
});

test('the notifier that rebuilds is gone: another rebuilds when the lease has ended [cluster R6]', async (t) => {
  const parts = await openTestComponents(t);
  await openIncidents(parts);
  const before = await inRedis(parts);
  await parts.redis.wipe();
  const first = await openTestComponents(t, { beside: parts });
  await parts.redis.wipe();
  // Its connection is cut in the middle and stays so: as if its machine had lost power.
  const failing = watch(
    t,
    first,
    between(async () => {
      first.proxy.cut();
      await Promise.resolve();
    }),
  );
  await assert.rejects(failing.ensure());
  await watch(t, parts).ensure();
  assert.deepEqual(await inRedis(parts), before);
});

test('of an incident the highest revision counts and not the last record, also behind its end [state 4]', async (t) => {
  const parts = await openTestComponents(t);
  await openIncidents(parts);
  const records = await parts.kafka.readAll('incidents');
  const [first, second] = records.map(({ value }) => JSON.parse(String(value)) as Incident);
  assert.ok(first !== undefined && second !== undefined);
  await parts.kafka.producer.send([
    encodeIncident({ ...first, revision: 6 }),
    encodeIncident({ ...first, revision: 5 }),
    encodeTombstone({ kind: 'tombstone', id: second.id, revision: 4 }),
    encodeIncident({ ...second, revision: 7 }),
    encodeIncident({ ...second, revision: 3 }),
  ]);
  await parts.redis.wipe();
  await watch(t, parts).ensure();
  const found = new Map(await inRedis(parts));
  assert.deepEqual([found.get(first.id), found.get(second.id)], [6, 7]);
});

test('an incident is on and Kafka has no entry of its beginning: an old one counts as notified, a young one is notified [state 2]', async (t) => {
  const receiver = { name: 'ops', kind: 'webhook', url: 'http://127.0.0.1:9/', allowPrivate: true };
  const parts = await openTestComponents(t, { notifier: { receivers: [receiver], route: AT_ONCE_ROUTE } });
  const [old, young] = [anId('old'), anId('young')];
  await parts.kafka.producer.send([
    encodeIncident(anIncident(old, 3)),
    encodeIncident({ ...anIncident(young, 2), openedAtMs: Date.now() }),
  ]);
  await parts.redis.wipe();
  await watch(t, parts).ensure();
  const queued: string[] = [];
  const { queues, notificationLog } = parts.components;
  await queues.eachWaiting(async (deliveries) => {
    queued.push(...deliveries.map(({ subjectId }) => subjectId));
    await Promise.resolve();
  });
  const sent = await notificationLog.sentRevision({ subjectId: old, episode: 1, receiver: 'ops' });
  assert.deepEqual([queued, sent], [[young], 3]);
});

test('a large batch comes again after Redis was lost: each of its events counts once [state 3]', async (t) => {
  const parts = await openTestComponents(t);
  const alerts = Array.from({ length: 1000 }, (_, number) => anAlert({ host: 'flood.example.org', number }));
  const handle = async (): Promise<void> => {
    const { components } = parts;
    await createAlertsStage({ ...components, reopenWithinMs: 1000 }).handle(alerts, signal, { mayRepeat: true });
  };
  await handle();
  await parts.redis.wipe();
  await watch(t, parts).ensure();
  await handle();
  const [incident] = await parts.components.store.snapshots([alerts[0]?.incidentId ?? '']);
  assert.equal(incident?.totalCount, alerts.length);
});

test('the state is read partition by partition, as a whole where the topics have not as many, and nothing twice', async (t) => {
  const parts = await openTestComponents(t);
  await openIncidents(parts);
  const { kafka, settings } = parts.kafka;
  const topics = createStateTopics(kafka, settings, { ...parts.components, log: quietLog });
  /** The incidents that each piece has: by their snapshots, and by their entries. */
  const piecesOf = async () => {
    const pieces: (readonly [string, string])[] = [];
    await topics.eachPiece(async ({ readIncidents, readActions }) => {
      const [incidents, entries]: [string[], string[]] = [[], []];
      await readIncidents(
        async (values) => void incidents.push(...(await Promise.resolve(values)).map(({ id }) => id)),
      );
      await readActions(async (values) => {
        entries.push(...values.flatMap((entry) => (entry.subject === 'incident' ? [entry.incidentId] : [])));
        await Promise.resolve();
      });
      pieces.push([incidents.toSorted().join(), [...new Set(entries)].toSorted().join()]);
    });
    return pieces;
  };
  const expected = (await inRedis(parts)).map(([id]) => id).toSorted();
  const idsIn = (pieces: readonly (readonly [string, string])[]): readonly string[] =>
    pieces.flatMap(([ids]) => ids.split(',').filter(Boolean)).toSorted();
  const six = await piecesOf();
  for (const [incidents, entries] of six) assert.equal(incidents, entries);
  assert.deepEqual([six.length, idsIn(six)], [6, expected]);
  const addOneTo = async (key: 'actions' | 'incidents'): Promise<void> => {
    const topic = topicName(settings.topicPrefix, key);
    await withAdmin(kafka, async (admin) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count: 7 }] });
    });
  };
  await addOneTo('actions');
  const one = await until('the new partition is known', async () => {
    const pieces = await piecesOf();
    return pieces.length === 1 ? pieces : undefined;
  });
  assert.deepEqual(idsIn(one), expected);
  // As many again, and more than they were made with: an incident may lie in two of them.
  await addOneTo('incidents');
  const many = await piecesOf();
  assert.deepEqual([many.length, idsIn(many)], [1, expected]);
});
