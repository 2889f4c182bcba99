// The requests of a connection of kafkajs: no timer runs while none waits, and each that waits is
// sent when the broker allows it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import '../../../../shared/kafka/kafkajs.ts';
import { until } from '../../../support/until.ts';

interface Queue {
  readonly pending: readonly object[];
  readonly throttleCheckTimeoutId: object | null;
  push(request: object): void;
  fulfillRequest(answer: object): void;
  maybeThrottle(ms: number): void;
  destroy(): void;
}

const { default: RequestQueue } = (await import(
  createRequire(import.meta.url).resolve('kafkajs/src/network/requestQueue')
)) as { readonly default: new (options: object) => Queue };

/** A queue that lets one request be under way, and the numbers of those that were sent. */
function createQueue() {
  const sent: number[] = [];
  const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1000, logger: { debug: () => undefined } });
  const push = (correlationId: number): void =>
    queue.push({
      entry: { correlationId, resolve: () => undefined },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    });
  const answer = (correlationId: number): void => queue.fulfillRequest({ correlationId, size: 0, payload: null });
  return { queue, sent, push, answer };
}

test('no timer runs while no request waits', () => {
  const { queue, sent, push, answer } = createQueue();
  push(1);
  answer(1);
  assert.deepEqual(sent, [1]);
  assert.equal(queue.throttleCheckTimeoutId, null);
});

test('a request that waits for the one under way is sent with its answer', () => {
  const { queue, sent, push, answer } = createQueue();
  push(1);
  push(2);
  assert.deepEqual(sent, [1]);
  answer(1);
  assert.deepEqual(sent, [1, 2]);
  answer(2);
  queue.destroy();
});

test('a request that the broker holds up is sent when it may be', async () => {
  const { queue, sent, push, answer } = createQueue();
  queue.maybeThrottle(1000);
  push(1);
  assert.equal(queue.pending.length, 1);
  await until('the request is sent', () => sent.length === 1);
  answer(1);
  await until('the check that was scheduled is over', () => queue.throttleCheckTimeoutId === null);
});
