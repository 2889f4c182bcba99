// What happens when a topic gets more partitions while Foghorn works: nothing acknowledged is lost,
// every partition is read and counted, and order by key is not given up.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { OutRecord, Topic } from '../../../shared/contracts/record.ts';
import type { Verdict } from '../../../shared/contracts/stage.ts';
import { topicName } from '../../../shared/contracts/topics.ts';
import { createKafka, withAdmin } from '../../../shared/kafka/client.ts';
import { followed, followTopics } from '../../../shared/kafka/follow-topics.ts';
import { kafkajs } from '../../../shared/kafka/kafkajs.ts';
import { BatchingProducer } from '../../../shared/kafka/producer.ts';
import { runStage } from '../../../shared/kafka/stage.ts';
import { declareStageMetrics } from '../../../shared/kafka/stage-metrics.ts';
import { ensureTopics } from '../../../shared/kafka/topics.ts';
import { ConfigError, Unavailable } from '../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../shared/runtime/metrics.ts';
import { type TestKafka, testKafka } from '../../support/kafka.ts';
import { createKafkaProxy, nothingStored } from '../../support/kafka-proxy.ts';
import { recordedLog, quietLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';

const textTopic: Topic<string> = { key: 'raw', decode: ({ value }) => ({ kind: 'value', value: String(value) }) };
const done: Verdict = { kind: 'emit', records: [] };
const raw = (value: string): OutRecord => ({ topic: 'raw', key: value, value });

async function partitionsOf({ kafka, settings }: TestKafka, key: 'raw' | 'incidents' | 'deadLetters'): Promise<number> {
  const topic = topicName(settings.topicPrefix, key);
  return await withAdmin(kafka, async (admin) => (await admin.fetchTopicOffsets(topic)).length);
}

async function addPartitions({ kafka, settings }: TestKafka, count: number): Promise<void> {
  const topic = topicName(settings.topicPrefix, 'raw');
  await withAdmin(kafka, async (admin) => await admin.createPartitions({ topicPartitions: [{ topic, count }] }));
}

async function runCopy(t: TestContext, kafka: TestKafka, seen: string[]) {
  const registry = createRegistry('test');
  const running = await runStage({
    ...kafka,
    stage: {
      name: 'copy',
      from: textTopic,
      handle: async (batch) => {
        seen.push(...batch);
        return await Promise.resolve(batch.map(() => done));
      },
    },
    log: quietLog,
    metrics: declareStageMetrics(registry),
    signal: new AbortController().signal,
  });
  t.after(async () => await running.stop(AbortSignal.timeout(20_000)));
  const lagPartitions = async (): Promise<number> =>
    [...(await registry.metrics()).matchAll(/^foghorn_lag_records\{/gmu)].length;
  return { lagPartitions };
}

test('every acknowledged record is in the topic when it gets three more partitions under load, and all of them are read [cluster K1]', async (t) => {
  const kafka = await testKafka(t);
  const seen: string[] = [];
  const followedValues: string[] = [];
  const { lagPartitions } = await runCopy(t, kafka, seen);
  const follower = await followTopics(kafka.kafka, kafka.settings, {
    topics: [followed(textTopic, (value) => void followedValues.push(value))],
    log: quietLog,
  });
  t.after(async () => await follower.stop(AbortSignal.timeout(20_000)));
  const acknowledged: string[] = [];
  const used = new Set<number>();
  const send = async (): Promise<void> => {
    const records = Array.from({ length: 50 }, () => raw(randomUUID()));
    for (const { partition } of await kafka.producer.send(records)) used.add(partition);
    acknowledged.push(...records.map(({ value }) => String(value)));
  };
  await send();
  await addPartitions(kafka, 9);
  await until('the new partitions are written to', async () => {
    await send();
    return used.size === 9;
  });
  await until('everything was read by the stage', () => new Set(seen).size >= acknowledged.length);
  await until('and by the follower', () => new Set(followedValues).size >= acknowledged.length);
  const stored = new Set((await kafka.readAll('raw')).map(({ value }) => String(value)));
  assert.deepEqual(
    acknowledged.filter((value) => !stored.has(value)),
    [],
  );
  await until('the lag of all partitions is shown', async () => (await lagPartitions()) === 9);
});

test('a record for whose partition the broker gives no answer is sent again, and is not acknowledged without one [cluster K1]', async (t) => {
  const direct = await testKafka(t);
  const proxy = await createKafkaProxy(direct.settings.brokers[0] ?? '');
  const own = { ...direct.settings, brokers: [proxy.address] };
  const kafka = createKafka(own, quietLog);
  const producer = new BatchingProducer(kafka, own);
  t.after(() =>
    t.after(async () => {
      await producer.close();
      kafka.end();
      await proxy.close();
    }),
  );
  let unanswered = 0;
  proxy.answer(nothingStored(() => (unanswered += 1)));
  await assert.rejects(
    producer.send([raw('never stored')]),
    (error) => error instanceof Unavailable && /did not say/u.test(error.message),
  );
  assert.equal(unanswered, 2, 'it was tried once more, with another producer');
  unanswered = 0;
  proxy.answer((request) => (unanswered > 0 ? undefined : nothingStored(() => (unanswered += 1))(request)));
  const positions = await producer.send([raw('stored at the second try')]);
  assert.equal(unanswered, 1);
  const stored = await direct.readAll('raw');
  assert.deepEqual(
    [stored.map(({ value }) => String(value)), positions.map(({ offset }) => offset)],
    [['stored at the second try'], ['0']],
  );
});

test('a topic with fewer partitions than its setting is raised at the start, by services that start together too; without a setting it stays [cluster K1]', async (t) => {
  const kafka = await testKafka(t);
  await ensureTopics(kafka.kafka, kafka.settings, ['raw', 'deadLetters']);
  assert.deepEqual([await partitionsOf(kafka, 'raw'), await partitionsOf(kafka, 'deadLetters')], [6, 1]);
  const { log, lines } = recordedLog();
  const own = createKafka(kafka.settings, log);
  t.after(() => own.end());
  const settings = { ...kafka.settings, partitions: { raw: 8, deadLetters: 2 } };
  await Promise.all([1, 2, 3].map(async () => await ensureTopics(own, settings, ['raw', 'deadLetters'])));
  assert.deepEqual([await partitionsOf(kafka, 'raw'), await partitionsOf(kafka, 'deadLetters')], [8, 2]);
  const changes = lines.map(({ detail }) => String(detail));
  assert.ok(
    changes.some((detail) => /raw has 8 partitions now, before it had 6/u.test(detail)),
    changes.join('; '),
  );
  await ensureTopics(own, { ...settings, partitions: { raw: 7 } }, ['raw']);
  assert.equal(await partitionsOf(kafka, 'raw'), 8, 'never lowered');
});

test('a topic whose records have to stay in order by key is never raised, and says so [cluster K1]', async (t) => {
  const kafka = await testKafka(t);
  for (const key of ['incidents', 'actions', 'commands'] as const)
    await assert.rejects(
      ensureTopics(kafka.kafka, { ...kafka.settings, partitions: { [key]: 9 } }, [key]),
      (error) =>
        error instanceof ConfigError &&
        error.message.includes(`${topicName(kafka.settings.topicPrefix, key)} has 6, and kafka.partitions.${key} = 9`),
    );
  assert.equal(await partitionsOf(kafka, 'incidents'), 6);
});

test('topics are made with the partitions of their settings, and keep the compression of the producer [cluster K1]', async (t) => {
  const kafka = await testKafka(t, { partitions: { raw: 3, incidents: 2 } });
  assert.deepEqual([await partitionsOf(kafka, 'raw'), await partitionsOf(kafka, 'incidents')], [3, 2]);
  const { resources } = await withAdmin(
    kafka.kafka,
    async (admin) =>
      await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topicName(kafka.settings.topicPrefix, 'raw'),
            configNames: ['compression.type'],
          },
        ],
      }),
  );
  const [entry] = resources[0]?.configEntries ?? [];
  assert.deepEqual([entry?.configValue, entry?.isDefault], ['producer', false]);
});
