// The local servers and the guard: whoever starts them may be killed at any time, and nothing of it is left.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onPath } from '../../deploy/local/redis.ts';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { until } from '../support/until.ts';

interface Prerequisites {
  readonly thisMachine: unknown;
  findJdk(machine: unknown): { readonly home?: string; readonly missing?: string };
}

const STARTER = fileURLToPath(new URL('../support/servers-starter.js', import.meta.url));
const prerequisites = pathToFileURL(packagePath('deploy', 'local', 'prerequisites.mjs')).href;
const { findJdk, thisMachine } = (await import(prerequisites)) as Prerequisites;
const jdk = findJdk(thisMachine);
const profiles =
  onPath(process.env['PATH']) === undefined ? ['kafka', 'elasticsearch', 'redis'] : ['kafka', 'elasticsearch'];
const unfetched = profiles.filter((profile) => !existsSync(join(STATE_FOLDER, 'servers', profile, 'pom.sha256')));
const skip =
  jdk.missing ??
  (unfetched.length === 0
    ? false
    : `not fetched yet: ${unfetched.join(', ')}; run npm test without servers named by environment`);

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

/** What runs; the ended that nobody has asked about (state Z) does not, and some containers keep it for good. */
function processes(): readonly Process[] {
  const options = { encoding: 'utf8', maxBuffer: 64_000_000 } as const;
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,state=,args='], options).split('\n');
  return lines
    .map((line) => /^\s*(?<pid>\d+)\s+(?<parent>\d+)\s+(?!Z)\S+\s+(?<args>.*)$/u.exec(line)?.groups)
    .filter((groups) => groups !== undefined)
    .map((groups) => ({ pid: Number(groups['pid']), parent: Number(groups['parent']), args: groups['args'] ?? '' }));
}

function descendants(pid: number): readonly Process[] {
  const all = processes();
  const found = all.filter(({ parent }) => parent === pid);
  for (const { pid: parent } of found) found.push(...all.filter((process) => process.parent === parent));
  return found;
}

interface Starter {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly lines: readonly string[];
}

/** Starts it in a folder of its own that shares the downloads; whatever becomes of the test, nothing stays. */
function startStarter(t: TestContext): Starter {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-local-'));
  const [stateFolder, dataFolder] = [join(folder, 'state'), join(folder, 'run')];
  mkdirSync(stateFolder);
  symlinkSync(join(STATE_FOLDER, 'servers'), join(stateFolder, 'servers'));
  const child = spawn(process.execPath, [STARTER, stateFolder, dataFolder, jdk.home ?? ''], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  t.after(() => {
    child.kill('SIGKILL');
    for (const { pid } of processes().filter(({ args }) => args.includes(folder))) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return { child, folder, lines };
}

async function reach(starter: Starter, count: number, words: string): Promise<void> {
  await until(`the starter says "${words}"`, () => {
    if (starter.child.exitCode !== null) throw new Error(`the starter ended: ${starter.lines.join('\n')}`);
    return starter.lines.filter((line) => line.includes(words)).length >= count;
  });
}

/** Kills the starter and waits until what it had started is gone, the guard included. */
async function killAndLook({ child, folder }: Starter): Promise<readonly Process[]> {
  const before = descendants(child.pid ?? 0);
  assert.ok(
    before.some(({ args }) => args.includes('guard.mjs')),
    'the guard runs',
  );
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const known = new Set(before.map(({ pid }) => pid));
  const left = (): readonly Process[] => processes().filter(({ pid, args }) => known.has(pid) || args.includes(folder));
  await until('every process is gone', () => left().length === 0);
  return before;
}

test('killed while the servers start: none is left', { skip }, async (t) => {
  const starter = startStarter(t);
  await reach(starter, 1, 'is starting');
  const before = await killAndLook(starter);
  assert.ok(before.length >= 2, 'a server was on its way');
});

test('killed when all servers run: none is left', { skip }, async (t) => {
  const starter = startStarter(t);
  await reach(starter, 1, 'all ready');
  const before = await killAndLook(starter);
  for (const name of ['kafka.Kafka', 'Launcher', 'redis-server'])
    assert.equal(before.filter(({ args }) => args.includes(name)).length, 1, name);
});
