// The way in: a verb that does not exist is refused at once, before anything is installed or built.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

test('an unknown verb, or none, is answered with the verbs there are', () => {
  for (const args of [[], ['begin'], ['constructor'], ['__proto__'], ['--help'], ['']]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [packagePath('deploy', 'local', 'start.mjs'), ...args],
      { encoding: 'utf8' },
    );
    assert.deepEqual([status, stdout], [1, ''], args.join(' '));
    assert.equal(stderr, `foghorn  There is no "${args[0] ?? ''}": start, test, bench, reset.\n`);
  }
});
