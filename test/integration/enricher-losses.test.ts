// Missing records with real Kafka and Redis: exactly those that are withheld are named, nothing is
// claimed of a filtered subscription, and what comes late resolves its incident.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeRawEvent } from '../../shared/contracts/raw-event.ts';
import { type Source, sourceIdOf } from '../../shared/contracts/source.ts';
import { LOGON_FAILED, xmlOf } from '../support/dialects.ts';
import { startNotifier } from '../support/notifier.ts';
import { requiredEnv } from '../support/servers.ts';
import { startService } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const COUNT = 10_000;
const DECLARED = 'declared.example.org';
const DENSE = 'dense.example.org';
const FILTERED = 'filtered.example.org';

/** What is not sent of the first records. */
const WITHHELD: Readonly<Record<string, readonly number[]>> = {
  [DECLARED]: [2, 4001, 9999],
  [DENSE]: [8301, 9000, 9999],
  [FILTERED]: [8301, 9000, 9999],
};

function isSent(host: string, record: number): boolean {
  if (WITHHELD[host]?.includes(record) === true) return false;
  return host !== FILTERED || record % 20 !== 0;
}

function rawEvent(host: string, record: number) {
  const nowMs = Date.now();
  const time = new Date(nowMs).toISOString();
  return encodeRawEvent({
    bytes: Buffer.from(xmlOf({ ...LOGON_FAILED, computer: host, channel: 'Security', record, time }, false)),
    encoding: 'utf-8',
    format: 'xml',
    input: 'http',
    sender: 'site-relay',
    agent: 'winlogbeat/8.19.0',
    receivedAtMs: nowMs,
    computer: host,
  });
}

test('3 of 10,000 records withheld: exactly these are named, and nothing of a filtered subscription', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const { kafka } = notifier;
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-losses-'));
  const env = {
    KAFKA_BROKERS: requiredEnv('KAFKA_BROKERS'),
    FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
    FOGHORN_ENRICHER_SOURCES_CHECK_MS: '500',
    FOGHORN_ENRICHER_SOURCES_SNAPSHOT_MS: '500',
    FOGHORN_ENRICHER_SOURCES_MISSING_AFTER_MS: '3000',
    FOGHORN_ENRICHER_SOURCES_COMPLETE: JSON.stringify([{ hosts: ['declared.*'], channels: ['Security'] }]),
  };
  const enricher = await startService('enricher', env, folder);
  let record = COUNT;
  const ending = new AbortController();
  const trickle = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      record += 1;
      const hosts = [DECLARED, DENSE, FILTERED].filter((host) => isSent(host, record));
      await kafka.producer.send(hosts.map((host) => rawEvent(host, record)));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const open = async () => [...(await notifier.incidents()).values()].filter(({ state }) => state !== 'resolved');
  const idsOf = async (host: string): Promise<string | undefined> =>
    (await open())
      .find(({ entity }) => entity.host === host)
      ?.remediation.title.split(': ')
      .at(-1);

  for (let first = 1; first <= COUNT; first += 1000)
    for (const host of [DECLARED, DENSE, FILTERED]) {
      const records = Array.from({ length: 1000 }, (_, index) => first + index).filter((each) => isSent(host, each));
      await kafka.producer.send(records.map((each) => rawEvent(host, each)));
    }
  const sending = trickle();
  t.after(async () => {
    ending.abort();
    await sending;
    await enricher.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await until('all of the declared source are named', async () => (await idsOf(DECLARED)) === '2, 4001, 9999');
  await until('all of the dense source are named', async () => (await idsOf(DENSE)) === '8301, 9000, 9999');
  const found = await open();
  assert.deepEqual(found.map(({ entity }) => entity.host).toSorted(), [DECLARED, DENSE]);
  const entries = new Set((await kafka.readAll('catalog')).map(({ key }) => String(key)));
  for (const { entity, remediation } of found) {
    assert.equal(entity.ruleId, 'records-missing');
    assert.match(remediation.title, /^3 records of the channel Security on .* are missing: /u);
    assert.ok('entry' in remediation && entries.has(remediation.entry), 'its entry is in foghorn.catalog');
  }

  // A restart reports nothing again and nothing else.
  await enricher.kill();
  await enricher.start();
  await kafka.producer.send((WITHHELD[DECLARED] ?? []).map((each) => rawEvent(DECLARED, each)));
  await until('what came late resolves its incident', async () => (await open()).length === 1);
  assert.deepEqual(
    (await open()).map(({ entity, totalCount }) => [entity.host, totalCount <= 3]),
    [[DENSE, true]],
  );

  const snapshots = new Map(
    (await kafka.readAll('sources')).flatMap(({ value }) => {
      const source = value === null ? undefined : (JSON.parse(String(value)) as Source);
      return source === undefined ? [] : [[source.id, source] as const];
    }),
  );
  const recordsOf = (host: string) => snapshots.get(sourceIdOf(host, 'Security'))?.records;
  assert.deepEqual(
    [DECLARED, DENSE, FILTERED].map((host) => [recordsOf(host)?.completeness, recordsOf(host)?.missingCount]),
    [
      ['declared', 0],
      ['dense', 3],
      ['unknown', 0],
    ],
  );
});
