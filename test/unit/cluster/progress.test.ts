import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilReached } from '../../cluster/progress.ts';

const STANDSTILL_MS = 300;

async function reach(look: () => number): Promise<string | undefined> {
  return await untilReached({
    what: 'events',
    wanted: 9,
    look,
    standstillMs: STANDSTILL_MS,
    stepMs: 1,
    say: () => undefined,
  });
}

test('a number that moves is waited for, however long it takes', async () => {
  const beganMs = Date.now();
  const slow = (): number => Math.floor((Date.now() - beganMs) / (STANDSTILL_MS / 4));
  assert.equal(await reach(slow), undefined);
  assert.ok(Date.now() - beganMs > 2 * STANDSTILL_MS);
});

test('a number that stands still is given up, with how far it came and why', async () => {
  let looks = 0;
  const stuck = (): number => {
    looks += 1;
    if (looks > 3) throw new Error('away');
    return 7;
  };
  assert.equal(await reach(stuck), 'events: 7 of 9; away, unchanged for 0.3 s');
});
