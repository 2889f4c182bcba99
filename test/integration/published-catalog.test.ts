// The entries of the catalogue in Kafka: read before one counts as missing, and written again when
// the topic was made anew.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createPublishedCatalog } from '../../services/enricher/published-catalog.ts';
import type { WriteBulk } from '../../services/indexer/bulk-writer.ts';
import { incidentsStage } from '../../services/indexer/stages.ts';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { toMatch } from '../../shared/catalog/render.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { createKafka, type KafkaClient, type KafkaSettings, withAdmin } from '../../shared/kafka/client.ts';
import { createRemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { createClosers } from '../../shared/runtime/closers.ts';
import { SAMPLE_ENTRY } from '../attack/samples.ts';
import { anIncident } from '../support/incidents.ts';
import { createKafkaProxy } from '../support/kafka-proxy.ts';
import { testKafka } from '../support/kafka.ts';
import { quietLog, recordedLog } from '../support/log.ts';
import { until } from '../support/until.ts';

const LOOK_EVERY_MS = 200;
const DEADLINE_MS = 20_000;
/** Longer than an empty topic is waited for. */
const LATER_MS = 200_000;
const NO_TEXT = /foghorn\.catalog does not hold/u;

const NAMED = [
  {
    ...anIncident('named', 1),
    remediation: toMatch({ entry: SAMPLE_ENTRY, params: { port: 554 } }, 'media01').remediation,
  },
];

/** Texts that wait for nothing that comes by itself: their follower has ended. */
async function textsWithoutFollower(
  kafka: KafkaClient,
  settings: KafkaSettings,
  { log = quietLog, now = Date.now } = {},
) {
  const closers = createClosers();
  const texts = createRemediationTexts(log, { waitMs: 0, isSure: true, now });
  const { signal } = new AbortController();
  await texts.follow({ config: { kafka: settings }, log: quietLog, closers, signal }, kafka);
  assert.deepEqual(await closers.closeAll(AbortSignal.timeout(DEADLINE_MS)), []);
  return texts;
}

test('a catalogue whose topic was deleted is written again', async (t) => {
  const { kafka, settings, producer, readUntil } = await testKafka(t);
  const { log, lines } = recordedLog();
  const published = createPublishedCatalog({ kafka, settings, producer, log });
  const ending = new AbortController();
  await published.publish({ entries: [SAMPLE_ENTRY] }, ending.signal);
  const [entry] = await readUntil('catalog', 1);
  await withAdmin(kafka, async (admin) => {
    await admin.deleteTopics({ topics: [topicName(settings.topicPrefix, 'catalog')] });
  });
  const keeping = published.keep(LOOK_EVERY_MS, ending.signal);
  t.after(async () => {
    ending.abort();
    await keeping;
  });
  const saidSo = (): number => lines.filter(({ msg }) => /made anew/u.test(String(msg))).length;
  // The topic may still show its records for a moment after it was deleted.
  await until('the loss is noticed', () => saidSo() > 0);
  const again = await readUntil('catalog', 1);
  assert.deepEqual(
    again.map(({ key }) => key),
    [entry?.key],
  );
  assert.equal(saidSo(), 1);
});

test('a catalogue is read before a document says that an entry is not there, and an empty one waited for', async (t) => {
  const { kafka, settings, producer } = await testKafka(t);
  const { log, lines } = recordedLog();
  let nowMs = Date.now();
  const texts = await textsWithoutFollower(kafka, settings, { log, now: () => nowMs });
  const summary = () => NAMED.map((incident) => texts.fill(incident).remediation.summary)[0] ?? '';
  await assert.rejects(texts.load(NAMED), /foghorn\.catalog holds no entry/u);
  await producer.send([encodeEntry(SAMPLE_ENTRY)]);
  nowMs += LATER_MS;
  await texts.load(NAMED);
  assert.doesNotMatch(summary(), NO_TEXT);
  assert.deepEqual(lines, []);
});

test('a catalogue that stays empty stops no incident for good', async (t) => {
  const { kafka, settings } = await testKafka(t);
  let nowMs = Date.now();
  const texts = await textsWithoutFollower(kafka, settings, { now: () => nowMs });
  await assert.rejects(texts.load(NAMED), /foghorn\.catalog holds no entry/u);
  nowMs += LATER_MS;
  await texts.load(NAMED);
  assert.match(NAMED.map((incident) => texts.fill(incident).remediation.summary)[0] ?? '', NO_TEXT);
});

test('an incident whose catalogue Kafka does not show ends with its assignment', async (t) => {
  const { settings } = await testKafka(t);
  const { kafka, proxy, own } = await behindProxy(t, settings);
  const texts = await textsWithoutFollower(kafka, own);
  const write: WriteBulk = async () => await Promise.reject(new Error('nothing is written'));
  const assignment = new AbortController();
  proxy.pause();
  const handling = incidentsStage(write, 'incidents', texts).handle(NAMED, assignment.signal, { mayRepeat: false });
  // kafkajs would give up with a reason of its own, and much later.
  const ended = assert.rejects(handling, /foghorn\.catalog was not read in time/u);
  assignment.abort();
  await ended;
});

/** A client that reaches Kafka by a proxy only. */
async function behindProxy(t: TestContext, settings: KafkaSettings) {
  const proxy = await createKafkaProxy(settings.brokers[0] ?? '');
  const own = { ...settings, brokers: [proxy.address] };
  const kafka = createKafka(own, quietLog);
  t.after(async () => {
    kafka.end();
    await proxy.close();
  });
  return { kafka, proxy, own };
}
