// What other clients and hostile senders put into our topics: every compression, transactions,
// bombs, thousands of headers, records too large for the dead letters.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Topic, TopicKey } from '../../../shared/contracts/record.ts';
import type { Stage, Verdict } from '../../../shared/contracts/stage.ts';
import { TOPICS, topicName } from '../../../shared/contracts/topics.ts';
import { createKafka, withAdmin } from '../../../shared/kafka/client.ts';
import { followed, followTopics } from '../../../shared/kafka/follow-topics.ts';
import { readTopic } from '../../../shared/kafka/read-topic.ts';
import { runStage } from '../../../shared/kafka/stage.ts';
import { declareStageMetrics } from '../../../shared/kafka/stage-metrics.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../shared/runtime/metrics.ts';
import { type JavaBatch, sendByJava } from '../../support/java-producer.ts';
import { type TestKafka, testKafka } from '../../support/kafka.ts';
import { recordedLog, quietLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';
import { skipHere } from '../../support/needs.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const KEYS = Object.keys(TOPICS) as TopicKey[];
const textTopic = (key: TopicKey): Topic<string> => ({
  key,
  decode: ({ value }) => ({ kind: 'value', value: String(value).slice(0, 100) }),
});

async function run(
  t: TestContext,
  kafka: TestKafka,
  { key = 'raw', verdict, ...options }: { key?: TopicKey; verdict: (text: string) => Verdict; stalledAfterMs?: number },
) {
  const registry = createRegistry('test');
  const handle: Stage<string>['handle'] = async (batch) => await Promise.resolve(batch.map(verdict));
  const running = await runStage({
    ...kafka,
    ...options,
    stage: { name: `copy-${key}`, from: textTopic(key), handle },
    log: quietLog,
    metrics: declareStageMetrics(registry),
    signal: new AbortController().signal,
  });
  t.after(async () => await running.stop(AbortSignal.timeout(20_000)));
  return { running, registry };
}

const done: Verdict = { kind: 'emit', records: [] };
const batch = (kafka: TestKafka, key: TopicKey, codec: JavaBatch['codec']): JavaBatch => ({
  topic: topicName(kafka.settings.topicPrefix, key),
  codec,
  count: 500,
  bytes: 400,
  mode: 'none',
});

test('batches of the Java client in every compression are read from every topic by every kind of consumer [issue 13 item 1]', async (t) => {
  const kafka = await testKafka(t);
  const followedTexts = new Set<string>();
  const follower = await followTopics(kafka.kafka, kafka.settings, {
    topics: KEYS.map((key) => followed(textTopic(key), (text) => void followedTexts.add(`${key} ${text}`))),
    log: quietLog,
  });
  t.after(async () => await follower.stop(AbortSignal.timeout(20_000)));
  const why = await sendByJava(
    String(kafka.settings.brokers[0]),
    KEYS.flatMap((key) => CODECS.map((codec) => batch(kafka, key, codec))),
  );
  if (why !== undefined) {
    skipHere(t, 'servers', why);
    return;
  }
  const expected = CODECS.length * 500;
  for (const key of KEYS) {
    const seen = new Set<string>();
    const verdict = (text: string): Verdict => {
      seen.add(text);
      return done;
    };
    await run(t, kafka, { key, verdict });
    await until(`all records of ${key} at the stage`, () => seen.size === expected);
    const texts = new Set<string>();
    const { bad } = await readTopic(kafka.kafka, kafka.settings, textTopic(key), async (values) => {
      for (const value of values) texts.add(value);
      await Promise.resolve();
    });
    assert.deepEqual([texts.size, bad], [expected, 0], key);
  }
  await until('all records at the follower', () => followedTexts.size === KEYS.length * expected);
  assert.equal((await kafka.readAll('deadLetters')).length, expected, 'only those that were sent there');
});

test('a batch that would fill the memory becomes a dead letter with its bytes; its partition and the others go on [issue 13 item 1]', async (t) => {
  const kafka = await testKafka(t);
  const seen: string[] = [];
  await run(t, kafka, {
    verdict: (text) => {
      seen.push(text);
      return done;
    },
  });
  const topic = topicName(kafka.settings.topicPrefix, 'raw');
  const bomb: JavaBatch = { topic, codec: 'zstd', count: 1, bytes: 80_000_000, mode: 'none' };
  const small: JavaBatch = { topic, codec: 'lz4', count: 1, bytes: 10, mode: 'none' };
  const why = await sendByJava(String(kafka.settings.brokers[0]), [bomb, small]);
  if (why !== undefined) {
    skipHere(t, 'servers', why);
    return;
  }
  await kafka.producer.send(Array.from({ length: 60 }, (_, index) => ({ topic: 'raw', key: `k${index}`, value: 'x' })));
  await until('the others', () => seen.length === 61);
  const [letter] = await kafka.readUntil('deadLetters', 1);
  assert.equal(letter?.headers['dead-reason'], 'undecodable');
  assert.match(letter?.headers['dead-detail'] ?? '', /zstd: .*whole batch as Kafka has it, from offset 0/u);
  assert.deepEqual([letter?.headers['dead-partition'], letter?.headers['dead-offset']], ['0', '0']);
  assert.equal(letter?.value?.readInt8(16), 2, 'it is a batch of format 2');
  assert.ok((letter?.value?.length ?? 0) < 20_000);
});

test('a record that is too large for the dead letters is kept there shortened, and its partition goes on [issue 13 item 6]', async (t) => {
  const kafka = await testKafka(t, { compression: 'none' });
  await run(t, kafka, {
    verdict: (text) => (text.startsWith('gzip') ? { kind: 'dead', reason: 'invalid_event', detail: 'zeros' } : done),
  });
  const topic = topicName(kafka.settings.topicPrefix, 'raw');
  const large: JavaBatch = { topic, codec: 'gzip', count: 1, bytes: 20_000_000, mode: 'none' };
  const why = await sendByJava(String(kafka.settings.brokers[0]), [large, { ...large, bytes: 10 }]);
  if (why !== undefined) {
    skipHere(t, 'servers', why);
    return;
  }
  const letters = await kafka.readUntil('deadLetters', 2);
  assert.deepEqual(
    letters.map(({ value, headers }) => [value?.length, headers['dead-reason'], headers['dead-value-bytes']]),
    [
      [kafka.settings.maxRecordBytes / 2, 'invalid_event', '20000000'],
      [12, 'invalid_event', undefined],
    ],
  );
});

test('a record with five thousand headers passes, and its dead letter has fifty of them and the number of the others [security M6]', async (t) => {
  const kafka = await testKafka(t);
  await run(t, kafka, {
    verdict: (text) => (text === 'bad' ? { kind: 'dead', reason: 'invalid_event', detail: 'no' } : done),
  });
  const headers = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`h${index}`, 'v']));
  await kafka.producer.send([{ topic: 'raw', key: 'k', value: 'good', headers }]);
  const start = process.cpuUsage();
  await kafka.producer.send(['bad', 'bad', 'bad', 'good'].map((value) => ({ topic: 'raw', key: 'k', value, headers })));
  const letters = await kafka.readUntil('deadLetters', 3);
  for (const letter of letters) {
    assert.equal(Object.keys(letter.headers).filter((name) => name.startsWith('h')).length, 50);
    assert.equal(letter.headers['dead-headers-dropped'], '4950');
  }
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < 5_000_000, `${user + system} µs`);
});

