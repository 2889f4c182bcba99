// The linter's rules about rooms are those of the table, and the linter follows them;
// `npm run lint:rules` mends a difference.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { roomRules } from '../../lint/rooms.ts';

test('the rules about rooms are what npm run lint:rules writes', () => {
  const present = readFileSync(packagePath('test', 'lint', 'rooms.json'), 'utf8');
  assert.deepEqual(present.split('\n'), roomRules().split('\n'));
});

/** Which of the modules that a file imports the linter refuses there. */
function refusedIn(t: TestContext, file: string, modules: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-lint-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const path of ['.oxlintrc.json', join('test', 'lint', 'rooms.json')])
    cpSync(packagePath(path), join(folder, path));
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), modules.map((name) => `import '${name}';\n`).join(''));
  const program = packagePath('node_modules', '.bin', 'oxlint');
  const { stdout } = spawnSync(program, ['--format=unix', file], { cwd: folder, encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes('no-restricted-imports'));
  const refused = new Set(lines.map((line) => modules[Number(line.split(':')[1]) - 1] ?? line));
  return modules.filter((name) => refused.has(name));
}

for (const { file, allowed, refused } of [
  {
    file: 'shared/windows/xml.ts',
    allowed: ['node:zlib', '../contracts/ids.ts'],
    refused: ['../../services/indexer/indexer.ts', '../runtime/errors.ts', 'node:fs', 'kafkajs'],
  },
  { file: 'shared/kafka/client.ts', allowed: ['kafkajs', '../runtime/errors.ts'], refused: ['ioredis'] },
  {
    file: 'services/console/main.ts',
    allowed: ['../../shared/kafka/client.ts'],
    refused: ['../cli/verbs.ts', 'bullmq'],
  },
  { file: 'services/cli/evtx/reader.ts', allowed: ['../command.ts'], refused: ['../commands/send.ts'] },
  {
    file: 'services/notifier/delivery/plan.ts',
    allowed: ['../policy/group.ts', '../incidents/store.ts', 'bullmq'],
    refused: ['../groups/store.ts', '../commands/execute.ts', 'ioredis'],
  },
  { file: 'services/notifier/redis/keys.ts', allowed: ['./client.ts'], refused: ['../incidents/store.ts', 'bullmq'] },
  { file: 'test/unit/x.ts', allowed: ['kafkajs', '../../services/cli/verbs.ts'], refused: [] },
])
  test(`${file} may import ${allowed.join(', ')}, and ${refused.join(', ') || 'nothing'} is refused`, (t) => {
    assert.deepEqual(refusedIn(t, file, [...allowed, ...refused]), refused);
  });
