// Messages out of a stream of syslog: the same wherever it is cut, within bounds whatever its
// bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Message, MessageReader } from '../../../../../services/collector/inputs/syslog/message-reader.ts';
import { cutAtRandom } from '../../../../fuzz/lumberjack.ts';
import { randomOf } from '../../../../fuzz/mutate.ts';
import { counted } from '../../../../support/syslog.ts';

const random = randomOf(5514);
const MAX_BYTES = 100;

function read(chunks: readonly Buffer[], { isWhole = true, maxBytes = MAX_BYTES } = {}): readonly Message[] {
  const reader = new MessageReader(maxBytes);
  const messages = chunks.flatMap((chunk) => {
    const some = [...reader.read(chunk)];
    assert.ok(reader.heldBytes <= reader.expectedBytes && reader.expectedBytes <= maxBytes);
    return some;
  });
  const rest = reader.end(isWhole);
  return rest === undefined ? messages : [...messages, rest];
}

const textsOf = (messages: readonly Message[]): readonly string[] =>
  messages.map(({ bytes, fault }) => `${fault === undefined ? '' : `${fault} `}${String(bytes)}`);

const STREAM = Buffer.concat([
  counted('<13>1 - - - - - - counted, with a\nline feed and a \0'),
  Buffer.from('<13>a line\n<13>CR and LF\r\n\n\r\n<13>NUL\0'),
  counted('<13>é'),
  Buffer.from('\n007 no count\n2026-11-30 no count\n1234567890 too long for one\n<13>the last'),
]);
const MESSAGES = [
  '<13>1 - - - - - - counted, with a\nline feed and a \0',
  '<13>a line',
  '<13>CR and LF',
  '<13>NUL',
  '<13>é',
  '007 no count',
  '2026-11-30 no count',
  '1234567890 too long for one',
  '<13>the last',
];

test('counts, lines and NUL in one stream, wherever it is cut', () => {
  for (let round = 0; round < 200; round += 1)
    assert.deepEqual(textsOf(read(round === 0 ? [STREAM] : cutAtRandom(STREAM, random))), MESSAGES);
  assert.deepEqual(textsOf(read(Array.from(STREAM, (byte) => Buffer.from([byte])))), MESSAGES);
});

test('of a message that is too long the beginning is kept, and the next is read', () => {
  const long = 'x'.repeat(5 * MAX_BYTES);
  const kept = `too_large ${long.slice(0, MAX_BYTES)}`;
  const stream = Buffer.concat([counted(long), Buffer.from(`<1>a\n${long}\n<1>b\0`), counted(long), counted('<1>c')]);
  const expected = [kept, '<1>a', kept, '<1>b', kept, '<1>c'];
  assert.deepEqual(textsOf(read([stream])), expected);
  for (let round = 0; round < 50; round += 1) assert.deepEqual(textsOf(read(cutAtRandom(stream, random))), expected);
  assert.deepEqual(textsOf(read([Buffer.from(`${long}\n`)], { maxBytes: long.length })), [long]);
});

test('a stream that ends within a message: a line is whole when its sender ended it, a count never', () => {
  const line = Buffer.from('<13>no end');
  assert.deepEqual(textsOf(read([line])), ['<13>no end']);
  assert.deepEqual(textsOf(read([line], { isWhole: false })), ['cut_off <13>no end']);
  const count = counted('<13>no end').subarray(0, -3);
  for (const isWhole of [true, false]) assert.deepEqual(textsOf(read([count], { isWhole })), ['cut_off <13>no ']);
  for (const none of ['', '\n', '12 ']) assert.deepEqual(read([Buffer.from(none)]), []);
  assert.deepEqual(textsOf(read([Buffer.from('12')])), ['12']);
});

test('an announced length alone takes no memory', () => {
  const reader = new MessageReader(1 << 30);
  assert.deepEqual([...reader.read(Buffer.from('999999999 x'))], []);
  assert.deepEqual([reader.heldBytes, reader.expectedBytes], [1, 999_999_999]);
});

test('hostile bytes: the same messages wherever the stream is cut, none too long', () => {
  const alphabet = ['\n', '\0', '\r', '0', '1', '9', ' ', '<', 'x', '\u00ff'];
  for (let round = 0; round < 500; round += 1) {
    const text = Array.from({ length: 1 + random(400) }, () => alphabet[random(alphabet.length)]).join('');
    const bytes = Buffer.from(text, 'latin1');
    const whole = read([bytes], { maxBytes: 20 });
    assert.deepEqual(textsOf(read(cutAtRandom(bytes, random), { maxBytes: 20 })), textsOf(whole));
    for (const message of whole) assert.ok(message.bytes.length > 0 && message.bytes.length <= 20);
  }
});
