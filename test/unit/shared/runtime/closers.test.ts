// Closers run in reverse, each once, each even after a failure, and never past the deadline.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClosers } from '../../../../shared/runtime/closers.ts';

const never = (): AbortSignal => new AbortController().signal;

test('reverse order, once, and a failure stops nothing', async () => {
  const order: string[] = [];
  const closers = createClosers();
  closers.add('first', () => void order.push('first'));
  closers.add('second', () => {
    throw new Error('jammed');
  });
  closers.add('third', async () => {
    await Promise.resolve();
    order.push('third');
  });
  assert.deepEqual(await closers.closeAll(never()), [{ name: 'second', detail: 'jammed' }]);
  assert.deepEqual(order, ['third', 'first']);
  assert.deepEqual(await closers.closeAll(never()), []);
});

test('one that hangs is left at the deadline and the others are still closed', async () => {
  const closers = createClosers();
  let isClosed = false;
  closers.add('good', () => {
    isClosed = true;
  });
  closers.add('hanging', async () => await new Promise<void>(() => undefined));
  const problems = await closers.closeAll(AbortSignal.abort());
  assert.deepEqual(
    problems.map((fault) => fault.name),
    ['hanging'],
  );
  assert.ok(isClosed);
});
