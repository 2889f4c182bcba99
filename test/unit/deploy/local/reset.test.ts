// Deleting data: never under the feet of somebody who works with it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { reset } from '../../../../deploy/local/reset.ts';
import { livingRun, markRun, tryMarkRun } from '../../../../deploy/local/state.ts';

/** Larger than any process id of Linux and macOS. */
const NOBODY = '99999999';

function stateFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-state-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['servers', 'start', 'test-gone', 'test-living', 'bench-unmarked']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'test-gone', 'pid'), NOBODY);
  writeFileSync(join(folder, 'start', 'pid'), NOBODY);
  return folder;
}

test('what a test run works in stays, and the downloads with it', (t) => {
  const folder = stateFolder(t);
  const unmark = markRun(join(folder, 'test-living'));
  assert.equal(reset(folder, true), 0);
  assert.deepEqual(readdirSync(folder).sort(), ['servers', 'test-living']);
  unmark();
  assert.equal(reset(folder, false), 0);
  assert.deepEqual(readdirSync(folder), ['servers']);
  assert.equal(reset(folder, true), 0);
  assert.deepEqual(readdirSync(folder), []);
});

test('while npm start runs nothing is removed', (t) => {
  const folder = stateFolder(t);
  markRun(join(folder, 'start'));
  assert.equal(livingRun(join(folder, 'start')), process.pid);
  assert.equal(reset(folder, true), 1);
  assert.equal(readdirSync(folder).length, 5);
});

test('a folder that was never made is no fault', () => {
  assert.equal(reset(join(tmpdir(), 'foghorn-no-such-folder'), true), 0);
});

test('of two starts in one folder one goes on, and the other says who works there; a mark of a process that is gone counts for nothing', (t) => {
  const folder = join(stateFolder(t), 'start');
  const unmark = tryMarkRun(folder);
  assert.equal(typeof unmark, 'function');
  assert.equal(tryMarkRun(folder), process.pid);
  assert.throws(() => markRun(folder), /stop it first/u);
  if (typeof unmark === 'function') unmark();
  assert.equal(typeof tryMarkRun(folder), 'function');
});

test('other users of the machine see nothing of what lies in the folder of a run [security L10]', (t) => {
  const folder = join(stateFolder(t), 'start');
  markRun(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});
