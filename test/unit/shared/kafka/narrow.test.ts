// A bug met with one record makes a dead letter of that record; one met with everything ends the
// process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery, Verdict } from '../../../../shared/contracts/stage.ts';
import { KafkaJSError } from '../../../../shared/kafka/client.ts';
import { MAX_ALIKE_IN_A_ROW, NarrowHandler } from '../../../../shared/kafka/narrow.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import { recordedLog, quietLog } from '../../../support/log.ts';

const DONE: Verdict = { kind: 'emit', records: [] };
const handing = (signal = new AbortController().signal) => ({ signal, delivery: { mayRepeat: false } });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function fail(value: number): never {
  throw new TypeError(`a bug with ${value}`);
}

/** Handles numbers; meets a bug with those that are bad. */
function handlerOf(isBad: (value: number) => boolean, log = quietLog) {
  const good: number[] = [];
  let calls = 0;
  const handle = async (batch: readonly number[]): Promise<readonly Verdict[]> => {
    calls += 1;
    await Promise.resolve();
    for (const value of batch) if (isBad(value)) fail(value);
    good.push(...batch);
    return batch.map(() => DONE);
  };
  return { handler: new NarrowHandler({ name: 'test', handle }, log), good, calls: () => calls };
}

test('a bug met with one record of many is that record’s dead letter, with what and where [security H5]', async () => {
  const { handler, good, calls } = handlerOf((value) => value === 700);
  const verdicts = await handler.handle(numbers(1000), handing());
  assert.equal(verdicts.length, 1000);
  const dead = verdicts.flatMap((verdict, index) => (verdict.kind === 'dead' ? [{ index, verdict }] : []));
  assert.deepEqual(
    dead.map(({ index, verdict }) => [index, verdict.reason]),
    [[700, 'internal']],
  );
  assert.match(dead[0]?.verdict.detail ?? '', /^a bug with 700 \(at fail /u);
  assert.equal(new Set(good).size, 999);
  assert.ok(calls() < 30, `${calls()} calls`);
});

test('a record alone in its batch is spared nobody, and is a dead letter all the same', async () => {
  const { handler } = handlerOf(() => true);
  const [verdict] = await handler.handle([1], handing());
  assert.equal(verdict?.kind, 'dead');
});

test('a bug met with every record ends the process before it makes a dead letter of each', async () => {
  const { handler } = handlerOf(() => true);
  await assert.rejects(handler.handle(numbers(500), handing()), /a bug with 10$/u);
});

test('that is counted over batches, and begins anew with whatever goes well', async () => {
  const { handler } = handlerOf((value) => value > 0);
  for (const value of numbers(MAX_ALIKE_IN_A_ROW)) await handler.handle([value + 1], handing());
  await handler.handle([0], handing());
  for (const value of numbers(MAX_ALIKE_IN_A_ROW)) await handler.handle([value + 1], handing());
  await handler.handle([], handing());
  await assert.rejects(handler.handle([99], handing()), TypeError);
});

test('verdicts that are too few are a bug like any other', async () => {
  const handle = async (batch: readonly number[]) =>
    await Promise.resolve(batch.filter((value) => value !== 3).map(() => DONE));
  const handler = new NarrowHandler({ name: 'test', handle }, quietLog);
  const verdicts = await handler.handle(numbers(5), handing());
  assert.deepEqual(
    verdicts.map(({ kind }) => kind),
    ['emit', 'emit', 'emit', 'dead', 'emit'],
  );
});

test('a dependency that is away, and a batch that is let go, make no dead letter', async () => {
  const away = new NarrowHandler<number>(
    { name: 'test', handle: async () => await Promise.reject(new Unavailable('Redis', 'away')) },
    quietLog,
  );
  await assert.rejects(away.handle([1, 2], handing()), Unavailable);
  await assert.rejects(handlerOf(() => true).handler.handle([1], handing(AbortSignal.abort())), TypeError);
});

test('bugs in two places by turns are those of records, however many', async () => {
  const handle = (batch: readonly number[]): never => {
    if ((batch[0] ?? 0) % 2 === 0) throw new TypeError('here');
    throw new RangeError('there');
  };
  const handler = new NarrowHandler({ name: 'test', handle }, quietLog);
  for (const value of numbers(3 * MAX_ALIKE_IN_A_ROW))
    assert.equal((await handler.handle([value], handing()))[0]?.kind, 'dead');
});

test('what is done again may be a repeat, and says so', async () => {
  const seen: (readonly [number, boolean])[] = [];
  const handle = async (
    batch: readonly number[],
    _: AbortSignal,
    { mayRepeat }: Delivery,
  ): Promise<readonly Verdict[]> => {
    seen.push([batch.length, mayRepeat]);
    if (batch.includes(2)) fail(2);
    return await Promise.resolve(batch.map(() => DONE));
  };
  await new NarrowHandler({ name: 'test', handle }, quietLog).handle(numbers(3), handing());
  assert.deepEqual(seen, [
    [3, false],
    [2, true],
    [1, true],
  ]);
});

test('what is thrown without a stack is a dead letter too; an error of Kafka, or one without a record, passes', async () => {
  const throwing = (reason: unknown) =>
    new NarrowHandler<number>({ name: 'test', handle: async () => await Promise.reject(reason) }, quietLog);
  const [verdict] = await throwing('a word').handle([1], handing());
  assert.ok(verdict?.kind === 'dead');
  assert.match(verdict.detail, /a word \(string without a stack\)/u);
  await assert.rejects(throwing(new KafkaJSError('gone')).handle([1], handing()), KafkaJSError);
  await assert.rejects(throwing(new TypeError('nothing')).handle([], handing()), /nothing/u);
});

test('a flood of bugs does not flood the log', async () => {
  const { log, lines } = recordedLog();
  const { handler } = handlerOf((value) => value % 2 === 1, log);
  await handler.handle(numbers(200), handing());
  assert.equal(lines.length, 1);
});
