// Entries in `foghorn.catalog`, and the text that incidents get from them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogTopic, encodeEntry, entryIdOf } from '../../../../shared/catalog/entry-record.ts';
import { fillIncident, relatedEventsOf } from '../../../../shared/catalog/remediation-text.ts';
import { renderRelated, renderRemediation, toMatch } from '../../../../shared/catalog/render.ts';
import { digestId } from '../../../../shared/contracts/ids.ts';
import type { Incident } from '../../../../shared/contracts/incident.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { hostileRecords } from '../../../attack/hostile-records.ts';
import { SAMPLE_ENTRY } from '../../../attack/samples.ts';
import { anIncident } from '../../../support/incidents.ts';

const { entries } = await loadCatalogFolders([]);

function decode(value: string, key = digestId([value])) {
  return catalogTopic.decode({ key: Buffer.from(key), value: Buffer.from(value), headers: {}, timestampMs: 0 });
}

for (const entry of entries)
  test(`${entry.id} goes over the wire whole`, () => {
    const { topic, key, value } = encodeEntry(entry);
    assert.deepEqual([topic, key], ['catalog', entryIdOf(entry)]);
    assert.deepEqual(decode(String(value), String(key)), { kind: 'value', value: { id: key, entry } });
  });

test('a changed entry has another id, and the same entry read twice has one', async () => {
  const again = await loadCatalogFolders([]);
  assert.deepEqual(again.entries.map(entryIdOf), entries.map(entryIdOf));
  assert.equal(new Set(entries.map(entryIdOf)).size, entries.length);
  assert.notEqual(entryIdOf({ ...SAMPLE_ENTRY, summary: 'Another.' }), entryIdOf(SAMPLE_ENTRY));
});

test('fields of a later version are left out, at every depth', () => {
  const later = JSON.parse(JSON.stringify(SAMPLE_ENTRY)) as Record<string, unknown> & { causes: object[] };
  const value = JSON.stringify({ ...later, later: 1, causes: later.causes.map((cause) => ({ ...cause, new: [] })) });
  const id = digestId([value]);
  assert.deepEqual(decode(value), { kind: 'value', value: { id, entry: SAMPLE_ENTRY } });
});

test('no entry takes the place of another, and no value that is none passes [security H6]', () => {
  const value = JSON.stringify(SAMPLE_ENTRY);
  assert.equal(decode(value, entryIdOf(entries[0] ?? assert.fail())).kind, 'bad');
  for (const other of ['', 'x', '1', 'null', '[]', '{}', JSON.stringify({ ...SAMPLE_ENTRY, severity: 'x' })])
    assert.equal(decode(other).kind, 'bad', other);
  assert.deepEqual(catalogTopic.decode({ key: null, value: null, headers: {}, timestampMs: 0 }), { kind: 'none' });
});

test('what passes of hostile entries under their own digests can be shown [security H5]', () => {
  let refused = 0;
  for (const { what, record } of hostileRecords('catalog', [encodeEntry(SAMPLE_ENTRY)])) {
    if (record.value === null) continue;
    const decoded = decode(String(record.value));
    if (decoded.kind === 'bad') refused += 1;
    if (decoded.kind !== 'value') continue;
    const { entry } = decoded.value;
    const filled = fillIncident(incidentOf(toMatch({ entry, params: { port: 80 } }, 'media01')), () => entry);
    assert.equal(typeof filled.remediation.summary, 'string', what);
  }
  assert.ok(refused > 100, `${refused}`);
});

function incidentOf({ remediation }: Pick<Incident, 'remediation'>): Incident {
  return { ...anIncident('i', 1), remediation };
}

test('an incident gets the text of the entry that it names, with its own values', () => {
  const params = { port: 80 };
  const incident = incidentOf(toMatch({ entry: SAMPLE_ENTRY, params }, 'media01'));
  const find = (id: string) => [...entries, SAMPLE_ENTRY].find((entry) => entryIdOf(entry) === id);
  assert.deepEqual(fillIncident(incident, find), {
    ...incident,
    remediation: renderRemediation(SAMPLE_ENTRY, params, 'media01'),
  });
  assert.deepEqual(relatedEventsOf(incident, find), renderRelated(SAMPLE_ENTRY, params, 'media01'));
  assert.equal(relatedEventsOf(incident, find)[0]?.text, 'It holds 80.');
});

test('one whose entry is unknown says so, and keeps what it carries', () => {
  const incident = incidentOf(toMatch({ entry: SAMPLE_ENTRY, params: { port: 80 } }, 'media01'));
  const { remediation } = fillIncident(incident, () => undefined);
  assert.match(remediation.summary, /foghorn\.catalog does not hold entry [\w-]{27}, version 1 of wmserver-309/u);
  assert.deepEqual(
    [remediation.title, remediation.severity, remediation.options],
    ['Port 80 is taken on media01', 'error', []],
  );
  assert.deepEqual(
    relatedEventsOf(incident, () => undefined),
    [],
  );
});

test('one that carries its whole text keeps it', () => {
  const incident = anIncident('i', 1);
  assert.deepEqual(
    fillIncident(incident, () => assert.fail()),
    incident,
  );
  assert.deepEqual(
    relatedEventsOf(incident, () => assert.fail()),
    [],
  );
});
