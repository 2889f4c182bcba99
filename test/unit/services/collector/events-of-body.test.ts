// A body is recognised by what is in it, and every piece is either an event or says why it is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOfBody } from '../../../../services/collector/inputs/http/events-of-body.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';

const arrival = { input: 'http', sender: '127.0.0.1', receivedAtMs: 1 };

function read(body: string | Buffer, maxEvents = 100) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return eventsOfBody(bytes, { arrival, charset: 'utf-8', maxEvents, admit: () => undefined, onBug: assert.fail }).map(
    (piece) =>
      piece.kind === 'event'
        ? [piece.event.format, piece.event.encoding, piece.event.computer, piece.event.bytes.length]
        : [piece.reason],
  );
}

const xml = '<Event><System><Computer>MEDIA01</Computer></System></Event>';
const json = '{"winlog":{"computer_name":"MEDIA02"}}';

test('XML, one, several and wrapped', () => {
  const one = ['xml', 'utf-8', 'MEDIA01', xml.length];
  assert.deepEqual(read(xml), [one]);
  assert.deepEqual(read(`<?xml version="1.0"?>\n${xml}\n${xml}`), [one, one]);
  assert.deepEqual(read(`<Events>${xml}${xml}</Events>`), [one, one]);
});

test('JSON lines and arrays, good beside bad', () => {
  const one = ['json', 'utf-8', 'MEDIA02', json.length];
  assert.deepEqual(read(`${json}\nno JSON\n[1]\n${json}`), [one, ['invalid_json'], ['not_an_object'], one]);
  assert.deepEqual(read(`[${json},7,${json}]`), [one, ['not_an_object'], one]);
});

test('equal events of a request are numbered, the same in every request [14 §3]', () => {
  const other = json.replace('MEDIA02', 'MEDIA03');
  const copies = (body: string) =>
    eventsOfBody(Buffer.from(body), { arrival, charset: 'utf-8', maxEvents: 100, admit: () => undefined }).map(
      (piece) => (piece.kind === 'event' ? piece.event.copy : piece.reason),
    );
  for (const _ of ['first', 'again'])
    assert.deepEqual(copies([json, other, 'x', json, other, json].join('\n')), [
      undefined,
      undefined,
      'invalid_json',
      2,
      2,
      3,
    ]);
  assert.deepEqual(copies(`<Events>${xml}${xml}</Events>`), [undefined, 2]);
});

test('UTF-16 with a byte order mark, XML and JSON', () => {
  assert.deepEqual(read(Buffer.from(`\uFEFF${xml}`, 'utf16le')), [['xml', 'utf-16le', 'MEDIA01', xml.length * 2]]);
  assert.deepEqual(read(Buffer.from(`\uFEFF${json}`, 'utf16le').swap16()), [
    ['json', 'utf-16be', 'MEDIA02', json.length * 2],
  ]);
});

test('a byte that is no UTF-8 costs no event', () => {
  const broken = Buffer.concat([
    Buffer.from('{"a":"'),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}\n'),
    Buffer.from(json),
  ]);
  assert.deepEqual(read(broken), [
    ['json', 'utf-8', undefined, 10],
    ['json', 'utf-8', 'MEDIA02', json.length],
  ]);
  const brokenXml = Buffer.concat([
    Buffer.from('<Event>'),
    Buffer.from([0xff]),
    Buffer.from('</Event>'),
    Buffer.from(xml),
  ]);
  assert.deepEqual(read(brokenXml), [
    ['xml', 'utf-8', undefined, 16],
    ['xml', 'utf-8', 'MEDIA01', xml.length],
  ]);
});

test('what is neither is reported', () => {
  assert.deepEqual(read('hello'), [['invalid_json']]);
  assert.deepEqual(read('<html><body>hi</body></html>'), [['not_an_event']]);
});

test('an array that ends before its bracket is reported, beside what came', () => {
  assert.deepEqual(read(`[${json},`), [['json', 'utf-8', 'MEDIA02', json.length], ['invalid_json']]);
});

test('pieces are counted before any of them is looked at', () => {
  const counts: number[] = [];
  const admit = (count: number): never => {
    counts.push(count);
    throw new Error('no room');
  };
  const options = { arrival, charset: 'utf-8', maxEvents: 100, admit, onBug: assert.fail } as const;
  for (const body of [`${json}\nno JSON`, `${xml}${xml}`])
    assert.throws(() => eventsOfBody(Buffer.from(body), options), /no room/u);
  assert.deepEqual(counts, [2, 2]);
});

test('a body without events and one with too many are refused as a whole', () => {
  for (const empty of ['', '  \r\n\t', '\uFEFF', '[]', ' [ ] ', '<Events></Events>', '<Events/>'])
    assert.throws(
      () => read(empty),
      (error) => error instanceof Refusal && error.status === 400 && error.code === 'empty',
    );
  assert.throws(
    () => read('{}\n'.repeat(5), 4),
    (error) => error instanceof Refusal && error.status === 413 && error.code === 'too_many_events',
  );
});

test('a computer whose bytes hold those of a < between two characters of UTF-16 costs nobody anything [security L1]', () => {
  const twisted = xml.replace('MEDIA01', '\u0100\u3c41');
  for (const text of [twisted, twisted.replace('<Computer>', '<X\u0100Computer>')]) {
    const [one, two] = read(Buffer.from(`\uFEFF${text}${xml}`, 'utf16le').swap16());
    assert.equal(one?.[0], 'xml');
    assert.deepEqual(two, ['xml', 'utf-16be', 'MEDIA01', xml.length * 2]);
  }
  assert.equal(read(Buffer.from(`\uFEFF${twisted}`, 'utf16le').swap16())[0]?.[2], '\u0100\u3c41');
  assert.equal(read(Buffer.from(`\uFEFF${twisted}`, 'utf16le'))[0]?.[2], '\u0100\u3c41');
});
