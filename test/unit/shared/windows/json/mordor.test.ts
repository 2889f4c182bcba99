// OTRF's sets: everything flat, and providers derived from the channel where only one can be meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, reasonOf } from '../event-text.ts';
import { spoilEach, written } from './dialect-text.ts';

const mordor = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> =>
  written('OTRF (Mordor)', over);
const nameless = (over: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { SourceName: _name, ...rest } = mordor(over);
  return rest;
};

test('any field may be wrong or missing', () => {
  spoilEach(mordor(), ['EventID', 'SourceName', 'Keywords', 'Channel', 'Hostname', 'TimeCreated']);
});

test('a provider is derived from a channel of one provider, and it is said', () => {
  for (const [Channel, EventID, provider] of [
    ['Microsoft-Windows-Sysmon/Operational', 1, 'Microsoft-Windows-Sysmon'],
    ['Security', 4688, 'Microsoft-Windows-Security-Auditing'],
    ['Security', '1102', 'Microsoft-Windows-Eventlog'],
  ] as const) {
    const event = eventOf(nameless({ Channel, EventID }));
    assert.deepEqual([event.providerName, event.tags], [provider, ['foghorn_provider_from_channel']]);
  }
});

test('where several may be meant none is made up', () => {
  for (const [Channel, EventID] of [
    ['System', 309],
    ['Security', 2000],
    ['/Operational', 1],
    ['', 1],
  ] as const)
    assert.equal(eventOf(nameless({ Channel, EventID })).providerName, '', Channel);
  assert.equal(reasonOf(nameless({ Channel: 'Security', EventID: 'x' })), 'invalid_event');
});

test('a time without a zone is kept as data, and the time of Logstash stands in', () => {
  const event = eventOf(mordor({ TimeCreated: '2020-06-09 22:50:55.123' }));
  assert.deepEqual(
    [event.timeCreated, event.eventData?.['TimeCreated'], event.tags],
    ['2026-03-01T10:15:30.1234567Z', '2020-06-09 22:50:55.123', ['foghorn_time_zone_unknown']],
  );
});

test('what is not of System is data, its process id too', () => {
  const { eventData, processId } = eventOf(mordor({ ProcessId: 4, Nested: { a: [1] }, Empty: '' }));
  assert.deepEqual([{ ...eventData }, processId], [{ param1: '554', ProcessId: '4', 'Nested.a': '[1]' }, undefined]);
});
