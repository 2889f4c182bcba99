// Pairs: Winlogbeat's rules, within bounds, and a tag whenever something was cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CUT_TAG, MAX_NAME_LENGTH, MAX_PAIRS, MAX_VALUE_LENGTH } from '../../../../shared/windows/limits.ts';
import { createPairs } from '../../../../shared/windows/pairs.ts';

function take(...given: readonly (readonly [string, string])[]) {
  const tags = new Set<string>();
  const pairs = createPairs(tags);
  for (const [name, value] of given) pairs.add(name, value);
  return { values: pairs.take(), tags: [...tags] };
}

test('a name that comes again is numbered, an empty value does not take a name', () => {
  assert.deepEqual({ ...take(['a', ''], ['a', '1'], ['a', '2'], ['b', '3']).values }, { a: '1', a_1: '2', b: '3' });
  assert.deepEqual(Object.keys(take(['a_1', '0'], ['a', '1'], ['a', '2'], ['a', '3']).values ?? {}), [
    'a_1',
    'a',
    'a_2',
    'a_3',
  ]);
  assert.equal(take(['a', ''], ['b', '\r\n\n']).values, undefined);
  assert.deepEqual(take(['a', '1'], ['a', '1\r\n'], ['a', '']).tags, []);
  assert.deepEqual(take(['a', '1'], ['a', '2']).tags, []);
});

test('line ends become LF, and those at the end go', () => {
  assert.deepEqual({ ...take(['a', 'x\r\ny\nz\rw\r\n\n\r\n'], ['b', ' c ']).values }, { a: 'x\ny\nz\nw', b: ' c ' });
});

test('names of the language are names like others', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const { values } = take(...names.map((name) => [name, 'x'] as const));
  assert.deepEqual(Object.keys(values ?? {}), names);
  assert.equal(JSON.stringify(values), `{${names.map((name) => `"${name}":"x"`).join(',')}}`);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

test('number, names and values are bounded, and it is said', () => {
  const many = take(...Array.from({ length: MAX_PAIRS + 1 }, (_, index) => [`n${index}`, 'v'] as const));
  assert.deepEqual([Object.keys(many.values ?? {}).length, many.tags], [MAX_PAIRS, [CUT_TAG]]);
  const name = 'n'.repeat(MAX_NAME_LENGTH);
  assert.deepEqual(take([name, 'v']), { values: { [name]: 'v' }, tags: [] });
  assert.deepEqual(take([`${name}n`, 'v']), { values: undefined, tags: [CUT_TAG] });
  const whole = 'v'.repeat(MAX_VALUE_LENGTH);
  assert.deepEqual(take(['a', whole]).tags, []);
  const long = take(['a', `${whole}v`]);
  assert.deepEqual([long.values?.['a'], long.tags], [whole, [CUT_TAG]]);
});

test('no surrogate pair is split by the cut', () => {
  const { values } = take(['a', `${'v'.repeat(MAX_VALUE_LENGTH - 1)}😀`]);
  assert.equal(values?.['a'], 'v'.repeat(MAX_VALUE_LENGTH - 1));
});
