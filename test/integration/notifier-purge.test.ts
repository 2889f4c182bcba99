// Purger on real Kafka and Redis: Redis is as small as before, Kafka has a tombstone that every
// reader passes over, and what begins anew goes on above.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { createPurger } from '../../services/notifier/incidents/purge.ts';
import { keysOf } from '../../services/notifier/redis/keys.ts';
import { createIncidentStore } from '../../services/notifier/incidents/store.ts';
import { fireTimers } from '../../services/notifier/dispatch/timers.ts';
import { dueOf, type DueRules } from '../../services/notifier/policy/due.ts';
import { declareNotifierMetrics } from '../../services/notifier/metrics.ts';
import type { WriteBulk } from '../../services/indexer/bulk-writer.ts';
import { incidentsStage } from '../../services/indexer/stages.ts';
import { allIncidentsTopic, encodeTombstone, encodeIncident } from '../../shared/contracts/incident.ts';
import { readTopic } from '../../shared/kafka/read-topic.ts';
import { declareStageMetrics } from '../../shared/kafka/stage-metrics.ts';
import { runStage } from '../../shared/kafka/stage.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { anId } from '../support/ids.ts';
import { anIncident } from '../support/incidents.ts';
import { testKafka } from '../support/kafka.ts';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { resolveRecord } from '../support/commands.ts';
import { quietLog } from '../support/log.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { aPolicy } from '../support/policy.ts';
import { until } from '../support/until.ts';
import { openRedis } from '../support/redis.ts';

const DAY_MS = 86_400_000;
const host = 'media01.example.org';
const { incidentId } = anAlert({ host });

async function untilResolved(notifier: TestNotifier): Promise<void> {
  await notifier.kafka.producer.send([resolveRecord(incidentId)]);
  await until('it is resolved', async () => (await notifier.incidents()).get(incidentId)?.state === 'resolved');
}

test('resolved for long: gone from Redis and Kafka, also after Redis was wiped; an event later opens it above what it was', async (t) => {
  const notifier = await startNotifier(t, ['local']);
  await notifier.kafka.producer.send([0, 1, 2].map((number) => anAlertRecord({ host, number })));
  await until('it is notified', () => notifier.alertsText() !== '');
  await untilResolved(notifier);
  await until('its end is notified', () => notifier.alertsText().match(/^delivery /gmu)?.length === 2);
  await notifier.service.stop();

  const client = openRedis(t, notifier.redis);
  const keys = keysOf(notifier.redis.keyPrefix);
  const policy = aPolicy({}, ['local']);
  const rules: DueRules = { policy, staleAfterMs: DAY_MS, purgeResolvedAfterMs: 90 * DAY_MS };
  const seenWindow = { events: 1000, keepMs: DAY_MS };
  const store = createIncidentStore(client, keys, {
    owner: 'x',
    seenWindow,
    dueOf: (incident) => dueOf(incident, rules),
  });
  const { producer } = notifier.kafka;
  const purger = createPurger({ client, keys, store, producer, policy });
  const relay = { flush: async () => await Promise.resolve() };
  const metrics = declareNotifierMetrics(createRegistry('test'));
  const pass = async (days: number) =>
    await fireTimers({ store, relay, purger, rules, metrics, log: quietLog }, () => Date.now() + days * DAY_MS);
  const before = (await store.snapshots([incidentId]))[0];
  const [brief] = await store.briefs([incidentId]);
  assert.deepEqual({ ...before, ...brief }, before);
  assert.ok(
    brief !== undefined && !('remediation' in brief) && !('recentEventIds' in brief) && !('lastMessage' in brief),
  );
  await pass(89);
  assert.ok((await store.snapshots([incidentId]))[0], 'not yet');
  await pass(91);
  const left = await client.run(async (redis) => await redis.keys(`${notifier.redis.keyPrefix}:*${incidentId}*`));
  const own = left.filter((key) => !key.startsWith(keys.queues));
  assert.deepEqual([own, await store.due(Number.MAX_SAFE_INTEGER, 9)], [[], []]);
  assert.deepEqual(await store.countByState(), { open: 0, acknowledged: 0, resolved: 0 });
  const [last] = (await notifier.kafka.readAll('incidents')).slice(-1);
  assert.deepEqual([last?.value, String(last?.key)], [null, incidentId]);

  await notifier.redis.wipe();
  await notifier.service.start();
  assert.deepEqual(await store.countByState(), { open: 0, acknowledged: 0, resolved: 0 });
  await notifier.kafka.producer.send([anAlertRecord({ host, number: 9 })]);
  const again = await until('it is open again', async () => {
    const [found] = await store.snapshots([incidentId]);
    return found;
  });
  const { episode, revision, totalCount } = again;
  assert.deepEqual([episode, revision, totalCount], [1, (before?.revision ?? 0) + 1, 1]);
  assert.deepEqual(
    (await store.briefs([incidentId])).map((one) => one?.revision),
    [revision],
  );
  await until('it is notified', () => notifier.alertsText().match(/^delivery /gmu)?.length === 3);
});

test('the indexer passes over a tombstone, and who rebuilds reads what is gone', async (t) => {
  const { kafka, settings, producer, readAll } = await testKafka(t);
  const [a, b] = [anId('a'), anId('b')];
  await producer.send([
    encodeIncident(anIncident(a, 1)),
    encodeTombstone({ kind: 'tombstone', id: a, revision: 7 }),
    encodeIncident(anIncident(b, 1)),
  ]);
  const indexed: string[] = [];
  const write: WriteBulk = async (_target, items) => {
    indexed.push(...items.map(({ id }) => id));
    return await Promise.resolve(items.map(() => ({ kind: 'created' as const })));
  };
  const metrics = declareStageMetrics(createRegistry('test'));
  const running = await runStage({
    stage: incidentsStage(write, 'incidents', createRemediationTexts(quietLog)),
    kafka,
    settings,
    producer,
    log: quietLog,
    metrics,
    signal: new AbortController().signal,
  });
  t.after(async () => await running.stop(AbortSignal.timeout(10_000)));
  await until('both are indexed', () => indexed.length === 2);
  assert.deepEqual([indexed.toSorted(), await readAll('deadLetters')], [[a, b].toSorted(), []]);
  const all: unknown[] = [];
  await readTopic(kafka, settings, allIncidentsTopic, async (values) => {
    all.push(...values.filter((value) => 'kind' in value));
    await Promise.resolve();
  });
  assert.deepEqual(all, [{ kind: 'tombstone', id: a, revision: 7 }]);
});
