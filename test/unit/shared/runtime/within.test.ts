// Work within a time: its signal comes from outside, from the clock, or from its own end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settledWithin, unlessAborted, within } from '../../../../shared/runtime/within.ts';

const never = new AbortController().signal;

async function untilAborted(signal: AbortSignal): Promise<unknown> {
  return await new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

test('the time is over: a TimeoutError, however often memory is cleared meanwhile', async () => {
  const reason = within(never, 50, untilAborted);
  for (let round = 0; round < 200; round += 1) Buffer.alloc(1_000_000).fill(round);
  assert.equal(((await reason) as Error).name, 'TimeoutError');
});

test('whoever asked ends it, before or meanwhile, with the reason', async () => {
  assert.equal(await within(AbortSignal.abort('before'), 60_000, untilAborted), 'before');
  const asker = new AbortController();
  const reason = within(asker.signal, 60_000, untilAborted);
  asker.abort('meanwhile');
  assert.equal(await reason, 'meanwhile');
});

test('the work’s own end and its fault come out, and what it left waiting is reported', async () => {
  let left: Promise<unknown> | undefined;
  const answer = await within(never, 60_000, async (signal) => {
    left = untilAborted(signal);
    return await Promise.resolve('done');
  });
  assert.equal(answer, 'done');
  await left;
  await assert.rejects(
    within(never, 60_000, async () => await Promise.reject(new Error('a fault'))),
    /a fault/u,
  );
});

test('work that never settles is given up when its signal aborts, before or meanwhile', async () => {
  const ended = () => new Error('ended');
  assert.equal(await unlessAborted(Promise.resolve(1), never, ended), 1);
  await assert.rejects(unlessAborted(Promise.reject(new Error('a fault')), never, ended), /a fault/u);
  await assert.rejects(unlessAborted(new Promise(() => undefined), AbortSignal.abort(), ended), /ended/u);
  const asker = new AbortController();
  const waiting = assert.rejects(unlessAborted(new Promise(() => undefined), asker.signal, ended), /ended/u);
  asker.abort();
  await waiting;
});

test('work that takes too long is given up with the caller’s own error, and work in time is what it is', async () => {
  const late = () => new Error('too late');
  assert.equal(await settledWithin(Promise.resolve(1), 60_000, late), 1);
  await assert.rejects(settledWithin(Promise.reject(new Error('a fault')), 60_000, late), /a fault/u);
  await assert.rejects(settledWithin(new Promise(() => undefined), 10, late), /too late/u);
});
