// The intake's budget is exact, also when Kafka answers late or never.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIntake } from '../../../../services/collector/intake.ts';
import {
  type Account,
  type Intake,
  Overloaded,
  Oversized,
  type Reservation,
} from '../../../../services/collector/inputs/input.ts';
import { declareCollectorMetrics } from '../../../../services/collector/metrics.ts';
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import type { OutRecord, RecordPosition } from '../../../../shared/contracts/record.ts';
import { RecordsTooLarge } from '../../../../shared/kafka/record-size.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../../shared/runtime/metrics.ts';
import { isReady } from '../../../support/collector-input.ts';

const limits = { maxInFlightBytes: 100, maxRecordBytes: 50, deliverTimeoutMs: 20 };
const metrics = () => declareCollectorMetrics(createRegistry('test'));

function event(length: number): RawEvent {
  const bytes = Buffer.alloc(length, 0x20);
  return { bytes, encoding: 'utf-8', format: 'json', input: 'http', sender: 'me', receivedAtMs: 1 };
}

async function stores(records: readonly OutRecord[]): Promise<readonly RecordPosition[]> {
  return await Promise.resolve(records.map((_, index) => ({ partition: 0, offset: String(index) })));
}

test('an event that is too large is refused, the others are stored in order', async () => {
  const intake = createIntake({ ...limits, metrics: metrics(), producer: { send: stores, ready: isReady } });
  const receipts = await intake.deliver([event(10), event(51), event(20)], intake.reserve());
  assert.deepEqual(
    receipts.map((receipt) => (receipt.kind === 'stored' ? receipt.position.offset : receipt.reason)),
    ['0', 'too_large', '1'],
  );
});

test('the budget holds across reservations and is whole again after a release', () => {
  const intake = createIntake({ ...limits, metrics: metrics(), producer: { send: stores, ready: isReady } });
  const [one, two] = [intake.reserve(), intake.reserve()];
  one.grow(60);
  assert.throws(() => two.grow(41), Overloaded);
  two.grow(40);
  one.release();
  one.release();
  two.grow(59);
  assert.throws(() => one.grow(2), Overloaded);
  one.grow(1);
});

test('what is more than the whole budget is refused for good and takes nothing', () => {
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 10_000,
    metrics: metrics(),
    producer: { send: stores, ready: isReady },
  });
  const one = intake.reserve();
  one.grow(5000);
  assert.throws(() => one.grow(5001), Oversized);
  assert.throws(() => intake.reserve().growByEvents(1000), Oversized);
  one.grow(5000);
});

test('events count beside their bytes, so that a flood of tiny ones does not pass for nothing', () => {
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 200_000,
    metrics: metrics(),
    producer: { send: stores, ready: isReady },
  });
  const [one, two] = [intake.reserve(), intake.reserve()];
  one.growByEvents(100);
  assert.throws(() => two.growByEvents(100), Overloaded);
  one.release();
  two.growByEvents(100);
});

test('Kafka that does not answer: Unavailable in time, and the bytes count until it does', async () => {
  let answer: (() => void) | undefined;
  const send = async (): Promise<readonly RecordPosition[]> =>
    await new Promise((resolve) => {
      answer = () => resolve([{ partition: 0, offset: '0' }]);
    });
  const intake = createIntake({ ...limits, metrics: metrics(), producer: { send, ready: isReady } });
  const reservation = intake.reserve();
  reservation.grow(100);
  await assert.rejects(
    intake.deliver([event(10)], reservation),
    (error) => error instanceof Unavailable && error.code === 'timeout',
  );
  assert.throws(() => intake.reserve().grow(1), Overloaded);
  answer?.();
  await new Promise(setImmediate);
  intake.reserve().grow(100);
});

test('Kafka that fails gives the bytes back', async () => {
  const send = async (): Promise<never> => await Promise.reject(new Unavailable('Kafka', 'gone'));
  const intake = createIntake({ ...limits, metrics: metrics(), producer: { send, ready: isReady } });
  const reservation = intake.reserve();
  reservation.grow(100);
  await assert.rejects(intake.deliver([event(10)], reservation), Unavailable);
  intake.reserve().grow(100);
});

test('an event that Kafka refuses for its size is refused, the others are stored', async () => {
  const send = async (records: readonly OutRecord[]): Promise<never> =>
    await Promise.reject(new RecordsTooLarge(records, [{ partition: 0, offset: '7' }, undefined]));
  const intake = createIntake({ ...limits, metrics: metrics(), producer: { send, ready: isReady } });
  const receipts = await intake.deliver([event(10), event(20)], intake.reserve());
  assert.deepEqual(
    receipts.map((receipt) => (receipt.kind === 'stored' ? receipt.position.offset : receipt.reason)),
    ['7', 'too_large'],
  );
});

