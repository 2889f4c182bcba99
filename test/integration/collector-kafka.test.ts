// The Kafka input and a real Kafka: topics of agents in every compression, offsets that are
// committed when our own topic has the records, whatever happens in between.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { rawTopic } from '../../shared/contracts/raw-event.ts';
import type { InRecord } from '../../shared/contracts/record.ts';
import { withAdmin } from '../../shared/kafka/client.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { sendByJava } from '../support/java-producer.ts';
import { type TestKafka, testKafka } from '../support/kafka.ts';
import { createKafkaProxy } from '../support/kafka-proxy.ts';
import { skipHere } from '../support/needs.ts';
import { jsonRequest, protobufRequest } from '../support/otlp.ts';
import { metricSum, prepareService } from '../support/service-process.ts';
import { until } from '../support/until.ts';

const OFFSET_COMMIT = 8;
const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: Date.now,
  keepOriginal: false,
  maxDocumentBytes: 1_000_000,
});

async function prepare(t: TestContext, env: (kafka: TestKafka) => Readonly<Record<string, string>> = () => ({})) {
  const kafka = await testKafka(t);
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-kafka-'));
  const topic = `agents-${randomBytes(6).toString('hex')}`;
  const service = await prepareService(
    'collector',
    {
      KAFKA_BROKERS: kafka.settings.brokers.join(','),
      FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
      FOGHORN_COLLECTOR_HTTP_ENABLED: 'false',
      FOGHORN_COLLECTOR_KAFKA_ENABLED: 'true',
      FOGHORN_COLLECTOR_KAFKA_TOPICS: topic,
      ...env(kafka),
    },
    folder,
  );
  t.after(async () => {
    await service.retire();
    await until('the topic is removed', async () =>
      withAdmin(kafka.kafka, async (admin) => {
        if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
        return true;
      }),
    );
    rmSync(folder, { recursive: true, force: true });
  });
  const makeTopic = async (): Promise<void> => {
    await withAdmin(kafka.kafka, async (admin) => {
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: false });
    });
    // Made is not served yet: a partition's leader takes a moment more.
    await until('the topic has leaders', async () =>
      withAdmin(kafka.kafka, async (admin) => (await admin.fetchTopicOffsets(topic)).length === 2),
    );
  };
  const send = async (values: readonly (string | Buffer | null)[]): Promise<void> => {
    const producer = kafka.kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value, index) => ({ value, partition: index % 2 })) });
    await producer.disconnect();
  };
  /** How many records the group has committed. */
  const committed = async (): Promise<number> =>
    await withAdmin(kafka.kafka, async (admin) => {
      const groupId = `${kafka.settings.topicPrefix}.collector`;
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return (found?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    });
  return { kafka, topic, service, makeTopic, send, committed };
}

function idOf(record: InRecord): string {
  const raw = rawTopic.decode(record);
  assert.ok(raw.kind === 'value');
  const verdict = enrich(raw.value);
  assert.ok(verdict.kind === 'emit', JSON.stringify(verdict));
  return String(verdict.records[0]?.headers?.['id']);
}

const WINLOGBEAT = readFileSync('test/data/cases/53-winlogbeat-9.json', 'utf8').split('\n')[0] ?? '';
const SNARE = readFileSync('test/data/cases/96-snare-syslog.syslog', 'utf8').split('\n')[0] ?? '';

