// The Kafka loop and the producer against a real broker: order, commits, repeats, dead letters,
// unavailable dependencies, wrong topics.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { InRecord, OutRecord, Topic, TopicKey } from '../../../shared/contracts/record.ts';
import type { Delivery, Stage, Verdict } from '../../../shared/contracts/stage.ts';
import { TOPICS, topicName } from '../../../shared/contracts/topics.ts';
import { createKafka, kafkaSettings, withAdmin } from '../../../shared/kafka/client.ts';
import { BatchingProducer } from '../../../shared/kafka/producer.ts';
import { runStage } from '../../../shared/kafka/stage.ts';
import { declareStageMetrics } from '../../../shared/kafka/stage-metrics.ts';
import { ensureTopics } from '../../../shared/kafka/topics.ts';
import { ConfigError, Unavailable } from '../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../shared/runtime/metrics.ts';
import type { Running } from '../../../shared/runtime/running.ts';
import { type TestKafka, testKafka } from '../../support/kafka.ts';
import { createKafkaProxy, topicsRefused } from '../../support/kafka-proxy.ts';
import { recordedLog, quietLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';

const textTopic: Topic<string> = {
  key: 'raw',
  decode: ({ value }) =>
    value === null || value.length === 0
      ? { kind: 'bad', detail: 'empty' }
      : { kind: 'value', value: value.toString() },
};

/** Error codes of the Kafka protocol. */
const TOPIC_AUTHORIZATION_FAILED = 29;
const POLICY_VIOLATION = 44;

const done: Verdict = { kind: 'emit', records: [] };

async function run(kafka: TestKafka, handle: Stage<string>['handle']): Promise<Running> {
  return await runStage({
    stage: { name: 'copy', from: textTopic, handle },
    kafka: kafka.kafka,
    settings: kafka.settings,
    producer: kafka.producer,
    log: quietLog,
    metrics: declareStageMetrics(createRegistry('test')),
    signal: new AbortController().signal,
  });
}

/** Stopped at the latest when the test ends, before its topics are removed. */
function stopAfter(t: TestContext, running: Running): () => Promise<void> {
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await running.stop(AbortSignal.timeout(10_000));
    isStopped = true;
  };
  t.after(stop);
  return stop;
}

const raw = (index: number): OutRecord => ({
  topic: 'raw',
  key: `host-${index % 10}`,
  value: `event ${index}`,
  headers: { input: 'test' },
});
const texts = (records: readonly InRecord[]): string[] =>
  records.map((record) => record.value?.toString() ?? '').sort();

test('the producer states where each record lies, also when many send at once', async (t) => {
  const kafka = await testKafka(t);
  const sends = Array.from(
    { length: 50 },
    async (_, index) => await kafka.producer.send([raw(index * 2), raw(index * 2 + 1)]),
  );
  const positions = (await Promise.all(sends)).flat();
  assert.equal(new Set(positions.map(({ partition, offset }) => `${partition}/${offset}`)).size, 100);
  const again = await kafka.producer.send([raw(0)]);
  assert.equal(again[0]?.partition, positions[0]?.partition, 'the same key goes to the same partition');
  assert.deepEqual(
    texts(await kafka.readAll('raw')),
    [...Array.from({ length: 100 }, (_, index) => `event ${index}`), 'event 0'].sort(),
  );
});

test('of many tiny records too each gets its own position', async (t) => {
  const kafka = await testKafka(t);
  const sends = Array.from(
    { length: 5 },
    async () => await kafka.producer.send(Array.from({ length: 5000 }, () => ({ ...raw(0), value: 'x' }))),
  );
  const offsets = (await Promise.all(sends)).map((positions) => positions.map(({ offset }) => Number(offset)));
  assert.equal(new Set(offsets.flat()).size, 25_000);
  for (const own of offsets)
    assert.deepEqual(
      own,
      [...own].sort((left, right) => left - right),
    );
});

test('a request is measured in bytes and by what the topic takes, not in characters', async (t) => {
  const wide = await testKafka(t);
  const texts = Array.from({ length: 30 }, () => ({ ...raw(0), value: '→'.repeat(100_000) }));
  assert.equal((await wide.producer.send(texts)).length, 30);
  const narrow = await testKafka(t, { maxRecordBytes: 65_536 });
  const many = Array.from({ length: 100 }, () => ({ ...raw(0), value: 'x'.repeat(10_000) }));
  assert.equal((await narrow.producer.send(many)).length, 100);
});

