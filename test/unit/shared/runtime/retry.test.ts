// Retry: repeats while a dependency is unavailable, gives up at once on a bug, ends with the
// signal; waits grow and are capped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs, sleep } from '../../../../shared/runtime/backoff.ts';
import { errorText, Unavailable } from '../../../../shared/runtime/errors.ts';
import { retryWhileUnavailable } from '../../../../shared/runtime/retry.ts';
import { recordedLog, quietLog } from '../../../support/log.ts';

const backoff = { minMs: 1, maxMs: 2 };

test('repeats until the dependency is available again', async () => {
  let tries = 0;
  let waits = 0;
  const result = await retryWhileUnavailable(
    { log: quietLog, signal: new AbortController().signal, backoff, onWait: () => void (waits += 1) },
    async () => {
      tries += 1;
      await Promise.resolve();
      if (tries < 3) throw new Unavailable('Kafka', 'gone');
      return 'done';
    },
  );
  assert.deepEqual([result, tries, waits], ['done', 3, 2]);
});

test('a bug passes through at once', async () => {
  let tries = 0;
  const work = async (): Promise<never> => {
    tries += 1;
    await Promise.resolve();
    throw new TypeError('bug');
  };
  await assert.rejects(
    retryWhileUnavailable({ log: quietLog, signal: new AbortController().signal, backoff }, work),
    TypeError,
  );
  assert.equal(tries, 1);
});

test('an abort ends the waiting with the dependency’s error', async () => {
  const stopping = new AbortController();
  const work = async (): Promise<never> => {
    stopping.abort();
    await Promise.resolve();
    throw new Unavailable('Kafka', 'gone');
  };
  await assert.rejects(
    retryWhileUnavailable({ log: quietLog, signal: stopping.signal, backoff: { minMs: 60_000, maxMs: 60_000 } }, work),
    Unavailable,
  );
});

test('waits double up to the cap, with jitter between half and whole', () => {
  const settings = { minMs: 100, maxMs: 5000 };
  assert.deepEqual(
    [0, 1, 2, 9, 5000].map((attempt) => backoffMs(settings, attempt, () => 0)),
    [50, 100, 200, 2500, 2500],
  );
  assert.equal(
    backoffMs(settings, 1, () => 0.999_999),
    200,
  );
});

test('sleep returns early when aborted, before or during', async () => {
  await sleep(60_000, AbortSignal.abort());
  await sleep(60_000, AbortSignal.timeout(1));
});

test('the message of an aggregate names its parts', () => {
  assert.equal(errorText(new AggregateError([new Error('a'), new Error('b')])), 'a; b');
  assert.equal(errorText('text'), 'text');
});

test('each reason for waiting is logged when it comes up, and not again with every try [issue 13 item 1]', async () => {
  const { log, lines } = recordedLog();
  const reasons = ['refused', 'refused', 'codec lz4 is not known', 'refused', 'HTTP 503', 'HTTP 429', 'HTTP 503'];
  await retryWhileUnavailable({ log, signal: new AbortController().signal, backoff }, async () => {
    await Promise.resolve();
    const reason = reasons.shift();
    if (reason !== undefined) throw new Unavailable('Kafka', reason);
  });
  assert.deepEqual(
    lines.filter(({ level }) => level === 40).map(({ detail }) => String(detail).replace(/^.*: /u, '')),
    ['refused', 'codec lz4 is not known', 'HTTP 503', 'HTTP 429'],
  );
});

test('a reason that holds for very long is logged again, and one with another port is none of its own [issue 13 item 1]', async () => {
  const { log, lines } = recordedLog();
  let tries = 0;
  await retryWhileUnavailable(
    { log, signal: new AbortController().signal, backoff: { minMs: 0, maxMs: 0 } },
    async () => {
      await Promise.resolve();
      tries += 1;
      if (tries <= 1000) throw new Unavailable('Redis', `refused from port ${40_000 + tries}`);
    },
  );
  assert.equal(lines.filter(({ level }) => level === 40).length, 2);
});
