// The limiter: never more than its number under way, in order, and a failure frees its place.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { createLimiter } from '../../../../shared/runtime/limiter.ts';

test('never more than the limit, in order, failures included', async () => {
  const limited = createLimiter(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const work = Array.from({ length: 9 }, async (_, index) => {
    return await limited(async () => {
      started.push(index);
      most = Math.max(most, (running += 1));
      await turn();
      running -= 1;
      if (index % 3 === 0) throw new Error(`work ${index}`);
      return index;
    });
  });
  const results = await Promise.allSettled(work);
  assert.equal(most, 2);
  assert.deepEqual(started, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(results.filter(({ status }) => status === 'rejected').length, 3);
  assert.equal(await limited(async () => await Promise.resolve('still works')), 'still works');
});

test('who waits and gives up leaves the line, and takes nobody’s turn', async () => {
  const limited = createLimiter(1);
  const ran: string[] = [];
  let release = (): void => undefined;
  const first = limited(() => new Promise<void>((resolve) => (release = resolve)));
  const gone = new AbortController();
  const work = (name: string) => () => Promise.resolve(void ran.push(name));
  const second = limited(work('second'), gone.signal);
  const third = limited(work('third'), new AbortController().signal);
  gone.abort(new Error('given up'));
  await assert.rejects(second, /given up/u);
  await assert.rejects(limited(work('late'), gone.signal), /given up/u);
  release();
  await Promise.all([first, third]);
  assert.deepEqual(ran, ['third']);
});
