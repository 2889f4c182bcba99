// The queue of bulk requests: what is joined, in which order, and who learns of an error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BulkQueue, type Entry, type Outcome } from '../../../../services/indexer/bulk-queue.ts';
import type { BulkTarget } from '../../../../services/indexer/bulk-request.ts';
import { errorText, Unavailable } from '../../../../shared/runtime/errors.ts';
import { until } from '../../../support/until.ts';

interface Sent {
  readonly target: string;
  readonly ids: readonly string[];
  readonly signal: AbortSignal;
  answer(): void;
  fail(error: Error): void;
}

const EVENTS: BulkTarget = { index: 'events', action: 'create' };
const INCIDENTS: BulkTarget = { index: 'incidents', action: 'index' };

/** A queue, and the requests that it sent; each waits for its answer. */
function createQueue({ maxInFlight = 1, maxBytes = 1_000_000 } = {}) {
  const sent: Sent[] = [];
  const queue = new BulkQueue({
    maxInFlight,
    maxBytes: () => maxBytes,
    send: (target, entries, signal) =>
      new Promise<readonly Outcome[]>((resolve, reject) => {
        sent.push({
          target: target.index,
          ids: entries.map(({ item }) => item.id),
          signal,
          answer: () => resolve(entries.map((entry) => [entry, { kind: 'created' }])),
          fail: reject,
        });
      }),
  });
  const send = async (target: BulkTarget, ids: readonly string[], signal = new AbortController().signal) =>
    (await queue.send(target, entriesOf(ids), signal)).map(([{ item }]) => item.id);
  const request = async (number: number): Promise<Sent> =>
    await until(`request ${number}`, () => sent[number - 1] ?? false);
  return { send, sent, request };
}

function entriesOf(ids: readonly string[], bytes = 10): readonly Entry[] {
  return ids.map((id, place) => ({ item: { id, document: Buffer.alloc(bytes) }, place }));
}

test('writes of one turn go in one request in the order of ids, and each gets its own outcomes', async () => {
  const { send, sent, request } = createQueue();
  const writes = Promise.all([send(EVENTS, ['d', 'a']), send(EVENTS, ['c', 'b'])]);
  (await request(1)).answer();
  assert.deepEqual(await writes, [
    ['a', 'd'],
    ['b', 'c'],
  ]);
  assert.deepEqual(sent[0]?.ids, ['a', 'b', 'c', 'd']);
  assert.equal(sent.length, 1);
});

test('what comes while as many are under way as may be goes together, by target, the longest wait first', async () => {
  const { send, sent, request } = createQueue();
  const first = send(EVENTS, ['a']);
  await request(1);
  const later = Promise.all([send(INCIDENTS, ['i']), send(EVENTS, ['b']), send(INCIDENTS, ['j']), send(EVENTS, ['c'])]);
  sent[0]?.answer();
  (await request(2)).answer();
  (await request(3)).answer();
  await Promise.all([first, later]);
  assert.deepEqual(
    sent.map(({ target, ids }) => [target, ids.join(' ')]),
    [
      ['events', 'a'],
      ['incidents', 'i j'],
      ['events', 'b c'],
    ],
  );
});

test('requests are cut by size, an item that is larger goes alone, and a write waits for all of its own', async () => {
  const { send, sent, request } = createQueue({ maxInFlight: 3, maxBytes: 300 });
  const write = send(EVENTS, ['e', 'd', 'c', 'b', 'a']);
  const outcome = write.then((ids) => ids.join(' '));
  await request(3);
  assert.deepEqual(
    sent.map(({ ids }) => ids.join(' ')),
    ['d e', 'b c', 'a'],
  );
  for (const { answer } of sent.toReversed()) answer();
  assert.equal(await outcome, 'a b c d e');
  const alone = createQueue({ maxBytes: 1 });
  const both = alone.send(EVENTS, ['a', 'b']);
  (await alone.request(1)).answer();
  (await alone.request(2)).answer();
  assert.deepEqual(await both, ['a', 'b']);
});

test('a request that fails fails its writes when none of theirs is under way, and no other', async () => {
  const { send, sent, request } = createQueue({ maxInFlight: 2, maxBytes: 300 });
  const large = send(EVENTS, ['a', 'b', 'c', 'd', 'e', 'f']);
  const settled: string[] = [];
  const failed = assert.rejects(
    large.finally(() => settled.push('large')),
    /away/u,
  );
  const other = send(INCIDENTS, ['i']);
  await request(2);
  sent[0]?.fail(new Error('away'));
  (await request(3)).answer();
  assert.deepEqual(await other, ['i']);
  assert.deepEqual(settled, []);
  sent[1]?.answer();
  await failed;
  // What of it was not sent yet is not sent any more.
  assert.deepEqual(
    sent.map(({ ids }) => ids.join(' ')),
    ['a b', 'c d', 'i'],
  );
});

test('a bug met with several writes fails the one that causes it; what is not available fails all', async () => {
  const { send, sent, request } = createQueue();
  const writes = Promise.allSettled([send(EVENTS, ['a', 'd']), send(EVENTS, ['b']), send(EVENTS, ['c'])]);
  (await request(1)).fail(new Error('a bug'));
  (await request(2)).answer();
  (await request(3)).fail(new Error('a bug'));
  (await request(4)).answer();
  assert.deepEqual(
    (await writes).map((write) => (write.status === 'fulfilled' ? write.value : errorText(write.reason))),
    [['a', 'd'], 'a bug', ['c']],
  );
  assert.deepEqual(
    sent.map(({ ids }) => ids.join(' ')),
    ['a b c d', 'a d', 'b', 'c'],
  );
  const away = Promise.allSettled([send(EVENTS, ['e']), send(EVENTS, ['f'])]);
  (await request(5)).fail(new Unavailable('Elasticsearch', 'away'));
  assert.deepEqual(
    (await away).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(sent.length, 5);
});

test('a write that is aborted ends at once; its request goes on for the others, and ends with the last', async () => {
  const { send, sent, request } = createQueue();
  const [one, two] = [new AbortController(), new AbortController()];
  const first = assert.rejects(send(EVENTS, ['a'], one.signal), /lost/u);
  const second = assert.rejects(send(EVENTS, ['b'], two.signal), /stop/u);
  await request(1);
  const waiting = assert.rejects(send(EVENTS, ['c'], one.signal), /lost/u);
  one.abort(new Error('lost'));
  await Promise.all([first, waiting]);
  assert.equal(sent[0]?.signal.aborted, false);
  two.abort(new Error('stop'));
  await second;
  assert.equal(sent[0]?.signal.aborted, true);
  sent[0]?.fail(new Error('ended'));
  const next = send(EVENTS, ['d']);
  (await request(2)).answer();
  assert.deepEqual(await next, ['d']);
  assert.deepEqual(sent[1]?.ids, ['d']);
});
