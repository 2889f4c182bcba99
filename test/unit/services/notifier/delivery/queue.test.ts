// How long a receiver may ask to be left alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseMsOf } from '../../../../../services/notifier/delivery/queue.ts';

const HOUR_MS = 3_600_000;

for (const [asked, pause] of [
  [-5, 1000],
  [0, 1000],
  [1, 1000],
  [1500.2, 1501],
  [60_000, 60_000],
  [10 * HOUR_MS, HOUR_MS],
  [Number.POSITIVE_INFINITY, HOUR_MS],
  [Number.NaN, HOUR_MS],
] as const)
  test(`asked for ${asked} ms, a queue is paused for ${pause}`, () => assert.equal(pauseMsOf(asked), pause));
