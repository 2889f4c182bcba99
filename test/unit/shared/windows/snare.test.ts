// Snare's text: its zone, what relays make of it, and what is none. Whole messages are in the cases
// (test/data/cases/96 and 97).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../../../services/enricher/enrich.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';
import { readSyslogCases } from '../../../cases/read-cases.ts';

const snare = readSyslogCases().find(({ name }) => name === '96-snare-syslog');
const [message = Buffer.alloc(0)] = snare?.messages ?? [];
const textOf = (change: (fields: string[]) => void): Buffer => {
  const fields = String(message).split('\t');
  change(fields);
  return Buffer.from(fields.join('\t'));
};

test('its time is local: of the zone that is configured', async () => {
  const enrich = createEnrich({
    catalog: await loadCatalogFolders([]),
    now: () => Date.UTC(2026, 10, 20, 20),
    keepOriginal: false,
    maxDocumentBytes: 1_000_000,
    timeZones: { '*': 'Europe/Berlin' },
  });
  const receivedAtMs = Date.UTC(2026, 10, 20, 20);
  const verdict = enrich({
    bytes: message,
    encoding: 'utf-8',
    format: 'syslog',
    input: 'syslog',
    sender: 's',
    receivedAtMs,
  });
  assert.ok(verdict.kind === 'emit');
  const event = verdict.records.find(({ topic }) => topic === 'events');
  const document = JSON.parse(String(event?.value)) as Readonly<Record<string, unknown>>;
  assert.equal(document['@timestamp'], '2026-11-20T08:00:00Z');
  assert.deepEqual(document['tags'], ['foghorn_id_from_content']);
});

for (const [type, level] of [
  ['Critical', 1],
  ['Error', 2],
  ['Warning', 3],
  ['Information', 4],
  ['Verbose', 5],
  ['Success Audit', undefined],
] as const)
  test(`the type ${type} is level ${level}`, () => {
    const read = readEvent(
      textOf((fields) => fields.splice(9, 1, type)),
      'utf-8',
    );
    assert.ok(read.kind === 'event');
    assert.equal(read.event.level, level);
    assert.equal(read.event.keywordMask, type === 'Success Audit' ? 0x20_0000_0000_0000n : undefined);
  });

test('without a header, and without its counter', () => {
  const text = textOf((fields) => {
    fields.splice(0, 1, 'MEDIA01 MSWinEventLog');
    fields.pop();
  });
  const read = readEvent(text, 'utf-8');
  assert.ok(read.kind === 'event');
  assert.deepEqual([read.event.form, read.event.eventId, read.event.computer], ['snare', 309, 'MEDIA01.example.org']);
});

test('too few fields, or an event id that is none, are no event', () => {
  for (const change of [(fields: string[]) => fields.splice(8), (fields: string[]) => fields.splice(5, 1, 'x')]) {
    const read = readEvent(
      textOf((fields) => void change(fields)),
      'utf-8',
    );
    assert.ok(read.kind === 'bad');
    assert.equal(read.reason, 'invalid_event');
  }
});

test('syslog without an event is distinguished from XML that is broken', () => {
  for (const text of [
    '<13>Nov 30 10:00:00 host app: hello',
    '<13>1 - - - - - - {no JSON',
    '<13>',
    '<13>1 - - - - - [x',
  ])
    assert.deepEqual(readEvent(Buffer.from(text), 'utf-8'), {
      kind: 'bad',
      reason: 'unknown_format',
      detail: 'it is a syslog message with neither JSON nor event XML nor Snare’s or Splunk’s text in it',
    });
});
