// Tests that need what a machine may lack: skipped with the reason, or failed where TESTS_DEMAND
// names the need; no test skips itself in another way.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { demanded, skipWithout } from '../../support/needs.ts';

const NOTHING = demanded('');
const SERVERS = demanded(' servers, mailpit');

test('what is missing is the reason of a skip, unless it is demanded', () => {
  assert.equal(skipWithout('servers', undefined, SERVERS), false);
  assert.equal(skipWithout('servers', 'there is no JDK', NOTHING), 'there is no JDK');
  assert.equal(skipWithout('real-events', 'no folder', SERVERS), 'no folder');
  assert.throws(() => skipWithout('servers', 'there is no JDK', SERVERS), /demands servers, but: there is no JDK/u);
  assert.throws(() => skipWithout('mailpit', 'no program', SERVERS), /demands mailpit/u);
});

test('a word that is no need is refused, or nothing would be demanded by a slip', () => {
  assert.throws(() => demanded('server'), /TESTS_DEMAND names server, .*servers/u);
});

test('CI demands the servers and a browser: no kill test and no test of the pages is skipped there', () => {
  const [, demands] = /^export TESTS_DEMAND=(\S+)$/mu.exec(readFileSync(packagePath('.ci', 'run'), 'utf8')) ?? [];
  assert.deepEqual([...demanded(demands)], ['servers', 'agents', 'chromium']);
});

/** The one reason that lies in the subject and not in the machine. */
const BY_NATURE = 'return t.skip(impossible.hang);';

test('every skip names its need, so that it can be demanded', () => {
  const lines = ['unit', 'contract', 'integration', 'e2e'].flatMap((folder) =>
    readdirSync(packagePath('test', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts') && !name.endsWith('needs.test.ts'))
      .flatMap((name) =>
        readFileSync(packagePath('test', folder, name), 'utf8')
          .split('\n')
          .map((line) => ({ name, line })),
      ),
  );
  const skips = lines.filter(({ line }) => /\.(?:skip|todo)\(|\b(?:skip|todo):|\bskip =/u.test(line));
  const others = skips.filter(({ line }) => !line.includes('skipWithout(') && !line.includes(BY_NATURE));
  assert.ok(skips.length >= 7, `${skips.length} lines`);
  assert.deepEqual(
    others.filter(({ line }) => !/\{ kind: 'skip'/u.test(line)),
    [],
  );
});
