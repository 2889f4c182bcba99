// Who says what when, with the real Kafka, Elasticsearch and Redis: forged identities hide nothing,
// wrong clocks mute nothing, and the sender is named.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import type { EntryFields } from '../../shared/contracts/activity.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { resolveRecord } from '../support/commands.ts';
import { type EventParts, xmlOf } from '../support/dialects.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { startTestIndexer } from '../support/indexer.ts';
import { testKafka } from '../support/kafka.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const ALL = { match_all: {} };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const catalog = await loadCatalogFolders([]);

const ACCOUNT_CREATED: EventParts = {
  provider: 'Microsoft-Windows-Security-Auditing',
  id: 4720,
  level: 0,
  levelName: 'Information',
  task: 13_824,
  mask: '0x8020000000000000',
  keywordNames: ['Audit Success'],
  time: '2026-03-01T10:15:31.7654321Z',
  record: 90_002,
  channel: 'Security',
  computer: 'DC01.example.org',
  data: { TargetUserName: 'evil-backdoor-account' },
  message: 'A user account was created.',
};

/** What the enricher makes of an event that is sent now. */
function createSending() {
  const enrich = createEnrich({ catalog, now: Date.now, keepOriginal: false, maxDocumentBytes: 1_000_000 });
  return (event: EventParts, sender = 'agent-web'): readonly OutRecord[] => {
    const raw = { encoding: 'utf-8', format: 'xml', input: 'http', sender, receivedAtMs: Date.now() } as const;
    const verdict = enrich({ ...raw, bytes: Buffer.from(xmlOf(event, false)) });
    assert.equal(verdict.kind, 'emit', JSON.stringify(verdict));
    return verdict.kind === 'emit' ? verdict.records : [];
  };
}

test('a forged event that came first hides nothing: the real one is kept as a conflict, also after a rollover [security M1]', async (t) => {
  const [kafka, corner] = await Promise.all([testKafka(t), testElasticsearch(t)]);
  const indexer = await startTestIndexer(t, kafka, corner);
  const send = createSending();
  const forged = send({ ...ACCOUNT_CREATED, data: { TargetUserName: 'harmless' } }, 'agent-x');
  const real = send(ACCOUNT_CREATED);
  assert.equal(forged[0]?.headers?.['id'], real[0]?.headers?.['id']);
  await kafka.producer.send(forged);
  await until('the forged one is there', async () => (await corner.count(ALL)) === 1);
  await kafka.producer.send([...real, ...forged, ...real]);
  const letters = await kafka.readUntil('deadLetters', 2);
  assert.deepEqual(
    letters.map(({ headers }) => [headers['dead-stage'], headers['dead-reason'], headers['id']]),
    [real, real].map(() => ['indexer', 'conflict', real[0]?.headers?.['id']]),
  );
  assert.match(letters[0]?.value?.toString('utf8') ?? '', /evil-backdoor-account/u);
  assert.match(letters[0]?.headers['dead-detail'] ?? '', /states something else/u);

  const rolled = await corner.elasticsearch.request({ method: 'POST', path: `/${corner.names.events}/_rollover` });
  assert.equal(rolled.status, 200);
  await until('it is found in the older index, too', async () => {
    await kafka.producer.send([...real, ...forged]);
    return (await kafka.readAll('deadLetters')).length > 2;
  });
  assert.equal(await corner.count({ ids: { values: [String(real[0]?.headers?.['id'])] } }), 1);
  assert.match(await indexer.registry.metrics(), /indexed_documents_total\{[^}]*outcome="conflict"[^}]*\} [1-9]/u);
});

test('a second alert of the same identity that states something else is counted and reported as a conflict [security M1]', async (t) => {
  const { notifier, send } = await running(t);
  const one = fault(0);
  await send({ ...one, data: ['D:\\Logs\\a.log', 'forged'] });
  await send({ ...one, data: ['D:\\Logs\\a.log', 'real'] });
  await send({ ...one, data: ['D:\\Logs\\a.log', 'real'] });
  await until('both count, and the repeat does not', async () => {
    const metrics = await notifier.service.metrics('foghorn_alerts_total');
    const of = (effect: string): number =>
      [...metrics].find(([labels]) => labels.includes(`effect="${effect}"`))?.[1] ?? 0;
    return of('conflict') === 1 && of('duplicate') === 1;
  });
  // Counted before it is published.
  const totalCount = async (): Promise<number> => [...(await notifier.incidents()).values()][0]?.totalCount ?? 0;
  await until('the incident with both is published', async () => (await totalCount()) > 1);
  assert.equal(await totalCount(), 2);
});

