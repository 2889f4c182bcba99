// docs/redis.md has the rule that the notifier's user takes, and the rule has every command that a
// script of Foghorn's calls.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REDIS_COMMANDS, redisAclRules } from '../../../../../services/notifier/redis/commands.ts';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';

/** The commands that scripts in these files call. */
function calledIn(folder: string, call: RegExp): ReadonlySet<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:ts|js|lua)$/u.test(name),
  );
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(call)].map(([, name = '']) => name.toLowerCase())));
}

test('docs/redis.md has the ACL rule [alerting 21]', () => {
  assert.ok(readFileSync(packagePath('docs', 'redis.md'), 'utf8').includes(redisAclRules('foghorn').join(' ')));
});

test('the list has what the scripts of the notifier and of BullMQ call [alerting 21]', () => {
  const bullmq = packagePath('node_modules', 'bullmq', 'dist', 'cjs', 'scripts');
  const own = calledIn(packagePath('services', 'notifier'), /redis\.p?call\('([A-Z]+)'/gu);
  const theirs = calledIn(bullmq, /(?:rcall|redis\.p?call)\(\s*["']([A-Za-z]+)["']/gu);
  assert.ok(own.size > 20 && theirs.size > 30);
  const allowed = new Set(REDIS_COMMANDS);
  assert.deepEqual(
    [...own, ...theirs].filter((name) => !allowed.has(name)),
    [],
  );
});
