// Event ids: 16 bits, whatever was folded into them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldedId } from '../../../../shared/windows/event-id.ts';

test('a folded id gives its low word, and its high word as qualifiers', () => {
  assert.deepEqual(foldedId('3221225781'), { eventId: 309, qualifiers: 0xc000 });
  assert.deepEqual(foldedId(0xc000_0000 + 309), { eventId: 309, qualifiers: 0xc000 });
  assert.deepEqual(foldedId(65_536), { eventId: 0, qualifiers: 1 });
  assert.deepEqual(foldedId(0xffff_ffff), { eventId: 65_535, qualifiers: 65_535 });
});

test('an id of 16 bits has the qualifiers that stand beside it, or none', () => {
  assert.deepEqual(foldedId(' 309 ', '49152'), { eventId: 309, qualifiers: 49_152 });
  assert.deepEqual(foldedId('309', 0), { eventId: 309, qualifiers: 0 });
  assert.deepEqual(foldedId('65535'), { eventId: 65_535 });
  assert.deepEqual(foldedId(0), { eventId: 0 });
});

test('qualifiers that are no 16 bits are passed over', () => {
  for (const qualifiers of ['', '65536', '99999', '-1', '0x1', 'x', 1.5])
    assert.deepEqual(foldedId(309, qualifiers), { eventId: 309 });
  assert.deepEqual(foldedId(3_221_225_781, '99999'), { eventId: 309, qualifiers: 0xc000 });
});

test('what is no number of 32 bits is no id', () => {
  for (const id of [
    '',
    ' ',
    '-309',
    '+309',
    '309.0',
    '0x135',
    '3o9',
    '4294967296',
    '99999999999',
    'NaN',
    309.5,
    -1,
    Number.NaN,
    1e21,
  ])
    assert.equal(foldedId(id), undefined, String(id));
});
