// Silence counts only while events are received.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceivingTime } from '../../../../../services/enricher/sources/receiving-time.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function input({ graceMs = 5 * MINUTE, inputSilentAfterMs = 15 * MINUTE } = {}) {
  const receiving = new ReceivingTime({ outageMs: MINUTE, graceMs, inputSilentAfterMs });
  let nowMs = 1_000_000;
  let written = 100n;
  receiving.look(nowMs, written);
  return {
    receiving,
    /** Looks every 15 s for so long; `isReceiving`: something is written before each look. */
    run: (ms: number, isReceiving: boolean) => {
      const changes: string[] = [];
      for (let passed = 0; passed < ms; passed += 15 * SECOND) {
        nowMs += 15 * SECOND;
        if (isReceiving) written += 1n;
        const change = receiving.look(nowMs, written);
        if (change !== undefined) changes.push(change.kind);
      }
      return changes;
    },
    /** Nobody looks for so long: Kafka is away, or the machine stands still. */
    away: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('time passes while events come, and stands still while none do', () => {
  const { receiving, run } = input();
  run(10 * MINUTE, true);
  assert.equal(receiving.receivingMs, 10 * MINUTE);
  run(10 * MINUTE, false);
  assert.equal(receiving.receivingMs, 10 * MINUTE);
});

test('a short pause counts, an outage does not, and senders have time to come back', () => {
  const { receiving, run } = input();
  run(10 * MINUTE, true);
  run(30 * SECOND, false);
  run(15 * SECOND, true);
  assert.equal(receiving.receivingMs, 10 * MINUTE + 45 * SECOND);
  run(3 * MINUTE, false);
  run(5 * MINUTE, true);
  assert.equal(receiving.receivingMs, 10 * MINUTE + 45 * SECOND);
  run(MINUTE, true);
  assert.equal(receiving.receivingMs, 11 * MINUTE + 45 * SECOND);
});

test('while Kafka is away nobody looks, and that is an outage', () => {
  const { receiving, run, away } = input();
  run(10 * MINUTE, true);
  away(20 * MINUTE);
  run(5 * MINUTE, true);
  assert.equal(receiving.receivingMs, 10 * MINUTE);
});

test('an outage does not make the next one usual', () => {
  const { receiving, run } = input();
  run(10 * MINUTE, true);
  for (let outage = 0; outage < 3; outage += 1) {
    run(10 * MINUTE, false);
    run(MINUTE, true);
  }
  assert.equal(receiving.receivingMs, 10 * MINUTE);
});

test('where events come every ten minutes, that is usual after a while, and time passes', () => {
  const { receiving, run } = input({ inputSilentAfterMs: 0 });
  for (let count = 0; count < 20; count += 1) {
    run(10 * MINUTE - 15 * SECOND, false);
    run(15 * SECOND, true);
  }
  assert.ok(receiving.receivingMs >= 100 * MINUTE, `${receiving.receivingMs / MINUTE} minutes`);
});

test('an input that is silent is one report, and one when it is back; the first event of a process is one', () => {
  const { run } = input();
  assert.deepEqual(run(MINUTE, true), ['back']);
  assert.deepEqual(run(14 * MINUTE, false), []);
  assert.deepEqual(run(60 * MINUTE, false), ['silent']);
  assert.deepEqual(run(5 * MINUTE, true), ['back']);
  const off = input({ inputSilentAfterMs: 0 });
  off.run(MINUTE, true);
  assert.deepEqual(off.run(60 * MINUTE, false), []);
});
