import { test } from 'node:test';
import assert from 'node:assert/strict';
import { wholeNumber } from '../../../../shared/windows/whole-number.ts';

test('one to ten digits are a number up to the largest, everything else is none', () => {
  for (const [text, number] of [
    ['0', 0],
    ['007', 7],
    ['255', 255],
    ['4294967295', 4_294_967_295],
  ] as const)
    assert.equal(wholeNumber(text, 4_294_967_295), number, text);
  for (const text of ['', ' 1', '1 ', '-1', '+1', '1.0', '1e3', '0x10', '٣', '/', ':', '00000000001', 'undefined'])
    assert.equal(wholeNumber(text, 4_294_967_295), undefined, text);
  assert.equal(wholeNumber('256', 255), undefined);
  assert.equal(wholeNumber('4294967296', 4_294_967_295), undefined);
});
