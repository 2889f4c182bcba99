// Files that say which process has something: of many that try at once exactly one gets it, also
// where a process that is gone has left one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { holderOf, holdFile } from '../../../../deploy/local/held-file.ts';

const MODULE = new URL('../../../../deploy/local/held-file.js', import.meta.url).href;
const PROCESSES = 6;
const FILES = 60;
/** More than any system gives: nobody has it. */
const GONE = '2147483600';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'foghorn-held-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

test('a file is held by this process, and what a process left that is gone is taken over', (t) => {
  const file = join(folder(t), 'held');
  assert.equal(holderOf(file), undefined);
  assert.equal(holdFile(file), undefined);
  assert.deepEqual([holderOf(file), holdFile(file)], [process.pid, process.pid]);
  for (const left of [GONE, '', 'no number', '0']) {
    writeFileSync(file, left);
    assert.equal(holderOf(file), undefined);
    assert.equal(holdFile(file), undefined);
    assert.equal(holderOf(file), process.pid);
  }
  writeFileSync(file, String(process.ppid));
  assert.equal(holdFile(file), process.ppid);
});

test('of many processes that try at once one gets a file that was left, and each knows who [events 6]', async (t) => {
  const made = folder(t);
  const files = Array.from({ length: FILES }, (_, at) => join(made, String(at)));
  for (const file of files) writeFileSync(file, GONE);
  const code = `const { holdFile } = await import('${MODULE}');
console.log('ready');
process.stdin.once('data', () => {
  const won = ${JSON.stringify(files)}.filter((file) => holdFile(file) === undefined);
  console.log(JSON.stringify(won));
});`;
  const children = Array.from({ length: PROCESSES }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  for (const { lines } of children) assert.equal((await lines.next()).value, 'ready');
  for (const { child } of children) child.stdin.write('go\n');
  const won: string[] = [];
  for (const { lines } of children) won.push(...(JSON.parse((await lines.next()).value as string) as string[]));
  assert.deepEqual(won.toSorted(), files.toSorted());
  assert.deepEqual(readdirSync(made).toSorted(), Array.from({ length: FILES }, (_, at) => String(at)).toSorted());
  for (const { child } of children) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const file of files) assert.equal(holderOf(file), undefined);
});