test('events that are turned away are counted by why', async () => {
  const counted = metrics();
  const send = async (): Promise<never> => await Promise.reject(new Unavailable('Kafka', 'gone'));
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 5000,
    metrics: counted,
    producer: { send, ready: isReady },
  });
  await assert.rejects(intake.deliver([event(10), event(10)], intake.reserve('http')), Unavailable);
  intake.reserve('http').growByEvents(4);
  assert.throws(() => intake.reserve('http').growByEvents(3), Overloaded);
  assert.throws(() => intake.reserve('http').grow(2000), Overloaded);
  const { values } = await counted.eventsReceived.get();
  assert.deepEqual(
    values.map(({ labels, value }) => [labels['input'], labels['outcome'], value]),
    [
      ['http', 'unavailable', 2],
      ['http', 'overloaded', 4],
    ],
  );
});

/** Takes byte by byte what an account may have; gives how much that was. */
function takeAll(intake: Intake, account: Account): number {
  const reservation = intake.reserve('http', account);
  for (let taken = 0; ; taken += 1)
    try {
      reservation.grow(1);
    } catch (error) {
      assert.ok(error instanceof Overloaded || error instanceof Oversized);
      return taken;
    }
}

const alone = (sender: string): Account => ({ sender, address: sender });

test('no sender gets all of the budget, whatever it asks for; the others share what is left [security H4] [cluster C1]', () => {
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 750,
    metrics: metrics(),
    producer: { send: stores, ready: isReady },
  });
  assert.equal(takeAll(intake, alone('greedy')), 750);
  assert.equal(takeAll(intake, alone('greedy')), 0);
  for (const next of ['second', 'third', 'fourth']) {
    const taken = takeAll(intake, alone(next));
    assert.ok(taken > 0, `${next} gets ${taken}`);
  }
  assert.throws(() => intake.reserve('http', alone('greedy')).grow(1), /greedy has its share/u);
});

test('one address of a sender leaves room for the others, however many reservations it has', () => {
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 7500,
    metrics: metrics(),
    producer: { send: stores, ready: isReady },
  });
  const fleet = (address: string): Account => ({ sender: 'fleet', address });
  assert.equal(takeAll(intake, fleet('192.0.2.1')), 7500);
  for (let round = 0; round < 100; round += 1) assert.equal(takeAll(intake, fleet('192.0.2.1')), 0);
  for (const next of ['192.0.2.2', '192.0.2.3']) {
    const taken = takeAll(intake, fleet(next));
    assert.ok(taken > 0, `${next} gets ${taken}`);
  }
  assert.ok(takeAll(intake, alone('other')) > 1000, 'and more for another sender');
});

test('two that want all they can get have as much as each other once both had to wait', async () => {
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 100_000,
    metrics: metrics(),
    producer: { send: stores, ready: isReady },
  });
  const held = new Map<string, Reservation[]>([
    ['first', []],
    ['second', []],
  ]);
  const { signal } = new AbortController();
  const want = async (sender: string): Promise<void> => {
    for (;;) {
      const reservation = intake.reserve('http', alone(sender));
      if (!(await intake.untilTaken(() => reservation.tryGrow(1000), signal))) return;
      held.get(sender)?.push(reservation);
    }
  };
  void want('first');
  await new Promise(setImmediate);
  void want('second');
  for (let round = 0; round < 200; round += 1) {
    // Kafka answers in the order of what it was sent.
    for (const reservations of held.values()) reservations.shift()?.release();
    await new Promise(setImmediate);
  }
  const [first = 0, second = 0] = [...held.values()].map((reservations) => reservations.length);
  assert.ok(Math.min(first, second) > 0.9 * Math.max(first, second), `${first} and ${second}`);
});

test('who waits gets room in turn, or learns that it came to an end', async () => {
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 5000,
    metrics: metrics(),
    producer: { send: stores, ready: isReady },
  });
  const full = intake.reserve();
  full.grow(5000);
  const ending = new AbortController();
  const order: string[] = [];
  const wait = async (name: string, bytes: number): Promise<boolean> => {
    const reservation = intake.reserve();
    const isTaken = await intake.untilTaken(() => reservation.tryGrow(bytes), ending.signal);
    if (isTaken) order.push(name);
    return isTaken;
  };
  const waiting = [wait('a', 1000), wait('b', 1000), wait('c', 3500)];
  await assert.rejects(wait('never', 5000), Oversized);
  full.release();
  assert.deepEqual(await Promise.all(waiting.slice(0, 2)), [true, true]);
  assert.deepEqual(order, ['a', 'b']);
  ending.abort();
  assert.equal(await waiting[2], false);
  assert.equal(await intake.untilTaken(() => false, ending.signal), false);
});

test('a sender that was given its bytes back has its share again [security H4]', () => {
  const intake = createIntake({
    ...limits,
    maxInFlightBytes: 750,
    metrics: metrics(),
    producer: { send: stores, ready: isReady },
  });
  const [one, two] = [intake.reserve('http', alone('a')), intake.reserve('http', alone('a'))];
  one.grow(500);
  assert.throws(() => two.grow(300), Overloaded);
  one.release();
  two.grow(750);
  assert.throws(() => two.grow(1), Oversized);
});
