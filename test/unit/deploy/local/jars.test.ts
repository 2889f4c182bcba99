// Jars: only those whose hashes are checked in are used.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { jarHashes, unexpectedJars } from '../../../../deploy/local/jars.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

test('a jar with another content, and one that nobody named, are found out [security, supply chain]', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-jars-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['a.jar', 'b.jar', 'notes.txt']) writeFileSync(join(folder, name), name);
  const list = `${jarHashes(folder).join('\n')}\n`;
  assert.deepEqual(unexpectedJars(folder, list), []);
  writeFileSync(join(folder, 'b.jar'), 'changed');
  writeFileSync(join(folder, 'c.jar'), 'new');
  assert.deepEqual(unexpectedJars(folder, list), ['b.jar', 'c.jar']);
});

test('the list that is checked in has a line for each jar, and each server is among them', () => {
  const lines = readFileSync(packagePath('deploy', 'local', 'jars.sha256'), 'utf8')
    .trimEnd()
    .split('\n');
  for (const line of lines) assert.match(line, /^[0-9a-f]{64} {2}[\w.-]+\.jar$/u);
  for (const name of ['kafka_2.13-', 'elasticsearch-9', 'embedded-redis-'])
    assert.ok(
      lines.some((line) => line.includes(`  ${name}`)),
      name,
    );
});