interface Setting {
  readonly notifier: TestNotifier;
  readonly webhook: WebhookServer;
  readonly send: (event: EventParts, sender?: string) => Promise<void>;
}

async function running(t: TestContext): Promise<Setting> {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  await notifier.kafka.producer.send(catalog.entries.map(encodeEntry));
  const sending = createSending();
  const send = async (event: EventParts, sender?: string): Promise<void> => {
    await notifier.kafka.producer.send(sending(event, sender).filter(({ topic }) => topic === 'alerts'));
  };
  return { notifier, webhook, send };
}

let record = 0;

/** A 310 of WMServer, now by a clock that is off. */
function fault(skewMs: number): EventParts {
  record += 1;
  return {
    ...ACCOUNT_CREATED,
    provider: 'WMServer',
    id: 310,
    channel: 'System',
    computer: 'VICTIM01',
    time: new Date(Date.now() + skewMs).toISOString(),
    record,
    data: ['D:\\Logs\\WMS\\WMS_2026.log'],
    message: 'The logging plug-in cannot write.',
  };
}

async function rowsOf({ notifier }: Setting): Promise<readonly EntryFields[]> {
  return (await notifier.actions()).toSorted((left, right) => (left.revision ?? 0) - (right.revision ?? 0));
}

async function untilKinds(setting: Setting, kinds: readonly string[]): Promise<void> {
  const wanted = new Set(['opened', 'resolved', 'reopened', 'repeated']);
  await until(
    `the time line says ${kinds.join(', ')}`,
    async () =>
      JSON.stringify((await rowsOf(setting)).map(({ type }) => type).filter((type) => wanted.has(type))) ===
      JSON.stringify(kinds),
  );
}

for (const [title, evidence] of [
  ['311', {}],
  ['311 with a forged record id', { record: 10 ** 12 }],
] as const)
  test(`a ${title} dated 9999 resolves, names its sender, and the next 310 is notified [security H1, H2]`, async (t) => {
    const setting = await running(t);
    const { send, webhook } = setting;
    await send(fault(0), 'agent-web');
    await untilKinds(setting, ['opened']);
    await send({ ...fault(0), id: 311, time: '9999-12-31T23:59:59.000Z', ...evidence }, 'agent-x');
    await untilKinds(setting, ['opened', 'resolved']);
    const resolved = (await rowsOf(setting)).find(({ type }) => type === 'resolved');
    assert.equal(resolved?.reason, 'cleared by WMServer event 311 of VICTIM01, sent by agent-x');
    await send(fault(0), 'agent-web');
    await untilKinds(setting, ['opened', 'resolved', 'reopened']);
    await until('all three are notified', () => webhook.alerts().length === 3);
    const annotations = webhook.alerts().map((alert) => alert.annotations);
    assert.ok(annotations.some(({ facts = '' }) => /Sent by: agent-web/u.test(facts)));
    assert.ok(annotations.some(({ happened = '' }) => /^Resolved .*, by .* sent by agent-x\./u.test(happened)));
  });

for (const skewMs of [-6 * MINUTE_MS, -120 * MINUTE_MS, DAY_MS])
  test(`a clock ${skewMs / MINUTE_MS} min off: resolved by a person, and notified again when the fault comes back [alerting 1]`, async (t) => {
    const setting = await running(t);
    await setting.send(fault(skewMs));
    await untilKinds(setting, ['opened']);
    const [incident] = (await setting.notifier.incidents()).values();
    await setting.notifier.kafka.producer.send([resolveRecord(incident?.id ?? '')]);
    await untilKinds(setting, ['opened', 'resolved']);
    await setting.send(fault(skewMs));
    await untilKinds(setting, ['opened', 'resolved', 'reopened']);
    const [again] = (await setting.notifier.incidents()).values();
    assert.equal(Math.round((again?.clock?.skewMs ?? 0) / MINUTE_MS), skewMs / MINUTE_MS);
  });

test('a 310 dated a day ahead is cleared by a 311 of the mended clock [alerting 1]', async (t) => {
  const setting = await running(t);
  await setting.send(fault(DAY_MS));
  await untilKinds(setting, ['opened']);
  await setting.send({ ...fault(0), id: 311 });
  await untilKinds(setting, ['opened', 'resolved']);
});
