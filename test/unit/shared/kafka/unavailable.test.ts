// What a broker or the network causes is no bug, in whatever form kafkajs throws it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { toUnavailable } from '../../../../shared/kafka/client.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';

const Broker = createRequire(import.meta.url)('kafkajs/src/broker') as new (
  options: object,
) => {
  metadata(): Promise<unknown>;
};

test('a broker that kafkajs takes for connected is unavailable, and other plain errors stay bugs', async () => {
  const broker = new Broker({ connectionPool: { connectionTimeout: 1 }, logger: { namespace: () => ({}) } });
  const error: unknown = await broker.metadata().catch((fault: unknown) => fault);
  assert.ok(error instanceof Error);
  assert.ok(toUnavailable(error) instanceof Unavailable);
  const bug = new Error('a bug');
  assert.equal(toUnavailable(bug), bug);
});
