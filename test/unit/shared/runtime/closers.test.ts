// Closers run in reverse, each once, each even after a failure, and never past the deadline.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeStarting, createClosers } from '../../../../shared/runtime/closers.ts';

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

test('what is still starting is waited for and stopped before what it was made of; what failed is not', async () => {
  const order: string[] = [];
  const closers = createClosers();
  closers.add('connection', () => void order.push('connection'));
  let start: ((running: { stop(): Promise<void> }) => void) | undefined;
  closeStarting(closers, 'follower', new Promise((resolve) => (start = resolve)));
  closeStarting(closers, 'other', Promise.reject(new Error('no such topic')));
  const closing = closers.closeAll(never());
  order.push('started');
  start?.({ stop: async () => void order.push(await Promise.resolve('stopped')) });
  assert.deepEqual([await closing, order], [[], ['started', 'stopped', 'connection']]);
});