test('every record once, in the order of its key, and a restart goes on where it was', async (t) => {
  const kafka = await testKafka(t);
  const seen: string[] = [];
  const handle: Stage<string>['handle'] = async (batch) => {
    seen.push(...batch);
    return await Promise.resolve(
      batch.map((text): Verdict => ({ kind: 'emit', records: [{ topic: 'events', key: null, value: text }] })),
    );
  };
  await kafka.producer.send(Array.from({ length: 500 }, (_, index) => raw(index)));
  const stop = stopAfter(t, await run(kafka, handle));
  await until('500 records handled', () => seen.length >= 500);
  await until('500 records copied', async () => (await kafka.readAll('events')).length === 500);
  await stop();
  await kafka.producer.send([raw(500)]);
  stopAfter(t, await run(kafka, handle));
  await until('the record after the restart', () => seen.includes('event 500'));
  assert.equal(seen.length, 501, 'nothing came twice');
  const ofOneHost = seen.filter((text) => text.endsWith('3')).map((text) => Number(text.slice(6)));
  assert.deepEqual(
    ofOneHost,
    [...ofOneHost].sort((left, right) => left - right),
  );
});

test('an unavailable dependency holds the batch and it is retried, marked as a repeat', async (t) => {
  const kafka = await testKafka(t);
  const deliveries: (Delivery & { readonly texts: readonly string[] })[] = [];
  const seen: string[] = [];
  let failures = 2;
  const running = await run(kafka, async (batch, _signal, { mayRepeat }) => {
    deliveries.push({ mayRepeat, texts: batch });
    if (failures > 0) {
      failures -= 1;
      throw new Unavailable('Elasticsearch', 'away');
    }
    seen.push(...batch);
    return await Promise.resolve(batch.map(() => done));
  });
  stopAfter(t, running);
  /** How the next batch is delivered, try by try. */
  const repeatsOf = async (record: OutRecord): Promise<readonly boolean[]> => {
    const [before, begun] = [seen.length, deliveries.length];
    await kafka.producer.send([record]);
    await until('the record was handled', () => seen.length === before + 1);
    const tries = deliveries.slice(begun);
    for (const { texts } of tries) assert.deepEqual(texts, [String(record.value)]);
    return tries.map(({ mayRepeat }) => mayRepeat);
  };
  assert.deepEqual(
    await repeatsOf(raw(1)),
    [true, true, true],
    'right after the assignment everything may be a repeat',
  );
  const large = { ...raw(1), value: 'x'.repeat(1024 * 1024) };
  for (let sent = 1; sent <= 5; sent += 1) await repeatsOf(large);
  assert.deepEqual(await repeatsOf(raw(1)), [false], 'what comes after a few megabytes is new');
  failures = 2;
  assert.deepEqual(await repeatsOf(raw(1)), [false, true, true], 'what is retried may have been written');
  assert.deepEqual(await repeatsOf(raw(1)), [false], 'and what follows is new again');
});

test('what was not committed comes again after a restart', async (t) => {
  const kafka = await testKafka(t);
  await kafka.producer.send([raw(1), raw(2)]);
  let tries = 0;
  const stopFirst = stopAfter(
    t,
    await run(kafka, async () => {
      tries += 1;
      await Promise.resolve();
      throw new Unavailable('Redis', 'away');
    }),
  );
  await until('the first loop tried', () => tries > 0);
  await stopFirst();
  const seen: string[] = [];
  stopAfter(
    t,
    await run(kafka, async (batch) => {
      seen.push(...batch);
      return await Promise.resolve(batch.map(() => done));
    }),
  );
  await until('both records at the second loop', () => seen.length === 2);
});