test('after transactions, committed and aborted, nothing is behind and nothing counts as stalled [issue 13 item 6]', async (t) => {
  const kafka = await testKafka(t);
  const seen: string[] = [];
  const { running, registry } = await run(t, kafka, {
    stalledAfterMs: 1,
    verdict: (text) => {
      seen.push(text);
      return done;
    },
  });
  const topic = topicName(kafka.settings.topicPrefix, 'raw');
  const sends = (['commit', 'abort'] as const).map(
    (mode): JavaBatch => ({ topic, codec: 'lz4', count: 3, bytes: 10, mode }),
  );
  const why = await sendByJava(String(kafka.settings.brokers[0]), sends);
  if (why !== undefined) {
    skipHere(t, 'servers', why);
    return;
  }
  await until('what was committed', () => seen.length === 3);
  const admin = kafka.kafka.admin();
  t.after(async () => await admin.disconnect());
  await admin.connect();
  await until('the markers are committed too', async () => {
    const [{ partitions } = { partitions: [] }] = await admin.fetchOffsets({
      groupId: `${kafka.settings.topicPrefix}.copy-raw`,
      topics: [topic],
    });
    return partitions.find(({ partition }) => partition === 0)?.offset === '8';
  });
  await until('nothing is behind', async () =>
    /^foghorn_lag_records\{[^}]*partition="0"[^}]*\} 0$/mu.test(await registry.metrics()),
  );
  assert.equal(await running.ready(), undefined);
  assert.deepEqual(
    seen.map((text) => text.split(' ')[1]),
    ['commit', 'commit', 'commit'],
  );
});

test('a stage that does not move is not ready, and says where it stands and what it waits for [issue 13 item 1]', async (t) => {
  const kafka = await testKafka(t);
  let isUnavailable = true;
  const { running, registry } = await run(t, kafka, {
    stalledAfterMs: 1500,
    verdict: () => {
      if (isUnavailable) throw new Unavailable('Elasticsearch', 'the pipeline is missing');
      return done;
    },
  });
  await kafka.producer.send([{ topic: 'raw', key: 'k', value: 'x' }]);
  await until('it says so', async () =>
    /copy-raw: records wait in \S+\.raw, partition \d, and none was committed for \d+ s: Elasticsearch is not available: the pipeline is missing/u.test(
      (await running.ready()) ?? '',
    ),
  );
  await until('the metric says so too', async () =>
    /^foghorn_stage_stalled_seconds\{[^}]*\} [1-9]/mu.test(await registry.metrics()),
  );
  isUnavailable = false;
  await until('it is ready again', async () => (await running.ready()) === undefined);
  assert.doesNotMatch(await registry.metrics(), /^foghorn_stage_stalled_seconds\{[^}]*\} [1-9]/mu);
});

test('a group whose records were removed before it read them says so, and goes on with what is there [issue 13 item 6]', async (t) => {
  const { settings, producer } = await testKafka(t);
  const { log, lines } = recordedLog();
  const kafka = createKafka(settings, log);
  t.after(() => t.after(() => kafka.end()));
  const positions = await producer.send(
    Array.from({ length: 4 }, (_, index) => ({ topic: 'raw', key: 'k', value: `${index}` })),
  );
  const topic = topicName(settings.topicPrefix, 'raw');
  const partition = positions[0]?.partition ?? -1;
  await withAdmin(kafka, async (admin) => {
    await admin.setOffsets({
      groupId: `${settings.topicPrefix}.copy-raw`,
      topic,
      partitions: [{ partition, offset: '0' }],
    });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: '2' }] });
  });
  const seen: string[] = [];
  const parts = { kafka, settings, producer } as TestKafka;
  await run(t, parts, {
    verdict: (text) => {
      seen.push(text);
      return done;
    },
  });
  await until('what is left', () => seen.length === 2);
  assert.deepEqual(seen, ['2', '3']);
  const line = lines.find(({ msg }) => /lies outside of the topic/u.test(String(msg)));
  assert.deepEqual([line?.['topic'], line?.['partition'], line?.['level']], [topic, partition, 40]);
});