test('a topic that comes later, in every compression, of several senders: all is stored, bad records are kept, reading goes on', async (t) => {
  const { kafka, topic, service, makeTopic, send, committed } = await prepare(t);
  const starting = service.start();
  await makeTopic();
  await starting;
  const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
  const why = await sendByJava(
    String(kafka.settings.brokers[0]),
    codecs.map((codec) => ({ topic, codec, count: 20, bytes: 0, mode: 'none', value: WINLOGBEAT })),
  );
  if (why !== undefined) {
    skipHere(t, 'servers', why);
    return;
  }
  const body = { computer: 'm1', event_id: { id: 309, qualifiers: 0 }, provider: { name: 'WMServer' }, record_id: 1 };
  const bad = ['no event', null, '{"a":', Buffer.from([0, 255, 1])];
  await send([protobufRequest([{ body }, { body }]), ...bad, jsonRequest([{ body }]), SNARE]);
  const count = codecs.length * 20 + 2 + bad.length + 2;
  const records = await kafka.readUntil('raw', count);
  assert.equal(records.length, count);
  const read = records.map(({ value }) => readEvent(value ?? Buffer.alloc(0), 'utf-8'));
  assert.equal(read.filter(({ kind }) => kind === 'bad').length, bad.length);
  const forms = read.flatMap((one) => (one.kind === 'event' ? [one.event.form] : []));
  const counts = Object.fromEntries(
    [...new Set(forms)].map((form) => [form, forms.filter((one) => one === form).length]),
  );
  assert.deepEqual(counts, { winlogbeat: codecs.length * 20, opentelemetry: 3, snare: 1 });
  for (const { headers } of records) {
    assert.deepEqual([headers['input'], headers['sender']], ['kafka', topic]);
    assert.match(String(headers['place']), new RegExp(`^${topic}/[01]/\\d+$`, 'u'));
  }
  await until('the offsets are committed', async () => (await committed()) === codecs.length * 20 + bad.length + 3);
});

test('killed between producing and committing: everything is there, and a repeat has the same id', async (t) => {
  const proxy = await createKafkaProxy((await testKafka(t)).settings.brokers[0] ?? '');
  t.after(async () => await proxy.close());
  const { kafka, service, makeTopic, send, committed } = await prepare(t, () => ({
    FOGHORN_COLLECTOR_KAFKA_BROKERS: proxy.address,
  }));
  await makeTopic();
  // Equal texts without a record id are as many events as records.
  const values = Array.from({ length: 1500 }, (_, number) =>
    number % 3 === 0 ? SNARE : WINLOGBEAT.replace(/"record_id":\s*\d+/u, `"record_id":${number}`),
  );
  let isRefusing = false;
  let refused = 0;
  proxy.answer(({ apiKey }) => {
    if (apiKey !== OFFSET_COMMIT || !isRefusing) return undefined;
    refused += 1;
    return Buffer.alloc(0);
  });
  await service.start();
  for (const part of [0, 1, 2]) {
    isRefusing = true;
    refused = 0;
    await send(values.slice(part * 500, (part + 1) * 500));
    await until('a batch is stored and not committed', () => refused > 0);
    await service.kill();
    isRefusing = false;
    await service.start();
  }
  await until('everything is committed', async () => (await committed()) === values.length);
  const records = await kafka.readAll('raw');
  assert.ok(records.length > values.length, `${records.length} records: nothing was read again`);
  assert.equal(new Set(records.map(idOf)).size, values.length);
});

test('our own Kafka away: nothing is committed, and all is stored once it is back', async (t) => {
  const proxy = await createKafkaProxy((await testKafka(t)).settings.brokers[0] ?? '');
  t.after(async () => await proxy.close());
  const { kafka, service, makeTopic, send, committed } = await prepare(t, ({ settings }) => ({
    KAFKA_BROKERS: proxy.address,
    FOGHORN_COLLECTOR_KAFKA_BROKERS: settings.brokers.join(','),
  }));
  await makeTopic();
  await service.start();
  await send([WINLOGBEAT]);
  await until('the first is committed', async () => (await committed()) === 1);
  /** Records that the group has not done, of all partitions. */
  const lag = async (): Promise<number> => await metricSum(service, 'foghorn_lag_records');
  proxy.pause();
  await send(Array.from({ length: 200 }, () => SNARE));
  await until('the batches are under way', async () => {
    const inFlight = await service.metrics('foghorn_in_flight_bytes');
    return [...inFlight.values()].some((bytes) => bytes > 0);
  });
  assert.equal(await committed(), 1);
  await until('the lag is shown', async () => (await lag()) === 200);
  proxy.resume();
  await until('everything is committed', async () => (await committed()) === 201);
  await until('nothing is behind', async () => (await lag()) === 0);
  const records = await kafka.readAll('raw');
  assert.equal(new Set(records.map(idOf)).size, 201);
});
