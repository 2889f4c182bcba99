// Lines that anybody outside could repeat at will: how many are written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rateLimited } from '../../../../shared/runtime/rate-limited-log.ts';
import { recordedLog } from '../../../support/log.ts';

function limited() {
  const { log, lines } = recordedLog();
  const clock = { nowMs: 1_000_000 };
  return { lines, clock, limited: rateLimited(log, () => clock.nowMs) };
}

test('of a kind the first line is written, and one a minute later with how many there were', () => {
  const { lines, clock, limited: log } = limited();
  for (let count = 0; count < 10; count += 1) log.info('a', { n: count }, 'it happened');
  log.warn('b', {}, 'something else');
  assert.deepEqual(
    lines.map(({ msg, n, count, level }) => [msg, n, count, level]),
    [
      ['it happened', 0, 1, 30],
      ['something else', undefined, 1, 40],
    ],
  );
  clock.nowMs += 60_000;
  log.info('a', { n: 10 }, 'it happened');
  assert.equal(lines.at(-1)?.['count'], 10);
});

test('of all kinds 60 lines a minute are written, and one that says that there are more', () => {
  const { lines, clock, limited: log } = limited();
  for (let kind = 0; kind < 1000; kind += 1) log.info(`kind ${kind}`, {}, 'it happened');
  assert.equal(lines.length, 61);
  assert.equal(lines.at(-1)?.['level'], 40);
  clock.nowMs += 60_000;
  log.info('kind 7', {}, 'it happened');
  assert.equal(lines.length, 62);
});
