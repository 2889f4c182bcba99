// Recognising a form by its content, every encoding, and a reason instead of a throw for all that
// is no event.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawEncoding } from '../../../../shared/contracts/raw-event.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';
import { eventOf, eventXml, reasonOf, winlogbeatDocument } from './event-text.ts';

const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be'] as const;

function encode(text: string, encoding: RawEncoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

/** How an event may come: its real encoding, its byte order mark, and what the sender calls it. */
const WAYS = ENCODINGS.flatMap((real) =>
  ['', '\uFEFF'].flatMap((mark) => ENCODINGS.map((named) => ({ real, mark, named }))),
)
  // Without a mark, ASCII in UTF-8 that is called UTF-16 cannot be distinguished from UTF-16.
  .filter(({ real, mark, named }) => real !== 'utf-8' || mark !== '' || named === 'utf-8');

test('XML and JSON are read in every encoding, with and without a byte order mark, whatever the sender calls it', () => {
  const xml = eventXml({ computer: '<Computer>Zoë-😀</Computer>' });
  const json = JSON.stringify(winlogbeatDocument({ computer_name: 'Zoë-😀' }));
  for (const text of [xml, json])
    for (const { real, mark, named } of WAYS) {
      const result = readEvent(encode(mark + text, real), named);
      assert.equal(result.kind === 'event' && result.event.computer, 'Zoë-😀', `${real} called ${named}`);
    }
});

test('an XML declaration, white space and comments around the event are no hindrance', () => {
  const declared = `\uFEFF \r\n<?xml version="1.0" encoding="utf-16"?>\n<!-- exported -->${eventXml()}\n<!-- end -->\n`;
  assert.equal(eventOf(declared).eventId, 309);
});

test('what is no event has a reason', () => {
  assert.equal(reasonOf(''), 'unknown_format');
  assert.equal(reasonOf(' \r\n\t'), 'unknown_format');
  assert.equal(reasonOf('Mar  1 10:00:00 host WMServer: 309'), 'unknown_format');
  assert.equal(reasonOf('[{"winlog":{}}]'), 'unknown_format');
  assert.equal(reasonOf('{}'), 'unknown_format');
  assert.equal(reasonOf('{"message":"port 80"}'), 'unknown_format');
  assert.equal(reasonOf('{"winlog":'), 'invalid_json');
  assert.equal(reasonOf('{"winlog":{}} {"winlog":{}}'), 'invalid_json');
  assert.equal(reasonOf('<'), 'invalid_xml');
  assert.equal(reasonOf('<Event>'), 'invalid_xml');
  assert.equal(reasonOf('<Event/>'), 'invalid_event');
  assert.equal(reasonOf('<html><body>502 Bad Gateway</body></html>'), 'invalid_event');
  assert.equal(reasonOf(`${eventXml()}${eventXml()}`), 'invalid_xml');
});

test('half a unit of UTF-16 is refused, a byte that is no UTF-8 is replaced and tagged', () => {
  const cases: readonly (readonly [Buffer, RawEncoding])[] = [
    [Buffer.from([0xff, 0xfe, 0x3c]), 'utf-8'],
    [Buffer.concat([encode(eventXml(), 'utf-16be'), Buffer.from([0])]), 'utf-16be'],
  ];
  for (const [bytes, encoding] of cases) {
    const result = readEvent(bytes, encoding);
    assert.equal(result.kind === 'bad' && result.reason, 'invalid_event');
  }
  const spoilt = Buffer.from(
    eventXml().replace('</Event>', '<RenderingInfo><Message>f\u00FCr</Message></RenderingInfo></Event>'),
    'latin1',
  );
  const read = readEvent(spoilt, 'utf-8');
  assert.ok(read.kind === 'event');
  assert.deepEqual([read.event.message, read.event.tags], ['f\uFFFDr', ['foghorn_text_repaired']]);
});

test('no cut and no flipped byte of a good event makes the reader throw', () => {
  const texts = [
    eventXml({
      sections: '<EventData><Data Name="a">1</Data></EventData><RenderingInfo><Message>x</Message></RenderingInfo>',
    }),
    JSON.stringify(winlogbeatDocument()),
  ];
  for (const text of texts) {
    const whole = Buffer.from(text);
    for (let at = 0; at < whole.length; at += 1) {
      assert.ok(['event', 'bad'].includes(readEvent(whole.subarray(0, at), 'utf-8').kind));
      for (const value of [0, 0x3c, 0x22, 0x7d, 0xff]) {
        const spoiled = Buffer.from(whole);
        spoiled[at] = value;
        assert.ok(['event', 'bad'].includes(readEvent(spoiled, 'utf-8').kind));
      }
    }
  }
});

test('nothing in a detail gives away a whole payload', () => {
  const secret = 'x'.repeat(5000);
  for (const text of [
    `{"${secret}":1}`,
    `<${secret}/>`,
    `<a></${secret}>`,
    eventXml({ eventId: `<EventID>${secret}</EventID>` }),
    `{"a":${secret}`,
  ])
    assert.ok(reasonOf(text));
});

test('half a surrogate pair becomes U+FFFD with a tag wherever a text enters, and whole pairs stay [security M8]', () => {
  const half = String.raw`\ud800`;
  const fields = { computer_name: `EVIL@`, provider_name: 'P@', channel: 'C@', event_data: { 'a@': 'x@', b: '😀' } };
  const json = JSON.stringify(winlogbeatDocument(fields, { message: 'm@', host: { name: 'EVIL@' } }));
  for (const bytes of [
    Buffer.from(json.replaceAll('@', half)),
    Buffer.from(json.replaceAll('@', String.raw`\uDC00`)),
    encode(json.replaceAll('@', '\ud800'), 'utf-16le'),
  ]) {
    const read = readEvent(bytes, bytes[1] === 0 ? 'utf-16le' : 'utf-8');
    assert.ok(read.kind === 'event');
    const { event } = read;
    assert.deepEqual(
      [event.computer, event.providerName, event.channel, event.message, event.eventData],
      ['EVIL\ufffd', 'P\ufffd', 'C\ufffd', 'm\ufffd', { 'a\ufffd': 'x\ufffd', b: '😀' }],
    );
    assert.ok(event.tags?.includes('foghorn_text_repaired'));
    assert.ok(JSON.stringify(event.ecs).isWellFormed() && !JSON.stringify(event.ecs).includes('\\ud'));
  }
  const whole = readEvent(Buffer.from(json.replaceAll('@', String.raw`\ud83d\ude00`)), 'utf-8');
  assert.ok(whole.kind === 'event');
  assert.deepEqual([whole.event.computer, whole.event.tags], ['EVIL😀', undefined]);
  const xml = eventXml({ computer: '<Computer>EVIL@</Computer>' });
  for (const text of [xml.replace('@', '&#xD800;'), xml.replace('@', '\ud800')]) {
    const read = readEvent(encode(text, 'utf-16le'), 'utf-16le');
    assert.ok(read.kind === 'event' && read.event.computer?.isWellFormed() === true);
  }
});

test('two names that become one by it keep the first, and a name of the language’s own is one like any other [security M8]', () => {
  const json = String.raw`{"winlog":{"event_id":"1","provider_name":"P","event_data":{"a\ud800":"1","a\udc00":"2","__proto__":"\ud800"}}}`;
  const read = readEvent(Buffer.from(json), 'utf-8');
  assert.ok(read.kind === 'event');
  const data = Object.entries(read.event.eventData ?? {});
  assert.deepEqual(new Map(data).get('a\ufffd'), '1');
});

test('of two values under one name in one object the last counts, as the page about senders says', () => {
  const json =
    '{"winlog":{"event_id":"1","provider_name":"P","computer_name":"A","computer_name":"B","event_data":{"a":"1","a":"2"}}}';
  const event = eventOf(json);
  assert.deepEqual([event.computer, event.eventData, event.tags], ['B', { a: '2' }, undefined]);
});
