// The console's pages have a tsconfig of their own, for the DOM and JSX; their types are checked
// with the tests, because tsc at the root leaves them out.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { packagePath } from '../../../shared/runtime/package-root.ts';

test('the types of services/console/web fit together', () => {
  const tsc = packagePath('node_modules', 'typescript', 'bin', 'tsc');
  const project = packagePath('services', 'console', 'web');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