test('a bad record becomes a dead letter with its original, between good ones', async (t) => {
  const kafka = await testKafka(t);
  const running = await run(
    kafka,
    async (batch) =>
      await Promise.resolve(
        batch.map(
          (text): Verdict =>
            text === 'event 1'
              ? { kind: 'dead', reason: 'invalid_event', detail: 'one is no event' }
              : { kind: 'emit', records: [{ topic: 'events', key: null, value: text }] },
        ),
      ),
  );
  stopAfter(t, running);
  await kafka.producer.send([
    raw(0),
    raw(1),
    { topic: 'raw', key: 'host-0', value: Buffer.alloc(0), headers: { input: 'test' } },
    raw(2),
  ]);
  const dead = await kafka.readUntil('deadLetters', 2);
  assert.deepEqual(texts(await kafka.readUntil('events', 2)), ['event 0', 'event 2']);
  assert.deepEqual(texts(dead), ['', 'event 1']);
  assert.deepEqual(dead.map(({ headers }) => headers['dead-reason']).sort(), ['invalid_event', 'undecodable']);
  assert.ok(
    dead.every(
      ({ headers }) => headers['input'] === 'test' && headers['dead-topic'] === `${kafka.settings.topicPrefix}.raw`,
    ),
  );
});

/** A topic as somebody else made it, under a prefix of its own. */
async function foreignTopic(t: TestContext, key: TopicKey, config: Readonly<Record<string, string>>, partitions = 6) {
  const { settings } = await testKafka(t);
  const own = { ...settings, topicPrefix: `${settings.topicPrefix}w` };
  const { log, lines } = recordedLog();
  const kafka = createKafka(own, log);
  const topic = topicName(own.topicPrefix, key);
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await withAdmin(kafka, async (admin) => {
    // kafkajs' own waiting fails on a broker that has not learned of the topic yet.
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
      waitForLeaders: false,
    });
    await until('the topic is known', async () => (await admin.listTopics()).includes(topic));
  });
  t.after(async () => {
    const all = [topic, topicName(own.topicPrefix, 'deadLetters')];
    await until('the topics are removed', async () => {
      await withAdmin(kafka, async (admin) => {
        const there = await admin.listTopics();
        await admin.deleteTopics({ topics: all.filter((name) => there.includes(name)) });
      });
      return true;
    });
    kafka.end();
  });
  return { kafka, settings: own, topic, lines };
}

const UNFIT: readonly (readonly [TopicKey, Readonly<Record<string, string>>, string])[] = [
  ['incidents', {}, 'has cleanup.policy=delete'],
  ['incidents', { 'cleanup.policy': 'compact,delete' }, 'has cleanup.policy=compact,delete'],
  ['events', { 'cleanup.policy': 'compact' }, 'has cleanup.policy=compact'],
  ['events', { 'max.message.bytes': '1000000' }, 'has max.message.bytes=1000000, less than kafka.maxRecordBytes'],
  ['raw', { 'min.insync.replicas': '1' }, 'has min.insync.replicas=1, less than kafka.minInSyncReplicas=2'],
  ['raw', { 'min.insync.replicas': '2', 'max.message.bytes': '50000000' }, 'has max.message.bytes=50000000, more than'],
];
for (const [key, config, fault] of UNFIT)
  test(`a topic that cannot serve is refused by name and setting: ${key} ${fault}`, async (t) => {
    const { kafka, settings, topic } = await foreignTopic(t, key, config);
    await untilEnsured(kafka, settings, ['deadLetters']);
    const wanted = { ...settings, ...(key === 'raw' ? { minInSyncReplicas: 2 } : {}) };
    const { message } = await untilRefused([kafka, wanted, [key, 'deadLetters']]);
    assert.ok(message.includes(`${topic} ${fault}`), message);
  });

/** As services do: again while Kafka is busy with topics of others. */
async function untilEnsured(...args: Parameters<typeof ensureTopics>): Promise<void> {
  await until('the topics are there', async () => {
    await ensureTopics(...args);
    return true;
  });
}

async function untilRefused(
  topics: Parameters<typeof ensureTopics>,
  isWanted = (error: unknown): boolean => error instanceof ConfigError,
): Promise<Error> {
  return await until('it is refused', async () => {
    try {
      await ensureTopics(...topics);
      return undefined;
    } catch (error) {
      if (isWanted(error)) return error as Error;
      throw error;
    }
  });
}

test('a topic that serves but is not as planned is reported once', async (t) => {
  const { kafka, settings, topic, lines } = await foreignTopic(
    t,
    'raw',
    { 'retention.ms': '3600000', 'max.message.bytes': '5000000' },
    2,
  );
  const planned = { ...settings, replicationFactor: 3 };
  await untilEnsured(kafka, planned, ['raw']);
  await untilEnsured(kafka, planned, ['raw']);
  assert.deepEqual(
    lines.map(({ detail }) => detail),
    [
      `${topic} has retention.ms=3600000, shorter than the planned ${TOPICS.raw.retentionMs}`,
      `${topic} has fewer replicas (1) than kafka.replicationFactor=3; kafka-reassign-partitions, a tool of Kafka, adds them`,
      `${topic} has 2 partitions, fewer than the planned ${TOPICS.raw.partitions}`,
    ],
  );
});

