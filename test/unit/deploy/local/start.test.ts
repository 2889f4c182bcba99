// The way in: a verb that does not exist and a Node that is too old are refused at once, before
// anything is installed or built.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

const ENTRY = packagePath('deploy', 'local', 'start.cjs');
const options = { encoding: 'utf8' } as const;

test('an unknown verb, or none, is answered with the verbs there are', () => {
  for (const args of [[], ['begin'], ['constructor'], ['__proto__'], ['--help'], ['']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], options);
    assert.deepEqual([status, stdout], [1, ''], args.join(' '));
    assert.equal(
      stderr,
      `foghorn  There is no "${args[0] ?? ''}": start, test, bench, attack, cases, cluster, agents, pictures, reset.\n`,
    );
  }
});

test('a Node that is too old is refused in one line, one that is not goes on', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pretend = join(folder, 'pretend.cjs');
  for (const [version, isEnough] of [
    ['20.19.0', true],
    ['20.20.1', true],
    ['22.0.0', true],
    ['20.18.9', false],
    ['18.99.0', false],
    ['8.0.0', false],
  ] as const) {
    const versions = JSON.stringify({ ...process.versions, node: version });
    writeFileSync(pretend, `Object.defineProperty(process, 'versions', { value: ${versions} });\n`);
    const { status, stderr } = spawnSync(process.execPath, ['--require', pretend, ENTRY, 'begin'], options);
    assert.equal(status, 1);
    const complaint = `Node 20.19 or newer is needed; this is Node ${version}.`;
    assert.equal(
      stderr,
      `foghorn  ${isEnough ? 'There is no "begin": start, test, bench, attack, cases, cluster, agents, pictures, reset.' : complaint}\n`,
    );
  }
});

test('the file that says so uses no syntax that a Node of its time could not read', () => {
  const code = readFileSync(ENTRY, 'utf8')
    .replaceAll(/\/\/.*/gu, '')
    .replaceAll(/'[^']*'/gu, "''");
  assert.ok(code.includes("require('')"));
  const newer = /=>|`|\?\.|\?\?|\*\*|\.\.\.|\b(?:const|let|class|import|export|async|await|of|yield)\b|,\s*\)/gu;
  assert.deepEqual(code.match(newer), null);
});

test('npm’s scripts go in there', () => {
  const { scripts } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  for (const verb of ['start', 'test', 'bench', 'attack', 'reset'])
    assert.equal(scripts[verb], `node deploy/local/start.cjs ${verb}`);
});

test('npm start beside one of the same checkout is refused before anything is installed or built [events 6]', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-second-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(packagePath('deploy', 'local'), join(folder, 'deploy', 'local'), { recursive: true });
  mkdirSync(join(folder, '.foghorn', 'start'), { recursive: true });
  writeFileSync(join(folder, '.foghorn', 'start', 'pid'), String(process.pid));
  // A machine with a JDK and a Maven, as far as anybody looks.
  const found = `export const thisMachine = {};\nexport const findTools = () => ({});\n`;
  writeFileSync(join(folder, 'deploy', 'local', 'prerequisites.mjs'), found);
  const entry = join(folder, 'deploy', 'local', 'start.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, 'start'], options);
  assert.deepEqual([status, stdout], [1, '']);
  assert.equal(
    stderr,
    `foghorn  npm start of this checkout is running already (process ${process.pid}): stop it first, or use a clone of its own.\n`,
  );
  assert.ok(!existsSync(join(folder, '.foghorn', 'building')));
});
