// One answer for all who ask the same: read once, for so long, and a failure for nobody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareAnswers } from '../../../../services/console/read/shared-answers.ts';

function start() {
  const reads: (readonly string[])[] = [];
  const waiting: { settle(error?: Error): void }[] = [];
  let nowMs = 0;
  const ask = shareAnswers({
    read: async (keys) => {
      reads.push(keys);
      const number = reads.length;
      await new Promise<void>((resolve, reject) =>
        waiting.push({ settle: (error) => (error === undefined ? resolve() : reject(error)) }),
      );
      return new Map(keys.map((key) => [key, `${key}${number}`]));
    },
    keepMs: 4000,
    now: () => nowMs,
  });
  return { ask, reads, waiting, wait: (ms: number) => void (nowMs += ms) };
}

test('what is kept or on its way is not read again, and the rest by one read, in the order asked for', async () => {
  const { ask, reads, waiting, wait } = start();
  const first = ask(['a', 'b']);
  const second = ask(['c', 'b', 'd', 'c']);
  assert.deepEqual(reads, [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  for (const { settle } of waiting) settle();
  assert.deepEqual(await Promise.all([first, second]), [
    ['a1', 'b1'],
    ['c2', 'b1', 'd2', 'c2'],
  ]);
  wait(3999);
  assert.deepEqual(await ask(['b', 'c']), ['b1', 'c2']);
  wait(1);
  const later = ask(['b']);
  waiting.at(-1)?.settle();
  assert.deepEqual([await later, reads.length], [['b3'], 3]);
});

test('a failure is thrown to all who waited for it, and the next who asks reads again', async () => {
  const { ask, waiting } = start();
  const both = [ask(['a']), ask(['b', 'a'])];
  const ended = Promise.allSettled(both);
  waiting[0]?.settle(new Error('away'));
  waiting[1]?.settle();
  assert.deepEqual(
    (await ended).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  const again = ask(['a', 'b']);
  waiting.at(-1)?.settle();
  assert.deepEqual(await again, ['a3', 'b2'], 'what was read is kept');
});