test('a compacted topic that whoever reads a state reads for long is reported', async (t) => {
  const { kafka, settings, topic, lines } = await foreignTopic(t, 'incidents', {
    'cleanup.policy': 'compact',
    'max.message.bytes': '5000000',
  });
  await untilEnsured(kafka, settings, ['incidents']);
  const [line, ...others] = lines.map(({ detail }) => String(detail));
  assert.match(line ?? '', /has max\.compaction\.lag\.ms=9223372036854775807, longer than the planned 3600000/u, topic);
  assert.deepEqual(others, []);
});

test('a topic that cannot be made is waited for or refused, by name and setting', async (t) => {
  const { settings } = await testKafka(t);
  const proxy = await createKafkaProxy(settings.brokers[0] ?? '');
  const own = { ...settings, brokers: [proxy.address], topicPrefix: `${settings.topicPrefix}n`, replicationFactor: 3 };
  const kafka = createKafka(own, quietLog);
  t.after(async () => {
    kafka.end();
    await proxy.close();
  });
  const topic = topicName(own.topicPrefix, 'raw');
  await untilRefused(
    [kafka, own, ['raw']],
    (error) =>
      error instanceof Unavailable && error.message.includes(`${topic} cannot have kafka.replicationFactor = 3`),
  );
  proxy.answer(topicsRefused(TOPIC_AUTHORIZATION_FAILED, [topic]));
  await untilRefused(
    [kafka, own, ['raw']],
    (error) => error instanceof ConfigError && error.message.includes(topic) && /saslUsername/u.test(error.message),
  );
  proxy.answer(topicsRefused(POLICY_VIOLATION, [topic]));
  await untilRefused(
    [kafka, own, ['raw']],
    (error) => error instanceof Unavailable && error.message.includes(`${topic} cannot be made`),
  );
  await untilRefused([kafka, { ...own, minInSyncReplicas: 4 }, ['raw']]);
});

test('services that start together make each topic once', async (t) => {
  const kafka = await testKafka(t);
  const settings = { ...kafka.settings, topicPrefix: `${kafka.settings.topicPrefix}s` };
  await Promise.all([1, 2, 3, 4].map(async () => await untilEnsured(kafka.kafka, settings, ['raw', 'deadLetters'])));
  const admin = kafka.kafka.admin();
  await admin.connect();
  const names = [topicName(settings.topicPrefix, 'raw'), topicName(settings.topicPrefix, 'deadLetters')];
  t.after(async () => {
    await admin.deleteTopics({ topics: names });
    await admin.disconnect();
  });
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  assert.deepEqual(
    topics.map(({ partitions }) => partitions.length).sort(),
    [TOPICS.deadLetters.partitions, TOPICS.raw.partitions].sort(),
  );
});

test('a send that is larger than a broker takes at once goes in several requests, with every position right', async (t) => {
  const kafka = await testKafka(t);
  const bytes = 16 * 1024;
  const records = Array.from({ length: 800 }, (_, index): OutRecord => {
    const value = `${index} `.padEnd(bytes, 'x');
    return { topic: 'raw', key: 'one host', value };
  });
  const positions = await kafka.producer.send(records);
  assert.deepEqual(
    positions.map(({ offset }) => offset),
    records.map((_, index) => String(index)),
  );
  const stored = await kafka.readAll('raw');
  assert.deepEqual(
    stored.map(({ value }) => Number.parseInt(String(value), 10)),
    records.map((_, index) => index),
  );
});

test('without a broker a send is refused as unavailable, and readiness says so', async () => {
  const settings = { ...kafkaSettings.parse({}), brokers: ['127.0.0.1:1'] };
  const producer = new BatchingProducer(createKafka(settings, quietLog), settings);
  await assert.rejects(producer.send([raw(1)]), Unavailable);
  assert.match((await producer.ready()) ?? '', /Kafka is not available/u);
  await producer.close();
});
