// Cutting a body into its events: byte for byte, nothing dropped in silence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawEncoding } from '../../../../shared/contracts/raw-event.ts';
import { splitEventXml } from '../../../../shared/windows/split-xml.ts';
import { eventXml } from './event-text.ts';

const A = eventXml({ computer: '<Computer>zoë</Computer>' });
const B = eventXml({ sections: '<EventData><Data>&lt;/Event&gt; 😀</Data></EventData>' });

function pieces(text: string | Buffer, maxPieces?: number): readonly string[] {
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  return splitEventXml(body, 'utf-8', maxPieces).map((piece) =>
    piece.kind === 'event' ? piece.bytes.toString() : `bad at ${piece.offset}`,
  );
}

test('one event, several, and several in a wrapper', () => {
  for (const body of [
    `${A}${B}`,
    `${A}\r\n${B}\n`,
    `<?xml version="1.0"?><Events>${A}<!-- ${B} -->${B}</Events>`,
    `<e:Events xmlns:e="u">\n${A}${B}</e:Events>`,
  ])
    assert.deepEqual(pieces(body), [A, B]);
  assert.deepEqual(pieces(A), [A]);
  assert.deepEqual(pieces(''), []);
});

test('every encoding is cut at the same places, a byte order mark belongs to no event', () => {
  for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const)
    for (const mark of ['', '\uFEFF']) {
      const encode = (text: string): Buffer =>
        encoding === 'utf-16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, nodeName(encoding));
      const found = splitEventXml(encode(`${mark}${A}\n${B}`), encoding);
      assert.deepEqual(
        found.map((piece) => (piece.kind === 'event' ? piece.bytes : piece)),
        [encode(A), encode(B)],
      );
    }
});

function nodeName(encoding: RawEncoding): BufferEncoding {
  return encoding === 'utf-8' ? 'utf8' : 'utf16le';
}

test('an end tag in CDATA, in a comment, or of an event inside of UserData ends nothing', () => {
  for (const sections of [
    '<EventData><Data><![CDATA[</Event><Event>]]></Data></EventData>',
    '<EventData><!-- </Event> --><Data>1</Data></EventData>',
    '<UserData><Event><System/></Event></UserData>',
    '<UserData/><EventData/>',
  ]) {
    const event = eventXml({ sections });
    assert.deepEqual(pieces(`${event}${A}`), [event, A], sections);
  }
});

test('an event of another prefix and one without content', () => {
  const prefixed = '<w:Event xmlns:w="u"><w:System/></w:Event>';
  assert.deepEqual(pieces(`${prefixed}<Event/>${A}`), [prefixed, '<Event/>', A]);
});

test('what is no event is reported with its place, and the events around it are kept', () => {
  assert.deepEqual(pieces(`${A}junk${B}`), [A, `bad at ${Buffer.byteLength(A)}`, B]);
  assert.deepEqual(pieces(`<html>${A}</html>`), ['bad at 0', A, `bad at ${6 + Buffer.byteLength(A)}`]);
  assert.deepEqual(pieces(`<EventData><Data/></EventData>${A}`), ['bad at 0', A]);
  assert.deepEqual(pieces(`</Event>${A}`), ['bad at 0', A]);
  assert.deepEqual(pieces(`<!DOCTYPE Event []>${A}`), ['bad at 0', A]);
  assert.deepEqual(pieces('<'), ['bad at 0']);
});

test('an event that does not end costs no other, and is kept for the reader', () => {
  const cut = A.slice(0, A.indexOf('</EventData>'));
  assert.deepEqual(pieces(`${cut}${B}`), [cut, B]);
  const rendered = `${A.slice(0, -'</Event>'.length)}<RenderingInfo><Message>hal`;
  assert.deepEqual(pieces(`${rendered}${B}`), [rendered, B]);
});

test('half a character at the end of UTF-16 is reported', () => {
  const body = Buffer.concat([Buffer.from(A, 'utf16le'), Buffer.from('<')]);
  assert.deepEqual(
    splitEventXml(body, 'utf-16le').map((piece) =>
      piece.kind === 'event' ? piece.bytes.toString('utf16le') : piece.offset,
    ),
    [A, body.length - 1],
  );
});

test('it stops after the most that are asked for and one more', () => {
  assert.equal(pieces('<Event/>'.repeat(1000), 10).length, 11);
  assert.equal(pieces('x<y>'.repeat(1000), 10).length <= 12, true);
});

test('hostile bodies take one pass', () => {
  const started = process.cpuUsage();
  for (const unit of [
    '<',
    '<Event ',
    '<Event>',
    '</Event>',
    '<a:Event>',
    '<![CDATA[',
    '<!--',
    '<?',
    '<UserData><Event>',
    '<Event><UserData>',
  ])
    splitEventXml(Buffer.from(unit.repeat(Math.ceil(2_000_000 / unit.length))), 'utf-8', 1000);
  // Quadratic, each of them would take minutes.
  assert.ok(process.cpuUsage(started).user < 30_000_000);
});
