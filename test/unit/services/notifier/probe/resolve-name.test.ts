// Names are whatever events say: slow ones hold up neither who asks nor the threads that everybody
// shares.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResolveName } from '../../../../../services/notifier/probe/resolve-name.ts';

function answering() {
  const asked: string[] = [];
  const answers = new Map<string, (addresses: readonly string[]) => void>();
  const resolveName = createResolveName(
    async (host) =>
      await new Promise((resolve, reject) => {
        asked.push(host);
        answers.set(host, (addresses) =>
          addresses.length === 0 ? reject(new Error('ENOTFOUND')) : resolve(addresses),
        );
      }),
  );
  return { asked, answers, resolveName };
}

const limits = (timeoutMs: number) => ({ timeoutMs, signal: new AbortController().signal });

test('two at a time; the third is asked when one is done, whatever came of it', async () => {
  const { asked, answers, resolveName } = answering();
  const [first, second, third] = ['a', 'b', 'c'].map(async (host) => await resolveName(host, limits(60_000)));
  assert.deepEqual(asked, ['a', 'b']);
  answers.get('a')?.([]);
  assert.deepEqual(await first, []);
  answers.get('b')?.(['10.0.0.2']);
  assert.deepEqual(await second, ['10.0.0.2']);
  answers.get('c')?.(['10.0.0.3']);
  assert.deepEqual(await third, ['10.0.0.3']);
});

test('who hangs is given up and still counts, so that no more are asked; who waited in vain takes nobody’s turn', async () => {
  const { asked, answers, resolveName } = answering();
  const hanging = ['a', 'b', 'c'].map(async (host) => await resolveName(host, limits(10)));
  assert.deepEqual(await Promise.all(hanging), [[], [], []]);
  const next = resolveName('d', limits(60_000));
  assert.deepEqual(asked, ['a', 'b']);
  answers.get('a')?.(['10.0.0.1']);
  await new Promise(setImmediate);
  assert.deepEqual(asked, ['a', 'b', 'd']);
  answers.get('d')?.(['10.0.0.4']);
  assert.deepEqual(await next, ['10.0.0.4']);
});

test('stopping waits for no name', async () => {
  const { resolveName } = answering();
  const stopping = new AbortController();
  const asked = resolveName('a', { timeoutMs: 60_000, signal: stopping.signal });
  stopping.abort();
  assert.deepEqual(await asked, []);
});
