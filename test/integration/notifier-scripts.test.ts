// The scripts on a real Redis: all compile, lists and values arrive under their names, and a Redis
// that lost a script gets its text again.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defineScript, runScript, runScripts } from '../../services/notifier/redis/scripts.ts';
import { StateLost } from '../../services/notifier/redis/state-lost.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { openRedis, testRedis } from '../support/redis.ts';

const FOLDER = packagePath('services', 'notifier', 'redis', 'lua');

function namesIn(text: string, field: string): readonly string[] {
  return (new RegExp(`^-- ${field}: (?<list>.*)$`, 'mu').exec(text)?.groups?.['list'] ?? '').split(', ');
}

test('Redis compiles every script', async (t) => {
  const redis = testRedis(t);
  const client = openRedis(t, redis);
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.lua'));
  for (const file of files) {
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
    const { lua } = defineScript(file.slice(0, -'.lua'.length), {
      keys: namesIn(text, 'keys'),
      args: namesIn(text, 'args'),
    });
    assert.match(
      String(await client.run(async (connection) => await connection.script('LOAD', lua))),
      /^\w{40}$/u,
      file,
    );
  }
});

const REVERT = defineScript('revert-message', {
  keys: ['complete', 'group', 'notified', 'unrecorded', 'timers'],
  args: ['id', 'due', 'isEdit', 'incidentIds[]'],
});

const TAKE = defineScript('take-message', { keys: ['count'], args: ['max', 'periodMs'] });

test('values and lists arrive under their names, for many calls in one round trip, and again after the scripts are gone', async (t) => {
  const redis = testRedis(t);
  const client = openRedis(t, redis);
  const key = (name: string): string => `${redis.keyPrefix}:${name}`;
  const keys = {
    complete: key('complete'),
    notified: key('notified'),
    unrecorded: key('unrecorded'),
    timers: key('timers'),
  };
  const call = (id: string, incidentIds: readonly string[]) => ({
    ...keys,
    group: key(id),
    id,
    due: 5,
    isEdit: 0,
    incidentIds,
  });
  await assert.rejects(runScript(client, REVERT, call('g', [])), StateLost, 'without the marker of completeness');
  await client.run(async (connection) => await connection.set(keys.complete, 'x'));
  const fill = async (): Promise<unknown> =>
    await client.run(async (connection) => await connection.hset(keys.notified, { a: 1, b: 1, c: 1, d: 1 }));
  const left = async (): Promise<readonly string[]> =>
    await client.run(async (connection) => await connection.hkeys(keys.notified));
  for (const isFlushed of [false, true]) {
    await fill();
    if (isFlushed) await client.run(async (connection) => await connection.script('FLUSH'));
    const answers = await runScripts(client, REVERT, [call('g', ['a', 'b']), call('h', []), call('i', ['d'])]);
    assert.deepEqual(answers, ['done', 'done', 'done']);
    assert.deepEqual(await left(), ['c']);
  }
  const due = await client.run(async (connection) => await connection.zmscore(keys.timers, 'g', 'h', 'i'));
  assert.deepEqual(due, ['5', '5', '5']);
});

test('more calls than go in one round trip are answered in their order', async (t) => {
  const redis = testRedis(t);
  const client = openRedis(t, redis);
  const count = `${redis.keyPrefix}:count`;
  const answers = await runScripts(
    client,
    TAKE,
    Array.from({ length: 12_000 }, () => ({ count, max: 7000, periodMs: 600_000 })),
  );
  assert.equal(answers.length, 12_000);
  assert.ok(answers.every((answer, index) => (answer === 0) === index < 7000));
});
