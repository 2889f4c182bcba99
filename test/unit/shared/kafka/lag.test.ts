// Which partitions stand still: records wait and the group's offset does not move.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from 'kafkajs';
import { Lag, type LagLook } from '../../../../shared/kafka/lag.ts';
import { createKafka, type KafkaClient, kafkaSettings } from '../../../../shared/kafka/client.ts';
import { quietLog } from '../../../support/log.ts';
import { until } from '../../../support/until.ts';

/** What `Lag` looks at. */
function batch(partition: number, first: number, last: number, end: number): Batch {
  return {
    partition,
    highWatermark: String(end),
    firstOffset: () => String(first),
    lastOffset: () => String(last),
  } as Batch;
}

function setUp() {
  const shown = new Map<number, { records: number; stalledSeconds: number }>();
  const clock = { nowMs: 1_000_000 };
  const kafka = createKafka({ ...kafkaSettings.parse({}), brokers: ['127.0.0.1:1'] }, quietLog);
  const lag = new Lag({
    kafka,
    groupId: 'g',
    topic: 't',
    log: quietLog,
    fromBeginning: true,
    now: () => clock.nowMs,
    set: (partition, state) => void shown.set(partition, state),
    remove: (partition) => void shown.delete(partition),
  });
  lag.assigned([0, 1]);
  return { lag, shown, clock };
}

test('a partition whose batch comes again and again without a commit is stalled, and moves with the commit [issue 13 item 1]', async () => {
  const { lag, shown, clock } = setUp();
  lag.arrived(batch(0, 10, 19, 30));
  clock.nowMs += 200_000;
  lag.arrived(batch(0, 10, 24, 40));
  clock.nowMs += 100_000;
  lag.arrived(batch(0, 10, 24, 50));
  assert.deepEqual(shown.get(0), { records: 40, stalledSeconds: 300 });
  assert.deepEqual(lag.stalled(300_000), [{ partition: 0, stalledMs: 300_000 }]);
  assert.deepEqual(lag.stalled(300_001), []);
  lag.done(batch(0, 10, 24, 50));
  assert.deepEqual(shown.get(0), { records: 25, stalledSeconds: 0 });
  clock.nowMs += 1000;
  assert.deepEqual(lag.stalled(1001), []);
  await lag.stop();
});

test('a partition in which nothing waits is not stalled, however long; the wait counts from its first record [issue 13 item 1]', async () => {
  const { lag, clock } = setUp();
  lag.done(batch(1, 0, 9, 10));
  clock.nowMs += 3_600_000;
  assert.deepEqual(lag.stalled(1), []);
  lag.arrived(batch(1, 10, 10, 11));
  clock.nowMs += 5000;
  assert.deepEqual(lag.stalled(1), [{ partition: 1, stalledMs: 5000 }]);
  await lag.stop();
});

test('a rebalance does not hide that a partition stands still, and its new owner is asked for it [issue 13 item 1]', async () => {
  const { lag, clock } = setUp();
  lag.arrived(batch(0, 10, 19, 30));
  clock.nowMs += 400_000;
  lag.assigned([0]);
  lag.arrived(batch(0, 10, 19, 30));
  assert.deepEqual(lag.stalled(300_000), [{ partition: 0, stalledMs: 400_000 }]);
  lag.assigned([1]);
  assert.deepEqual(lag.stalled(300_000), []);
  await lag.stop();
});

test('of the partitions that stand still the one that waits longest comes first', async () => {
  const { lag, clock } = setUp();
  for (const partition of [1, 0]) {
    lag.arrived(batch(partition, 10, 19, 30));
    clock.nowMs += 1000;
  }
  assert.deepEqual(lag.stalled(1), [
    { partition: 1, stalledMs: 2000 },
    { partition: 0, stalledMs: 1000 },
  ]);
  await lag.stop();
});

/** A Kafka that knows these offsets. */
function kafkaOf(
  fetchTopicOffsets: () => readonly { readonly partition: number; readonly low: string; readonly high: string }[],
  committed: readonly { readonly partition: number; readonly offset: string }[] = [],
): KafkaClient {
  const admin = {
    connect: async () => await Promise.resolve(),
    disconnect: async () => await Promise.resolve(),
    fetchTopicOffsets: async () => await Promise.resolve(fetchTopicOffsets()),
    fetchOffsets: async () => await Promise.resolve([{ topic: 't', partitions: committed }]),
  };
  return { admin: () => admin } as unknown as KafkaClient;
}

test('a look shows what waits in every partition, from what the group committed or the first record, and which is gone', async () => {
  let ends = ['2', '3', '4'].map((low, partition) => ({ partition, low, high: '9' }));
  const committed = ['5', '-1', '1'].map((offset, partition) => ({ partition, offset }));
  const shown = new Map<number, number>();
  const looks: LagLook[] = [];
  const lag = new Lag({
    kafka: kafkaOf(() => ends, committed),
    groupId: 'g',
    topic: 't',
    log: quietLog,
    fromBeginning: true,
    now: () => 7,
    set: (partition, { records }) => void shown.set(partition, records),
    remove: (partition) => void shown.delete(partition),
    lookEveryMs: 5,
    onLook: (look) => void looks.push(look),
  });
  lag.assigned([0]);
  await until('a look', () => looks.length > 0);
  assert.deepEqual(Object.fromEntries(shown), { 0: 4, 1: 6, 2: 5 });
  assert.deepEqual(looks[0], { atMs: 7, written: 27n, partitions: 3, waiting: new Map([[0, 4]]) });
  ends = ends.slice(0, 2);
  await until('a partition less', () => !shown.has(2));
  assert.equal(shown.size, 2);
  await lag.stop();
});

test('where records come all the time, what came since the look before does not count as waiting', async () => {
  let high = 1000;
  let done = 0;
  const looks: (number | undefined)[] = [];
  const lag = new Lag({
    kafka: kafkaOf(() => [{ partition: 0, high: String(high), low: '0' }]),
    groupId: 'g',
    topic: 't',
    log: quietLog,
    fromBeginning: true,
    set: () => undefined,
    remove: () => undefined,
    lookEveryMs: 5,
    onLook: ({ waiting }) => {
      looks.push(waiting.get(0));
      // What this look has found is done before the next one, until the member falls behind.
      done = looks.length < 4 ? high : done + 10;
      lag.done(batch(0, 0, done - 1, high));
      high += 100;
    },
  });
  lag.assigned([0]);
  await until('six looks', () => looks.length >= 6);
  await lag.stop();
  assert.deepEqual(looks.slice(0, 6), [1000, 0, 0, 0, 90, 180]);
});

test('a group that has committed nothing waits for all that is there, or for none of it', async (t) => {
  const kafka = kafkaOf(() => [{ partition: 0, high: '90', low: '20' }], [{ partition: 0, offset: '-1' }]);
  for (const fromBeginning of [true, false]) {
    let shown: number | undefined;
    const lag = new Lag({
      kafka,
      groupId: 'g',
      topic: 't',
      log: quietLog,
      fromBeginning,
      set: (_, { records }) => (shown = records),
      remove: () => undefined,
    });
    t.after(async () => await lag.stop());
    lag.assigned([]);
    await until('a look', () => shown !== undefined);
    assert.equal(shown, fromBeginning ? 70 : 0);
  }
});
