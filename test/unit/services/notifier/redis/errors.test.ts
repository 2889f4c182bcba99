// What an error of Redis means, by the replies that Redis 6.2 and 7 give.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReadOnly, toRedisError } from '../../../../../services/notifier/redis/errors.ts';
import { ConfigError, errorText, Unavailable } from '../../../../../shared/runtime/errors.ts';

function reply(message: string): Error {
  const error = new Error(message);
  error.name = 'ReplyError';
  return Object.assign(error, { command: { name: 'eval', args: ['the script', 'the snapshot'] } });
}

const IN_SCRIPT = 'ERR Error running script (call to f_0123abcd): @user_script:3: @user_script: 3: -';
const FAILURES = [
  'READONLY You can’t write against a read only replica.',
  "OOM command not allowed when used memory > 'maxmemory'.",
  'NOREPLICAS Not enough good replicas to write.',
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  'LOADING Redis is loading the dataset in memory',
  'BUSY Redis is busy running a script.',
];

for (const message of FAILURES.flatMap((text) => [text, `${IN_SCRIPT}${text}`])) {
  test(`is waited for, and is no bug: ${message.slice(0, 110)} [alerting 5]`, () => {
    const error = toRedisError(reply(message), true);
    assert.ok(error instanceof Unavailable);
    assert.equal(isReadOnly(reply(message)), message.includes('READONLY'));
  });
}

for (const [message, said] of [
  ['WRONGPASS invalid username-password pair or user is disabled.', /redis\.url/u],
  ['NOAUTH Authentication required.', /redis\.url/u],
  ["NOPERM this user has no permissions to run the 'info' command", /docs\/redis\.md/u],
  [`${IN_SCRIPT}NOPERM this user has no permissions`, /docs\/redis\.md/u],
  ["CROSSSLOT Keys in request don't hash to the same slot", /redis\.sentinels/u],
  ['MOVED 4772 127.0.0.1:14401', /redis\.sentinels/u],
  ['ERR DB index is out of range', /databases/u],
] as const) {
  test(`is a setting: ends the start, and is waited for later: ${message.slice(0, 80)} [cluster R4]`, () => {
    const [early, later] = [toRedisError(reply(message), true), toRedisError(reply(message), false)];
    assert.ok(early instanceof ConfigError && later instanceof Unavailable);
    assert.match(early.message, said);
    assert.match(later.message, said);
  });
}

test('anything else is a bug, and no error has the command with its script and data [cluster R4]', () => {
  const bug = toRedisError(reply(`ERR user_script:1: ${'x'.repeat(20_000)}`), false);
  assert.ok(bug instanceof Error && !(bug instanceof Unavailable) && !(bug instanceof ConfigError));
  assert.ok(errorText(bug).length < 400 && (bug.stack ?? '').length < 5000);
  const waiting = toRedisError(reply(FAILURES[1] ?? ''), false);
  assert.ok(waiting instanceof Error);
  for (const error of [bug, waiting.cause]) assert.ok(!('command' in (error as Error)));
});
