// Events by which the catalogue clears its faults: the same folder, the same host, and nothing that
// was not reported.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../../../services/enricher/enrich.ts';
import type { Clearing } from '../../../../shared/contracts/incident.ts';

const catalog = await loadCatalogFolders([]);
const enrich = createEnrich({ catalog, now: () => 9, keepOriginal: false, maxDocumentBytes: 1_000_000 });
const HOST = 'media01.example.org';

interface Parts {
  readonly provider: string;
  readonly id: number;
  readonly values: readonly string[];
  readonly channel?: string;
}

function xmlOf({ provider, id, values, channel = 'System' }: Parts): string {
  const data = values.map((value) => `<Data>${value}</Data>`).join('');
  return `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${provider}"/><EventID>${id}</EventID><Level>4</Level><TimeCreated SystemTime="2026-03-01T10:00:00.000Z"/><EventRecordID>7</EventRecordID><Channel>${channel}</Channel><Computer>${HOST}</Computer></System><EventData>${data}</EventData></Event>`;
}

function recordsOf(parts: Parts) {
  const verdict = enrich({
    bytes: Buffer.from(xmlOf(parts)),
    encoding: 'utf-8',
    format: 'xml',
    input: 'http',
    sender: '10.0.0.7',
    receivedAtMs: 5,
  });
  assert.equal(verdict.kind, 'emit');
  return verdict.kind === 'emit' ? verdict.records : [];
}

function clearingsOf(parts: Parts): readonly Clearing[] {
  return recordsOf(parts)
    .filter(({ topic }) => topic === 'alerts')
    .map(({ value }) => JSON.parse(String(value)) as Clearing)
    .filter(({ kind }) => kind === 'clearing');
}

for (const [id, values, ruleEventId, discriminator] of [
  [311, ['D:\\Logs\\WMS\\WMS_2026.log'], 310, 'folder'],
  [313, ['D:\\Logs\\WMS\\WMS_2026.log'], 312, 'folder'],
  [319, ['D:'], 318, 'disk'],
] as const)
  test(`${id} clears ${ruleEventId} of the same ${discriminator}`, () => {
    const [clearing, ...others] = clearingsOf({ provider: 'WMServer', id, values });
    assert.ok(clearing !== undefined && others.length === 0);
    const entry = catalog.entries.find((each) => each.id === clearing.ruleId);
    assert.deepEqual(entry?.eventIds, [ruleEventId]);
    assert.deepEqual([clearing.host, clearing.receivedAtMs, clearing.atMs], [HOST, 5, Date.UTC(2026, 2, 1, 10)]);
    const fault = { provider: 'WMServer', id: ruleEventId, values };
    const [, alert] = recordsOf(fault);
    const { incidentId } = JSON.parse(String(alert?.value)) as { readonly incidentId: string };
    assert.equal(clearing.incidentId, incidentId, 'the id that the fault itself gets');
    const [ofFault, ofEvidence] = [fault, { provider: 'WMServer', id, values }].map((parts) => {
      const document = JSON.parse(String(recordsOf(parts)[0]?.value)) as { readonly foghorn: { incident?: unknown } };
      return document.foghorn.incident;
    });
    assert.deepEqual([ofFault, ofEvidence], [{ id: incidentId }, undefined], 'evidence is no event of the incident');
  });

test('evidence counts by whichever of its names the provider comes', () => {
  const [clearing] = clearingsOf({ provider: 'Windows Media Services', id: 319, values: ['D:'] });
  const [same] = clearingsOf({ provider: 'wmserver', id: 319, values: ['D:'] });
  assert.ok(clearing?.incidentId !== undefined);
  assert.equal(clearing.incidentId, same?.incidentId);
});

test('evidence that does not state the folder clears nothing', () => {
  assert.deepEqual(clearingsOf({ provider: 'WMServer', id: 311, values: [] }), []);
});

test('a service that runs again is evidence for all ports of its host, after a time of quiet', () => {
  const values = ['Windows Media Services', 'running'];
  const clearings = clearingsOf({ provider: 'Service Control Manager', id: 7036, values });
  const clearing = clearings.find(({ ruleId }) => ruleId.startsWith('wmserver-309'));
  assert.ok(clearing !== undefined);
  assert.deepEqual([clearing.incidentId, clearing.params, clearing.quietForMs], [undefined, {}, 600_000]);
  assert.deepEqual(clearingsOf({ provider: 'Service Control Manager', id: 7036, values: ['Spooler', 'running'] }), []);
});

test('an ordinary event clears nothing', () => {
  assert.deepEqual(clearingsOf({ provider: 'Outlook', id: 27, values: [] }), []);
});

test('evidence says who sent it, where it stands in its log and of which host it is [security H2]', () => {
  const [clearing] = clearingsOf({ provider: 'WMServer', id: 311, values: ['D:\\Logs\\WMS\\WMS_2026.log'] });
  assert.deepEqual(
    [clearing?.sender, clearing?.channel, clearing?.recordId, clearing?.evidence],
    ['10.0.0.7', 'System', '7', `WMServer event 311 of ${HOST}`],
  );
  assert.equal(typeof clearing?.hostClock?.skewMs, 'number');
});
