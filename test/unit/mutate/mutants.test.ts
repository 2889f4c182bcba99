// What `npm run mutate` changes, and what it leaves alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applied, mutantsOf } from '../../mutate/mutants.ts';

function mutated(code: string): readonly string[] {
  return mutantsOf(code).map((mutant) => applied(code, mutant));
}

test('one operator, condition, boolean, number or word at a time', () => {
  assert.deepEqual(mutated('a < b;'), ['a <= b;']);
  assert.deepEqual(mutated('(a) < (b);'), ['(a) <= (b);']);
  assert.deepEqual(mutated('a + b - c;'), ['a - b - c;', 'a + b + c;']);
  assert.deepEqual(mutated('if (a) b();'), ['if (true) b();', 'if (false) b();']);
  assert.deepEqual(mutated('!a ? b : c;'), ['a ? b : c;', 'true ? b : c;', 'false ? b : c;']);
  assert.deepEqual(mutated('f(true, 41);'), ['f(false, 41);', 'f(true, 42);']);
  assert.deepEqual(mutated("f('word', '');"), ["f('', '');", "f('word', 'mutant');"]);
  assert.deepEqual(mutated('a ?? b;'), ['a && b;']);
  assert.deepEqual(mutated('a ?? (b ?? c) ?? d;').length, 1, 'a mutant is a module too');
});

test('modules, names of properties and texts for people stay', () => {
  assert.deepEqual(mutated("import { a } from 'a'; export * from 'b';"), []);
  assert.deepEqual(mutated("x({ 'a': y, 1: z });"), []);
  assert.deepEqual(mutated("throw new Error('no such file');"), []);
});
