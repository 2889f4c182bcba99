// Event data under names that are no fields of their own: in one field beside, and where it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addOtherData } from '../../../../shared/windows/other-data.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';
import { toEcs } from '../../../../shared/windows/to-ecs.ts';

function otherData(winlog: Record<string, unknown>): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  addOtherData(own, winlog);
  return own;
}

test('known names alone need no field beside them', () => {
  const winlog = { event_data: { Image: 'a.exe', param1: '80' }, user_data: { FilePath: 'x', xml_name: 'Rule' } };
  assert.deepEqual(otherData(winlog), {});
  assert.deepEqual(otherData({}), {});
});

test('other names are there twice: where every agent has them, and where they are searched', () => {
  const winlog = { event_data: { Image: 'a.exe', Own: 'x', 'Image.Part': 'y' }, user_data: { Other: 'z' } };
  const before = structuredClone(winlog);
  assert.deepEqual(otherData(winlog), { event_data: { Own: 'x', 'Image.Part': 'y' }, user_data: { Other: 'z' } });
  assert.deepEqual(winlog, before);
});

test('names that an object may not have are only beside it, and the event’s own data is not changed', () => {
  const eventData = JSON.parse('{"Image":"a.exe","":"1"," ":"2","..":"3","a..b":"4","__proto__":"5"}') as object;
  const before = JSON.stringify(eventData);
  const winlog: Record<string, unknown> = { event_data: eventData };
  const beside = otherData(winlog)['event_data'] as object;
  assert.deepEqual(Object.keys(beside), ['', ' ', '..', 'a..b', '__proto__']);
  assert.equal(JSON.stringify(winlog['event_data']), '{"Image":"a.exe","__proto__":"5"}');
  assert.equal(JSON.stringify(eventData), before);
});

test('a document has them by every form that an event comes in', () => {
  const system =
    '<System><Provider Name="P"/><EventID>7</EventID><EventRecordID>1</EventRecordID><Computer>H</Computer></System>';
  const xml = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">${system}<EventData><Data Name="Own">x</Data></EventData></Event>`;
  const json = JSON.stringify({
    '@timestamp': '2026-03-01T10:00:00Z',
    winlog: { event_id: '7', provider_name: 'P', computer_name: 'H', event_data: { Own: 'x' } },
  });
  for (const text of [xml, json]) {
    const read = readEvent(Buffer.from(text), 'utf-8');
    assert.ok(read.kind === 'event');
    const { foghorn } = toEcs(read.event, { receivedAt: '2026-03-01T10:00:05.000Z' });
    assert.deepEqual((foghorn as Record<string, unknown>)['event_data'], { Own: 'x' });
  }
});
