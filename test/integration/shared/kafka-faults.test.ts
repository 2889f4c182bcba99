// What Kafka and the network may do to a consumer and a producer: no coordinator, silence, a group
// that moves on, records refused for their size.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Admin } from 'kafkajs';
import type { OutRecord, Topic } from '../../../shared/contracts/record.ts';
import type { Stage, Verdict } from '../../../shared/contracts/stage.ts';
import { topicName } from '../../../shared/contracts/topics.ts';
import { createKafka, withAdmin } from '../../../shared/kafka/client.ts';
import { followed, followTopics } from '../../../shared/kafka/follow-topics.ts';
import { BatchingProducer, type RecordProducer } from '../../../shared/kafka/producer.ts';
import { runStage } from '../../../shared/kafka/stage.ts';
import { declareStageMetrics } from '../../../shared/kafka/stage-metrics.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../shared/runtime/metrics.ts';
import type { Running } from '../../../shared/runtime/running.ts';
import { createKafkaProxy, type KafkaProxy, noCoordinator } from '../../support/kafka-proxy.ts';
import { type TestKafka, testKafka } from '../../support/kafka.ts';
import { recordedLog, quietLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';

const textTopic: Topic<string> = {
  key: 'raw',
  decode: ({ value }) => ({ kind: 'value', value: String(value) }),
};
const raw = (value: string): OutRecord => ({ topic: 'raw', key: value, value });
const done: Verdict = { kind: 'emit', records: [] };

const API_METADATA = 3;

interface Behind {
  readonly proxy: KafkaProxy;
  readonly kafka: ReturnType<typeof createKafka>;
  readonly producer: RecordProducer;
}

/** A client that reaches Kafka by a proxy only. */
async function behindProxy(t: TestContext, { settings }: TestKafka): Promise<Behind> {
  const proxy = await createKafkaProxy(settings.brokers[0] ?? '');
  const own = { ...settings, brokers: [proxy.address] };
  const kafka = createKafka(own, quietLog);
  const producer = new BatchingProducer(kafka, own);
  t.after(() =>
    t.after(async () => {
      proxy.answer(() => undefined);
      proxy.resume();
      await producer.close();
      kafka.end();
      await proxy.close();
    }),
  );
  return { proxy, kafka, producer };
}

interface StageParts extends Pick<TestKafka, 'settings'>, Pick<Behind, 'kafka' | 'producer'> {
  readonly handle: Stage<string>['handle'];
  readonly registry?: ReturnType<typeof createRegistry>;
}

async function run(t: TestContext, { registry = createRegistry('test'), handle, ...parts }: StageParts) {
  const running = await runStage({
    ...parts,
    stage: { name: 'copy', from: textTopic, handle },
    log: quietLog,
    metrics: declareStageMetrics(registry),
    signal: new AbortController().signal,
  });
  stopAfter(t, running);
  return running;
}

function stopAfter(t: TestContext, running: Running): void {
  t.after(async () => await running.stop(AbortSignal.timeout(20_000)));
}

/** Keeps what comes. */
function collect() {
  const seen: string[] = [];
  const handle: Stage<string>['handle'] = async (batch) => {
    seen.push(...batch);
    return await Promise.resolve(batch.map(() => done));
  };
  return { seen, handle };
}

const copyToEvents: Stage<string>['handle'] = async (batch) =>
  await Promise.resolve(
    batch.map((value): Verdict => ({ kind: 'emit', records: [{ topic: 'events', key: value, value }] })),
  );

/**
 * 15 is COORDINATOR_NOT_AVAILABLE, -1 an unknown error. kafkajs begins anew for neither; it gives
 * up after so many searches.
 */
for (const [code, givesUpAfter] of [
  [15, 4],
  [-1, 1],
] as const)
  test(`a stage works on when there was no coordinator for a while (error ${code})`, async (t) => {
    const direct = await testKafka(t);
    const { proxy, ...client } = await behindProxy(t, direct);
    const { seen, handle } = collect();
    const running = await run(t, { ...client, settings: direct.settings, handle });
    await direct.producer.send([raw('before')]);
    await until('the record before', () => seen.includes('before'));
    assert.equal(await running.ready(), undefined);
    let searches = 0;
    proxy.answer(noCoordinator(code, () => (searches += 1)));
    await until('it says so', async () => /not a member/u.test((await running.ready()) ?? ''));
    await until('it searches on', () => searches > 2 * givesUpAfter);
    proxy.answer(() => undefined);
    await direct.producer.send([raw('after')]);
    await until('the record after', () => seen.includes('after'));
    await until('it is ready', async () => (await running.ready()) === undefined);
  });

test('a stage and a follower that find no coordinator at their start wait for one', async (t) => {
  const direct = await testKafka(t);
  const { proxy, ...client } = await behindProxy(t, direct);
  let searches = 0;
  proxy.answer(noCoordinator(15, () => (searches += 1)));
  await assert.rejects(followTopics(client.kafka, direct.settings, { topics: [], log: quietLog }), Unavailable);
  const { seen, handle } = collect();
  const starting = run(t, { ...client, settings: direct.settings, handle });
  await until('it searches on', () => searches > 8);
  proxy.answer(() => undefined);
  await starting;
  await direct.producer.send([raw('first')]);
  await until('the first record', () => seen.includes('first'));
});

test('a follower misses nothing over the loss of its group', async (t) => {
  const direct = await testKafka(t);
  const { proxy, kafka } = await behindProxy(t, direct);
  const seen: string[] = [];
  await direct.producer.send([raw('old')]);
  const topics = [followed(textTopic, (value) => void seen.push(value))];
  const follower = await followTopics(kafka, direct.settings, { topics, log: quietLog });
  stopAfter(t, follower);
  let searches = 0;
  proxy.answer(noCoordinator(15, () => (searches += 1)));
  await until('it says so', async () => (await follower.ready()) !== undefined);
  await until('it searches on', () => searches > 8);
  await direct.producer.send([raw('meanwhile')]);
  proxy.answer(() => undefined);
  await until('what came meanwhile', () => seen.includes('meanwhile'));
  assert.deepEqual(seen, ['meanwhile']);
});

for (const [how, fail] of [
  ['refuses connections', (proxy: KafkaProxy) => proxy.cut()],
  ['is silent', (proxy: KafkaProxy) => proxy.pause()],
] as const)
  test(`a stage and a producer say that Kafka ${how}, are ready again, and leave no record out`, async (t) => {
    const direct = await testKafka(t);
    const { proxy, ...client } = await behindProxy(t, direct);
    const running = await run(t, { ...client, settings: direct.settings, handle: copyToEvents });
    const send = async (part: string): Promise<void> =>
      void (await direct.producer.send(Array.from({ length: 500 }, (_, index) => raw(`${part} ${index}`))));
    await send('before');
    await client.producer.send([raw('x')]);
    await direct.readUntil('events', 501);
    assert.equal(await running.ready(), undefined);
    assert.equal(await client.producer.ready(), undefined);
    await send('at the beginning');
    fail(proxy);
    await send('meanwhile');
    await until('the stage says so', async () => /member|heartbeat/u.test((await running.ready()) ?? ''));
    await until('the producer says so', async () => /Kafka/u.test((await client.producer.ready()) ?? ''));
    proxy.resume();
    await until('the stage is ready', async () => (await running.ready()) === undefined);
    await until('the producer is ready', async () => (await client.producer.ready()) === undefined);
    await until('every record is copied', async () => {
      const copied = (await direct.readAll('events')).map(({ value }) => String(value));
      return new Set(copied).size === 1501;
    });
  });

test('partitions that another member waits for are let go in the middle of a batch', async (t) => {
  const kafka = await testKafka(t);
  let isAborted = false;
  let isHeld = false;
  await run(t, {
    ...kafka,
    handle: async (batch, signal) => {
      if (isAborted) return batch.map(() => done);
      isHeld = true;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      isAborted = true;
      throw new Unavailable('Elasticsearch', 'away');
    },
  });
  await kafka.producer.send([raw('1')]);
  await until('the batch is under way', () => isHeld);
  const other = await run(t, { ...kafka, ...collect() });
  assert.equal(await other.ready(), undefined);
  assert.ok(isAborted, 'the stage was aborted');
});

test('the same when a dependency is unavailable and the stage retries', async (t) => {
  const kafka = await testKafka(t);
  let tries = 0;
  await run(t, {
    ...kafka,
    handle: async () => {
      tries += 1;
      await Promise.resolve();
      throw new Unavailable('Elasticsearch', 'away', { retryAfterMs: 60_000 });
    },
  });
  await kafka.producer.send([raw('1')]);
  await until('the batch is under way', () => tries > 0);
  const start = Date.now();
  await run(t, { ...kafka, ...collect() });
  assert.ok(Date.now() - start < 50_000, 'kafkajs gives a member 60 s to join again');
});

test('the lag is reported while a dependency is unavailable, and grows', async (t) => {
  const kafka = await testKafka(t);
  const registry = createRegistry('test');
  const lag = async (): Promise<number> => {
    const text = await registry.metrics();
    const values = [...text.matchAll(/^foghorn_lag_records\{[^}]*\} (?<value>\d+)$/gmu)];
    return values.reduce((sum, { groups }) => sum + Number(groups?.['value']), 0);
  };
  let isUnavailable = true;
  await kafka.producer.send([raw('1'), raw('2')]);
  await run(t, {
    ...kafka,
    registry,
    handle: async (batch) => {
      if (isUnavailable) throw new Unavailable('Elasticsearch', 'away');
      return await Promise.resolve(batch.map(() => done));
    },
  });
  await until('two records behind', async () => (await lag()) === 2);
  await kafka.producer.send(Array.from({ length: 100 }, (_, index) => raw(String(index))));
  await until('102 records behind', async () => (await lag()) === 102);
  isUnavailable = false;
  await until('nothing behind', async () => (await lag()) === 0);
});

