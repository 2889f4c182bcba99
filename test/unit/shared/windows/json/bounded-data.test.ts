// Event data of JSON as texts: kinds, nests, bounds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedData, boundedPairs } from '../../../../../shared/windows/json/bounded-data.ts';
import { CUT_TAG, MAX_DEPTH, MAX_PAIRS } from '../../../../../shared/windows/limits.ts';

function bounded(value: unknown) {
  const tags = new Set<string>();
  const data = boundedData(value, tags);
  return { data: data === undefined ? undefined : { ...data }, tags: [...tags] };
}

test('every kind of value becomes text, empty ones are left out', () => {
  const value = {
    text: 'a',
    port: 80,
    yes: true,
    no: false,
    zero: 0,
    list: ['a', 1],
    none: null,
    empty: '',
    object: {},
  };
  assert.deepEqual(bounded(value), {
    data: { text: 'a', port: '80', yes: 'true', no: 'false', zero: '0', list: '["a",1]' },
    tags: [],
  });
});

test('objects inside one another become dotted names; one that comes again is numbered', () => {
  assert.deepEqual(bounded({ a: { b: { c: 1 }, d: 2 }, 'a.d': 3 }).data, { 'a.b.c': '1', 'a.d': '2', 'a.d_1': '3' });
});

test('nothing is nothing, and what is no object is said', () => {
  for (const value of [undefined, null, {}, { a: null }])
    assert.deepEqual(bounded(value), { data: undefined, tags: [] });
  for (const value of ['x', '', 1, true, [], [1]])
    assert.deepEqual(bounded(value), { data: undefined, tags: [CUT_TAG] });
});

test('depth and number are bounded, and it is said', () => {
  const nest = (depth: number): unknown => (depth === 0 ? 'v' : { a: nest(depth - 1) });
  assert.deepEqual(bounded(nest(MAX_DEPTH)).tags, []);
  assert.deepEqual(bounded({ first: 1, deep: nest(MAX_DEPTH) }), { data: { first: '1' }, tags: [CUT_TAG] });
  const many = bounded(Object.fromEntries(Array.from({ length: MAX_PAIRS + 1 }, (_, index) => [`n${index}`, index])));
  assert.deepEqual([Object.keys(many.data ?? {}).length, many.tags], [MAX_PAIRS, [CUT_TAG]]);
});

test('what lies there as pairs already comes out as by the longer way, whatever it holds', () => {
  const names = ['a', 'b.c', '__proto__', 'constructor', 'x'.repeat(300)];
  const values = ['x', '', 'two\r\nlines', 'end\n', '\r\n', ' ', 'y'.repeat(70_000), 1, null, ['l']];
  for (let round = 0; round < 2000; round += 1) {
    const pairs = names.flatMap((name, place) => {
      const value = values[(round * 7 + place * 13 + ((round * place) % 11)) % (values.length + 3)];
      return value === undefined ? [] : ([[name, value]] as const);
    });
    const tags = new Set<string>();
    const longer = boundedPairs(pairs, tags);
    const parsed: unknown = JSON.parse(
      `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
    );
    const short = new Set<string>();
    assert.equal(JSON.stringify(boundedData(parsed, short)), JSON.stringify(longer), `round ${round}`);
    assert.deepEqual([...short], [...tags]);
  }
  const many = Object.fromEntries(Array.from({ length: MAX_PAIRS + 1 }, (_, index) => [`p${index}`, 'v']));
  assert.deepEqual(bounded(many).tags, [CUT_TAG]);
});
