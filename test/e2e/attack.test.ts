// `npm run attack` in its short form: hostile records on every topic, denial and other senders'
// hosts, and good events pass all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackAll } from '../attack/attack.ts';
import { startStack } from '../attack/stack.ts';

const RECORDS = 60;
const SEED = 13;

test('a stack with hostile records on every topic serves good events: at once, after a restart, after Redis was emptied [security H5] [security H6] [security H7]', async (t) => {
  const stack = await startStack(t);
  const rows = await attackAll(stack, {
    perTopic: RECORDS,
    seed: SEED,
    nowMs: Date.now(),
    flush: async () => await stack.fleet.redis.wipe(),
    say: ({ attack, detail, held }) => t.diagnostic(`${held ? 'held' : 'NOT HELD'}: ${attack}: ${detail}`),
  });
  assert.ok(rows.length > 20);
  assert.deepEqual(
    rows.filter(({ held }) => !held).map(({ attack, detail }) => `${attack}: ${detail}`),
    [],
  );
});
