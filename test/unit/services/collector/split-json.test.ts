// JSON bodies are cut byte for byte, whatever stands in their strings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitJoined, splitJson } from '../../../../services/collector/inputs/http/split-json.ts';

const MANY = 1000;

function split(text: string, maxPieces = MANY): readonly string[] {
  return splitJson(Buffer.from(text), 'utf-8', maxPieces).map(String);
}

const tricky = '{"a":"]},{[\\"\\\\","b":[{"c":"}"}],"n":9007199254740993.10}';

for (const { name, body, pieces } of [
  { name: 'lines', body: '{"a":1}\n{"b":2}\n', pieces: ['{"a":1}', '{"b":2}'] },
  {
    name: 'lines with CRLF, blank lines and spaces',
    body: '\r\n{"a":1}\r\n\r\n  {"b":2} \r\n',
    pieces: ['{"a":1}', '{"b":2}'],
  },
  { name: 'a last line without an end', body: '{"a":1}\n{"b":2}', pieces: ['{"a":1}', '{"b":2}'] },
  { name: 'lines of which one is broken', body: '{"a":1}\n{"b":\n{"c":3}', pieces: ['{"a":1}', '{"b":', '{"c":3}'] },
  { name: 'a broken first line', body: '{"a":\n{"b":2}', pieces: ['{"a":', '{"b":2}'] },
  { name: 'an array', body: '[{"a":1},{"b":2}]', pieces: ['{"a":1}', '{"b":2}'] },
  { name: 'an array over lines', body: '[\n  {"a":1},\n  {"b":2}\n]\n', pieces: ['{"a":1}', '{"b":2}'] },
  { name: 'an empty array', body: ' [ ] ', pieces: [] },
  { name: 'brackets and quotes in strings', body: `[${tricky},${tricky}]`, pieces: [tricky, tricky] },
  { name: 'an array of other things', body: '[1,"x",null,[2],{}]', pieces: ['1', '"x"', 'null', '[2]', '{}'] },
  { name: 'an array cut off between elements', body: '[{"a":1},{"b":2}', pieces: ['{"a":1}', '{"b":2}', ''] },
  { name: 'an array cut off behind a comma', body: '[{"a":1}, ', pieces: ['{"a":1}', ''] },
  { name: 'an array cut off', body: '[{"a":1},{"b":', pieces: ['{"a":1}', '{"b":'] },
  { name: 'something behind an array', body: '[{"a":1}] x', pieces: ['{"a":1}', 'x'] },
  { name: 'one object over several lines', body: '{\n "a": {\n "b": 1 }\n}\n', pieces: ['{\n "a": {\n "b": 1 }\n}'] },
  { name: 'one object on one line', body: tricky, pieces: [tricky] },
  { name: 'a byte order mark', body: '\uFEFF{"a":1}\n{"b":2}', pieces: ['{"a":1}', '{"b":2}'] },
  {
    name: 'objects over several lines',
    body: '{\n "a": {\n "b": 1 }\n}\n{\n "c": 2\n}\n',
    pieces: ['{\n "a": {\n "b": 1 }\n}', '{\n "c": 2\n}'],
  },
  {
    name: 'a line among objects over several lines',
    body: '{"a":1}\n{\n"b":2\n}\n{"c":3}',
    pieces: ['{"a":1}', '{\n"b":2\n}', '{"c":3}'],
  },
  {
    name: 'a line that ends with an inner bracket',
    body: '{"a":{"b":1}\n,"c":2}\n{"d":3}',
    pieces: ['{"a":{"b":1}\n,"c":2}', '{"d":3}'],
  },
  {
    name: 'a line cut within a text',
    body: '{"a":"x\n{"b":2}\n{"c":"}\n{"d":4}',
    pieces: ['{"a":"x', '{"b":2}', '{"c":"}', '{"d":4}'],
  },
  {
    name: 'arrays one after the other',
    body: '[{"a":1},{"b":2}]\n[{"c":3}]',
    pieces: ['{"a":1}', '{"b":2}', '{"c":3}'],
  },
  { name: 'commas between lines', body: '{"a":1},\n{"b":2},\n', pieces: ['{"a":1}', '{"b":2}'] },
  {
    name: 'marks, zeros and separators between',
    body: '\0\0{"a":1}\n\uFEFF{"b":2}\0\n\u001E{"c":3}\n',
    pieces: ['{"a":1}', '{"b":2}', '{"c":3}'],
  },
  { name: 'unbalanced brackets', body: '[}{]]', pieces: ['}', '{]'] },
]) {
  test(`${name}: the pieces are exactly those`, () => {
    assert.deepEqual(split(body), pieces);
  });
}

test('UTF-16 in either order: the pieces are the bytes of the body', () => {
  const text = '\uFEFF{"a":"ü"}\r\n{"b":"→"}';
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  const expected = ['{"a":"ü"}', '{"b":"→"}'];
  assert.deepEqual(
    splitJson(little, 'utf-16le', MANY).map((piece) => piece.toString('utf16le')),
    expected,
  );
  assert.deepEqual(
    splitJson(big, 'utf-16be', MANY).map((piece) => Buffer.from(piece).swap16().toString('utf16le')),
    expected,
  );
});

test('values without anything between are distinguished, whatever stands in their texts', () => {
  const joined = (text: string, most = MANY) => splitJoined(Buffer.from(text), 'utf-8', most)?.map(String);
  assert.deepEqual(joined(`${tricky}${tricky} {}[1]`), [tricky, tricky, '{}', '[1]']);
  assert.deepEqual(joined('{"a":1}{"b":'), ['{"a":1}', '{"b":']);
  for (const whole of ['{"a":1}', '{"a":', 'x', '{"a":"}{"}']) assert.equal(joined(whole), undefined);
  assert.equal(joined('{}'.repeat(100_000), 10)?.length, 11);
});

test('hostile bodies take one pass', () => {
  const started = process.cpuUsage();
  for (const line of [
    '{"a":\n',
    '{"a":[\n',
    '{"a":1,\n',
    '{"a":"\n',
    '{"a":[1,\n',
    '[\n',
    '{\n',
    '{"a":{"b":1}\n',
    '\n',
    '{}',
    '{"a":[{}\n,',
  ])
    for (const begin of ['', '{"x":[\n']) {
      const body = Buffer.from(begin + line.repeat(Math.ceil(1_000_000 / line.length)));
      splitJson(body, 'utf-8', 10_000);
      splitJoined(body, 'utf-8', 10_000);
    }
  const { user, system } = process.cpuUsage(started);
  assert.ok((user + system) / 1e6 < 10, `${(user + system) / 1e6} s`);
});

test('a body of millions of small things is not cut further than asked', () => {
  assert.equal(split('{}\n'.repeat(100_000), 10).length, 11);
  assert.ok(split(`[${'0,'.repeat(100_000)}0]`, 10).length <= 12);
});

test('arrays of every length, cut anywhere, never hang and never lose a byte of a whole element', () => {
  const body = `[${[tricky, '{"x":1}', tricky].join(' , ')}]`;
  for (let end = 0; end < body.length; end += 1) {
    const pieces = split(body.slice(0, end));
    const whole = pieces.filter((piece) => piece === tricky || piece === '{"x":1}').length;
    assert.ok(pieces.length - whole <= 1, `at most the last piece is cut, at ${end}`);
  }
});
