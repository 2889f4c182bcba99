// Which events count for the record ids of a source, and how its settings decide.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addRecord, gapRulesOf } from '../../../../../services/enricher/sources/losses.ts';
import { clearedBy, recordIdOf } from '../../../../../services/enricher/sources/record-of.ts';
import { due, type RecordIds } from '../../../../../services/enricher/sources/record-ids.ts';
import { sourcesSettings } from '../../../../../services/enricher/sources/settings.ts';
import type { Sighting } from '../../../../../services/enricher/sources/sighting.ts';
import type { WindowsEvent } from '../../../../../shared/contracts/windows-event.ts';
import { readEvent } from '../../../../../shared/windows/read-event.ts';
import { LOGON_FAILED, xmlOf } from '../../../../support/dialects.ts';

function eventOf(text: string): WindowsEvent {
  const read = readEvent(Buffer.from(text), 'utf-8');
  return read.kind === 'event' ? read.event : assert.fail(read.detail);
}

function withLog(channel: string, log?: object): string {
  const winlog = { channel, computer_name: 'dc01', event_id: '4625', provider_name: 'P', record_id: 17 };
  return JSON.stringify({ '@timestamp': '2026-11-30T10:00:00Z', winlog, ...(log === undefined ? {} : { log }) });
}

test('an event says which log its record id is of: not that of an event collector, not a file', () => {
  assert.equal(recordIdOf(eventOf(xmlOf(LOGON_FAILED, false))), LOGON_FAILED.record);
  assert.equal(recordIdOf(eventOf(withLog('Security'))), 17);
  assert.equal(recordIdOf(eventOf(withLog('Security', { level: 'information' }))), 17);
  assert.equal(recordIdOf(eventOf(withLog('ForwardedEvents'))), undefined);
  assert.equal(recordIdOf(eventOf(withLog('Security', { file: { path: 'C:\\old.evtx' } }))), undefined);
  assert.equal(recordIdOf({ ...eventOf(withLog('Security')), recordId: '18446744073709551615' }), 2 ** 64);
});

test('1102 is of its own log, 104 of the log that it names', () => {
  const event = eventOf(xmlOf(LOGON_FAILED, false));
  const cleared = (parts: Partial<WindowsEvent>): string | undefined =>
    clearedBy({ ...event, providerName: 'Microsoft-Windows-Eventlog', ...parts });
  assert.equal(cleared({ eventId: 1102, channel: 'Security' }), 'Security');
  const userData = { xmlName: 'LogFileCleared', values: { Channel: 'Application', SubjectUserName: 'x' } };
  assert.equal(cleared({ eventId: 104, channel: 'System', userData }), 'Application');
  assert.equal(cleared({ eventId: 104, channel: 'System' }), 'System');
  assert.equal(cleared({ eventId: 105, channel: 'System' }), undefined);
  assert.equal(clearedBy({ ...event, eventId: 1102 }), undefined);
});

test('patterns declare a source complete or filtered, and filtered is stronger', () => {
  const settings = sourcesSettings.parse({
    complete: [{ hosts: ['dc*'] }, { channels: ['Security'] }],
    filtered: [{ hosts: ['dc09'], channels: ['Security'] }],
  });
  const isComplete = (host: string, channel?: string): boolean | undefined =>
    gapRulesOf(channel === undefined ? { host } : { host, channel }, settings).isComplete;
  assert.equal(isComplete('DC01', 'System'), true);
  assert.equal(isComplete('ws1', 'security'), true);
  assert.equal(isComplete('ws1', 'System'), undefined);
  assert.equal(isComplete('dc09', 'Security'), false);
  assert.equal(gapRulesOf({ host: 'ws1' }, settings).graceMs, 600_000);
});

test('a log file that is sent fills gaps and is no sign of more; a time ahead counts as a day at most', () => {
  const rules = { graceMs: 1000, isComplete: true };
  const held: { ids: RecordIds | undefined; rules: typeof rules } = { ids: undefined, rules };
  const add = (recordId: number, sentBy: string, more: Partial<Sighting> = {}) =>
    addRecord(
      held,
      {
        host: 'dc01',
        channel: 'Security',
        input: 'http',
        sender: 'a',
        receivedAtMs: 1e12,
        atMs: 1e12,
        recordId,
        cleared: undefined,
        clock: undefined,
        agent: { type: undefined, version: undefined, form: 'event-xml', sentBy },
        ...more,
      },
      { receivingMs: 0 },
    );
  assert.equal(add(1, 'foghorn-send/0.1.0'), undefined);
  for (const id of [5, 7, 8, 9, 10]) assert.equal(add(id, 'winlogbeat/9.0.0'), 'seen');
  assert.equal(add(100, 'foghorn-send/0.1.0'), undefined);
  assert.equal(held.ids?.highest, 10);
  assert.ok(held.ids !== undefined);
  assert.deepEqual(due(held.ids, 1001, rules), [{ from: 6, to: 6 }]);
  assert.equal(add(6, 'foghorn-send/0.1.0'), 'late');
  assert.equal(add(11, 'winlogbeat/9.0.0', { atMs: 9e12 }), 'seen');
  assert.equal(held.ids.highestAtMs, 1e12 + 86_400_000);
});
