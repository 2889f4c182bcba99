// The entries of the catalogue in Kafka: read before one counts as missing, and written again when
// the topic was made anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPublishedCatalog } from '../../services/enricher/published-catalog.ts';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { toMatch } from '../../shared/catalog/render.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { withAdmin } from '../../shared/kafka/client.ts';
import { createRemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { createClosers } from '../../shared/runtime/closers.ts';
import { SAMPLE_ENTRY } from '../attack/samples.ts';
import { anIncident } from '../support/incidents.ts';
import { testKafka } from '../support/kafka.ts';
import { quietLog, recordedLog } from '../support/log.ts';

const LOOK_EVERY_MS = 200;
const DEADLINE_MS = 20_000;

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
  const again = await readUntil('catalog', 1);
  assert.deepEqual(
    again.map(({ key }) => key),
    [entry?.key],
  );
  assert.equal(lines.filter(({ msg }) => /made anew/u.test(String(msg))).length, 1);
});

test('an entry that is stored but has not come is found before a document says that there is none', async (t) => {
  const { kafka, settings, producer } = await testKafka(t);
  const closers = createClosers();
  const { log, lines } = recordedLog();
  // It waits for nothing that comes by itself.
  const texts = createRemediationTexts(log, { waitMs: 0, isSure: true });
  const { signal } = new AbortController();
  await texts.follow({ config: { kafka: settings }, log: quietLog, closers, signal }, kafka);
  t.after(async () => assert.deepEqual(await closers.closeAll(AbortSignal.timeout(DEADLINE_MS)), []));
  await producer.send([encodeEntry(SAMPLE_ENTRY)]);
  const { remediation } = toMatch({ entry: SAMPLE_ENTRY, params: { port: 554 } }, 'media01');
  const incidents = [{ ...anIncident('named', 1), remediation }];
  await texts.load(incidents);
  const [summary = ''] = incidents.map((incident) => texts.fill(incident).remediation.summary);
  assert.doesNotMatch(summary, /foghorn\.catalog does not hold/u);
  assert.deepEqual(lines, []);
});
