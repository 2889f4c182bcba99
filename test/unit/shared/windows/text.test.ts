// Bytes to text: marks, UTF-16 by its zeros, nothing replaced in silence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText, encodingOf } from '../../../../shared/windows/text.ts';

const little = (text: string): Buffer => Buffer.from(text, 'utf16le');
const big = (text: string): Buffer => little(text).swap16();

test('a byte order mark outranks what the sender says', () => {
  assert.equal(encodingOf(little('\uFEFFä'), 'utf-8'), 'utf-16le');
  assert.equal(encodingOf(big('\uFEFFä'), 'utf-16le'), 'utf-16be');
  assert.equal(encodingOf(Buffer.from('\uFEFFä'), 'utf-16be'), 'utf-8');
});

test('without a mark the zero beside the first character decides', () => {
  assert.equal(encodingOf(little('<'), 'utf-8'), 'utf-16le');
  assert.equal(encodingOf(big('{'), 'utf-8'), 'utf-16be');
  assert.equal(encodingOf(Buffer.from('<'), 'utf-8'), 'utf-8');
  for (const hint of ['utf-8', 'utf-16le', 'utf-16be'] as const) assert.equal(encodingOf(Buffer.alloc(0), hint), hint);
});

test('the text comes without its mark, and the bytes stay as they were', () => {
  const bytes = big('\uFEFFZoë 😀');
  const before = Buffer.from(bytes);
  assert.equal(decodeText(bytes, 'utf-8'), 'Zoë 😀');
  assert.deepEqual(bytes, before);
  assert.equal(decodeText(Buffer.from('\uFEFFZoë 😀'), 'utf-8'), 'Zoë 😀');
  assert.equal(decodeText(Buffer.alloc(0), 'utf-8'), '');
});

test('invalid bytes give nothing', () => {
  assert.equal(decodeText(Buffer.from([0x61, 0x80]), 'utf-8'), undefined);
  assert.equal(decodeText(Buffer.from([0xed, 0xa0, 0x80]), 'utf-8'), undefined);
  assert.equal(decodeText(Buffer.from('abc'), 'utf-16le'), undefined);
});
