// A 309 on port 80 beside an event of HTTP.sys on the same host, from event XML to the message: the
// message names the likely holder.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { PORT_IN_USE, type EventParts, xmlOf } from '../support/dialects.ts';
import { startNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const HTTP_SYS: EventParts = {
  ...PORT_IN_USE,
  provider: 'Microsoft-Windows-HttpEvent',
  id: 15_005,
  record: 4710,
  time: '2026-03-01T10:15:10.0000000Z',
  data: [String.raw`\Device\Http\ReqQueue`, '[::]:80'],
  message: 'Unable to bind to the underlying transport for [::]:80.',
};

const catalog = await loadCatalogFolders([]);
const enrich = createEnrich({
  catalog,
  now: Date.now,
  keepOriginal: false,
  maxDocumentBytes: 1_000_000,
});

function alertOf(event: EventParts): readonly OutRecord[] {
  const verdict = enrich({
    bytes: Buffer.from(xmlOf(event, true)),
    encoding: 'utf-8',
    format: 'xml',
    input: 'http',
    sender: '192.0.2.9',
    receivedAtMs: Date.now(),
  });
  return verdict.kind === 'emit' ? verdict.records.filter(({ topic }) => topic === 'alerts') : [];
}

test('HTTP.sys failed on the host twenty seconds before: the message says who probably holds the port', async (t) => {
  const webhook = await startWebhookServer(t);
  const notifier = await startNotifier(t, [hook(webhook)]);
  const factsOf = (id: string): string =>
    webhook.alerts().find(({ labels }) => labels['event_id'] === id)?.annotations['facts'] ?? '';
  await notifier.kafka.producer.send([...catalog.entries.map(encodeEntry), ...alertOf(HTTP_SYS)]);
  await until('HTTP.sys is notified', () => factsOf('15005') !== '');
  await notifier.kafka.producer.send(alertOf({ ...PORT_IN_USE, data: ['80'] }));
  await until('the 309 is notified', () => factsOf('309') !== '');
  assert.match(factsOf('309'), /Likely cause: Microsoft-Windows-HttpEvent 15005 at .*HTTP\.sys.*likely holder/u);
  assert.doesNotMatch(factsOf('15005'), /Likely cause/u);
  const causeOf = async (eventId: number): Promise<string | undefined> =>
    [...(await notifier.incidents()).values()].find(({ entity }) => entity.eventId === eventId)?.suspectedCause;
  assert.match((await causeOf(309)) ?? '', /HTTP\.sys.*likely holder/u);
  assert.equal(await causeOf(15_005), undefined);
});
