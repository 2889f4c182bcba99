// Fluent Bit and Fluentd: inserts as a list or a map, empty qualifiers, the sender's own zone, XML
// in `System`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PORT_IN_USE, xmlOf } from '../../../../support/dialects.ts';
import { eventOf, reasonOf } from '../event-text.ts';
import { spoilEach, written } from './dialect-text.ts';

const fluent = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => written('Fluent Bit', over);

test('any field may be wrong or missing', () => {
  spoilEach(fluent(), ['EventID', 'ProviderName', 'Keywords', 'Computer']);
});

test('ids with the qualifiers folded in are the low 16 bits; qualifiers beside them outrank', () => {
  for (const EventID of [0xc0_00_01_35, '3221225781'])
    assert.deepEqual(idOf(fluent({ EventID, Qualifiers: '' })), [309, 0xc0_00]);
  assert.deepEqual(idOf(fluent({ EventID: 309 + 65_536, Qualifiers: '49152' })), [309, 49_152]);
  assert.deepEqual(idOf(fluent({ EventID: '309', Qualifiers: 0 })), [309, 0]);
});

function idOf(fields: object) {
  const { eventId, qualifiers } = eventOf(fields);
  return [eventId, qualifiers];
}

test('empty inserts keep their place', () => {
  const { eventData } = eventOf(fluent({ StringInserts: ['', 'b', null, 4, true, { a: 1 }, ['x']] }));
  assert.deepEqual({ ...eventData }, { param2: 'b', param4: '4', param5: 'true', param6: '{"a":1}', param7: '["x"]' });
});

test('a time that names no zone is not taken for UTC', () => {
  const event = eventOf(fluent({ TimeCreated: '2026-03-01 10:15:30' }));
  assert.deepEqual([event.timeCreated, event.tags], [undefined, ['foghorn_time_zone_unknown']]);
  assert.equal(eventOf(fluent({ TimeCreated: '2026-03-01 10:15:30 -0500' })).timeCreated, '2026-03-01T15:15:30Z');
});

test('Fluentd’s names for message and inserts are read too', () => {
  const { Message, StringInserts, ...rest } = fluent();
  const event = eventOf({ ...rest, Description: Message, EventData: StringInserts });
  assert.deepEqual([event.message, { ...event.eventData }], [PORT_IN_USE.message, { param1: '554' }]);
});

test('XML in System is the event; broken XML is a reason and no event', () => {
  const xml = xmlOf(PORT_IN_USE, false);
  assert.equal(eventOf({ System: ` ${xml}`, Message: 'said' }).message, 'said');
  assert.equal(eventOf({ System: xmlOf(PORT_IN_USE, true), Message: 'said' }).message, PORT_IN_USE.message);
  for (const System of [xml.slice(0, -3), '<a/>', '<'])
    assert.equal(reasonOf({ System, Message: 'said' }), 'invalid_event');
});
