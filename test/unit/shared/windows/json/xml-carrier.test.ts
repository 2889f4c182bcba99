// Event XML inside a JSON object: found where the carriers put it, refused with the field where it
// is broken, and nothing else taken for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PORT_IN_USE, xmlOf } from '../../../../support/dialects.ts';
import { documentOf, eventOf, eventXml, read, reasonOf, winlogbeatDocument } from '../event-text.ts';

const xml = xmlOf(PORT_IN_USE, false);

test('the XML is read wherever it lies, with a message from beside it', () => {
  for (const carrier of [
    { meta: {}, data: xml },
    { event: { original: xml }, message: 'taken' },
    { 'event.original': xml, message: 'taken' },
    { message: ` \n${xml}` },
    { event: { original: 'no XML' }, message: xml },
  ])
    assert.deepEqual([eventOf(carrier).eventId, eventOf(carrier).eventData?.['param1']], [309, '554']);
  assert.equal(eventOf({ event: { original: xml }, message: 'taken' }).message, 'taken');
  assert.equal(eventOf({ event: { original: xml }, message: xml }).message, undefined);
});

test('broken XML is refused and its field named', () => {
  const result = read({ meta: {}, data: '<Event>' });
  assert.match(result.kind === 'bad' ? result.detail : '', /data/u);
  assert.equal(reasonOf({ message: '<Event><System>' }), 'invalid_event');
});

test('other text is no carrier', () => {
  for (const other of [
    { data: xml },
    { meta: {}, data: 'x' },
    { message: '<html>' },
    { message: '<EventData/>' },
    { message: `see ${xml}` },
    { event: { original: 5 }, message: [xml] },
  ])
    assert.equal(reasonOf(other), 'unknown_format', JSON.stringify(other).slice(0, 40));
});

test('a Winlogbeat document without event data gets it from the XML that its agent kept', () => {
  const original = eventXml({ sections: '<EventData><Data>8080</Data></EventData>' });
  const event = { kind: 'event', code: '309', provider: 'WMServer', original };
  for (const event_data of [undefined, null, {}])
    assert.deepEqual(documentOf(winlogbeatDocument({ event_data }, { event }))['winlog']?.['event_data'], {
      param1: '8080',
    });
  assert.deepEqual(documentOf(winlogbeatDocument({}, { event }))['winlog']?.['event_data'], { param1: '80' });
  for (const broken of ['<Event>', 'x', 5]) {
    const document = documentOf(winlogbeatDocument({ event_data: null }, { event: { ...event, original: broken } }));
    assert.equal(document['winlog']?.['event_data'], undefined);
  }
  const user = eventXml({ sections: '<UserData><Cleared><Channel>System</Channel></Cleared></UserData>' });
  const document = documentOf(winlogbeatDocument({ event_data: null }, { event: { ...event, original: user } }));
  assert.deepEqual(document['winlog']?.['user_data'], { Channel: 'System', xml_name: 'Cleared' });
});