test('a record that is too large for its topic becomes a dead letter, and the records beside it pass', async (t) => {
  const kafka = await testKafka(t, { maxRecordBytes: 65_536 });
  await run(t, {
    ...kafka,
    handle: async (batch) =>
      await Promise.resolve(
        batch.map((text): Verdict => {
          // Random, for Kafka counts what is compressed.
          const value = text === 'large' ? randomBytes(150_000).toString('base64') : text;
          return { kind: 'emit', records: [{ topic: 'events', key: null, value }] };
        }),
      ),
  });
  await kafka.producer.send([raw('one'), raw('large'), raw('two')]);
  const [letter] = await kafka.readUntil('deadLetters', 1);
  assert.equal(String(letter?.value), 'large');
  assert.equal(letter?.headers['dead-reason'], 'too_large');
  assert.match(letter?.headers['dead-detail'] ?? '', /200\d{3} bytes for events/u);
  const events = await kafka.readUntil('events', 2);
  assert.deepEqual(new Set(events.map(({ value }) => String(value))), new Set(['one', 'two']));
  assert.equal(await kafka.producer.ready(), undefined, 'the dependency is not to blame');
});

test('connections that were left open are ended, counted, and not made again', async (t) => {
  const { settings } = await testKafka(t);
  const { log, lines } = recordedLog();
  const kafka = createKafka(settings, log);
  await withAdmin(kafka, async (admin) => await admin.listTopics());
  kafka.end();
  const away = createKafka({ ...settings, brokers: ['127.0.0.1:1'] }, log);
  await assert.rejects(
    withAdmin(away, async (admin) => await admin.listTopics()),
    Unavailable,
  );
  away.end();
  assert.deepEqual(lines, [], 'what was closed, or never came about, is no loss');
  const leaky = createKafka(settings, log);
  const admin = leaky.admin();
  await admin.connect();
  leaky.end();
  assert.deepEqual(
    lines.map(({ level, connections }) => ({ level, connections })),
    [{ level: 40, connections: 1 }],
  );
  await assert.rejects(
    withAdmin(leaky, async () => await Promise.resolve()),
    Unavailable,
  );
});

test('no broker answers about its topics: Kafka is unavailable, which is no bug', async (t) => {
  const kafka = await testKafka(t);
  const { proxy, kafka: client } = await behindProxy(t, kafka);
  const topic = topicName(kafka.settings.topicPrefix, 'raw');
  const asks: readonly ((admin: Admin) => Promise<readonly string[]>)[] = [
    async (admin) => (await admin.fetchTopicMetadata({ topics: [topic] })).topics.map(({ name }) => name),
    async (admin) => await admin.listTopics(),
  ];
  for (const ask of asks)
    await withAdmin(client, async (admin) => {
      // kafkajs asks twice, once about the brokers. An empty answer cannot be read.
      let asked = 0;
      proxy.answer(({ apiKey }) => (apiKey === API_METADATA && ++asked === 2 ? Buffer.alloc(0) : undefined));
      await assert.rejects(ask(admin), Unavailable);
      assert.ok((await ask(admin)).includes(topic));
    });
});
