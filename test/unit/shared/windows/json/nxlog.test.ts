// NXLog: signed keywords, times without a zone, unnamed data by number, fields of the event beside
// those of the sender.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGON_FAILED, xmlOf } from '../../../../support/dialects.ts';
import { eventIdOf } from '../../../../../shared/contracts/ids.ts';
import { identityOf } from '../../../../../shared/windows/identity.ts';
import { eventOf, reasonOf } from '../event-text.ts';
import { spoilEach, written } from './dialect-text.ts';

const nxlog = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => written('NXLog', over);

test('any field may be wrong or missing', () => {
  spoilEach(nxlog(), ['EventID', 'SourceName', 'Keywords']);
});

test('without a number as id there is no event', () => {
  for (const EventID of ['', null, 'x', -309, 2 ** 32, 309.5, {}])
    assert.equal(reasonOf(nxlog({ EventID })), 'invalid_event', JSON.stringify(EventID));
  for (const Keywords of ['0x1ffffffffffffffff', 'x', 2 ** 64, 1.5])
    assert.equal(reasonOf(nxlog({ Keywords })), 'invalid_event', String(Keywords));
});

test('keywords that became negative are the same 64 bits', () => {
  for (const Keywords of ['-9187343239835811840', -9_187_343_239_835_811_840])
    assert.equal(eventOf(nxlog({ Keywords })).keywordMask, 0x8080_0000_0000_0000n);
});

test('a time without a zone is no time: it is kept as data, and it is said', () => {
  const event = eventOf(nxlog({ EventTime: '2026-03-01 10:15:30' }));
  assert.equal(event.timeCreated, undefined);
  assert.equal(event.eventData?.['EventTime'], '2026-03-01 10:15:30');
  assert.deepEqual(event.tags, ['foghorn_time_zone_unknown']);
  const zoned = eventOf(nxlog({ EventTime: '2026-03-01 11:15:30.5 +0100' }));
  assert.deepEqual([zoned.timeCreated, zoned.tags], ['2026-03-01T10:15:30.5Z', undefined]);
  assert.deepEqual(eventOf(nxlog({ EventTime: 'noon' })).tags, ['foghorn_time_invalid']);
});

test('without a zone the time of Logstash or the agent stands in, and a log read again is the same event [14 §3]', () => {
  const local = { EventTime: '2026-03-01 10:15:30', RecordNumber: 77 };
  const ids = ['2026-03-01T09:15:31.000Z', '2026-03-02T20:00:00.000Z', undefined].map((read) => {
    const event = eventOf(nxlog({ ...local, ...(read === undefined ? {} : { '@timestamp': read, '@version': '1' }) }));
    assert.deepEqual([event.timeCreated, event.localTime], [read, '2026-03-01T10:15:30']);
    assert.deepEqual(event.tags, ['foghorn_time_zone_unknown']);
    const identity = identityOf(event);
    return identity === undefined ? undefined : eventIdOf(identity);
  });
  assert.equal(new Set(ids).size, 1);
  assert.notEqual(ids[0], undefined);
  const other = identityOf(eventOf(nxlog({ ...local, EventTime: '2026-03-01 10:15:31' })));
  assert.notEqual(other === undefined ? '' : eventIdOf(other), ids[0]);
  const zoned = eventOf(nxlog({ EventTime: '2026-03-01 11:15:30 +0100', '@timestamp': '2026-03-02T20:00:00.000Z' }));
  assert.deepEqual([zoned.timeCreated, zoned.localTime], ['2026-03-01T10:15:30Z', undefined]);
});

test('a process id beside the execution’s is the event’s own', () => {
  const own = eventOf(nxlog({ ProcessID: '4', ExecutionProcessID: 776 }));
  assert.deepEqual([own.processId, own.eventData?.['ProcessID']], [776, '4']);
  const execution = eventOf(nxlog({ ProcessID: 776 }));
  assert.deepEqual([execution.processId, execution.eventData?.['ProcessID']], [776, undefined]);
});

test('an EventType of the event’s own stays data; the level then comes of the severity', () => {
  const event = eventOf(nxlog({ EventType: '%%1904', SeverityValue: 3 }));
  assert.deepEqual([event.level, event.eventData?.['EventType']], [3, '%%1904']);
  assert.equal(eventOf(nxlog({ EventType: 'constructor', SeverityValue: 99 })).level, undefined);
});

test('unnamed data are numbered from 1 in the order of their names', () => {
  const { eventData } = eventOf(nxlog({ Data: 'a', Data_1: 'b', Data_2: 'c' }));
  assert.deepEqual({ ...eventData }, { param1: 'a', param2: 'b', param3: 'c' });
});

test('the account is three fields of four, and what Logstash adds is no data', () => {
  const event = eventOf(
    nxlog({ AccountName: 'SYSTEM', Domain: 'NT AUTHORITY', UserID: 'S-1-5-18', '@version': '1', host: 'x', port: 5 }),
  );
  assert.deepEqual(event.user, { identifier: 'S-1-5-18', name: 'SYSTEM', domain: 'NT AUTHORITY' });
  assert.deepEqual({ ...event.eventData }, { param1: '554' });
});

test('EventXML outranks the fields, unless it is broken', () => {
  const xml = xmlOf({ ...LOGON_FAILED, id: 4624 }, false);
  const event = eventOf(nxlog({ EventXML: xml }));
  assert.deepEqual([event.eventId, event.form, event.message], [4624, 'nxlog', nxlog()['Message']]);
  for (const EventXML of [xml.slice(0, -20), 'x', '<a/>', 5]) assert.equal(eventOf(nxlog({ EventXML })).eventId, 309);
});
