// The local servers and the guard: whoever starts them may be stopped or killed at any time, and
// nothing of it is left.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onPath } from '../../deploy/local/redis.ts';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { until } from '../support/until.ts';
import { skipWithout } from '../support/needs.ts';

interface Prerequisites {
  readonly thisMachine: unknown;
  findJdk(machine: unknown): { readonly home?: string; readonly missing?: string };
}

const STARTER = fileURLToPath(new URL('../support/servers-starter.js', import.meta.url));
const CHILD_STARTER = fileURLToPath(new URL('../support/child-starter.js', import.meta.url));
const prerequisites = pathToFileURL(packagePath('deploy', 'local', 'prerequisites.mjs')).href;
const { findJdk, thisMachine } = (await import(prerequisites)) as Prerequisites;
const jdk = findJdk(thisMachine);
const profiles =
  onPath(process.env['PATH']) === undefined ? ['kafka', 'elasticsearch', 'redis'] : ['kafka', 'elasticsearch'];
const unfetched = profiles.filter((profile) => !existsSync(join(STATE_FOLDER, 'servers', profile, 'pom.sha256')));
const skip = skipWithout(
  'servers',
  jdk.missing ??
    (unfetched.length === 0
      ? undefined
      : `not fetched yet: ${unfetched.join(', ')}; run npm test without servers named by environment`),
);

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

/**
 * What runs; the ended that nobody has asked about (state Z) does not, and some containers keep it
 * for good.
 */
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

/** Starts it in a folder of its own that shares the downloads. */
function startStarter(t: TestContext): Starter {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-local-'));
  const [stateFolder, dataFolder] = [join(folder, 'state'), join(folder, 'run')];
  mkdirSync(stateFolder);
  symlinkSync(join(STATE_FOLDER, 'servers'), join(stateFolder, 'servers'));
  return start(t, folder, [STARTER, stateFolder, dataFolder, jdk.home ?? '']);
}

/** Runs a program that works in `folder`; whatever becomes of the test, nothing stays. */
function start(t: TestContext, folder: string, args: readonly string[]): Starter {
  // Without the servers of this run, or there would be nothing to start.
  const env = { PATH: process.env['PATH'] };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
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

/** Three servers, each of which has a minute and a half itself. */
const START_LIMIT_MS = 300_000;

async function reach(starter: Starter, count: number, words: string): Promise<void> {
  const look = (): boolean => {
    if (starter.child.exitCode !== null) throw new Error(`the starter ended: ${starter.lines.join('\n')}`);
    return starter.lines.filter((line) => line.includes(words)).length >= count;
  };
  await until(`the starter says "${words}"`, look, START_LIMIT_MS);
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
  await untilGone(folder, before);
  return before;
}

async function untilGone(folder: string, before: readonly Process[]): Promise<void> {
  // With its arguments: a process id alone may be another's by now.
  const known = new Set(before.map(({ pid, args }) => `${pid} ${args}`));
  const left = (): readonly Process[] =>
    processes().filter(({ pid, args }) => known.has(`${pid} ${args}`) || args.includes(folder));
  await until('every process is gone', () => left().length === 0);
}

test('killed while the servers start: none is left', { skip }, async (t) => {
  const starter = startStarter(t);
  await reach(starter, 1, 'is starting');
  const before = await killAndLook(starter);
  assert.ok(before.length >= 2, 'a server was on its way');
});

test('killed by the very child that it starts, before anything else happens: the child does not outlive it', async (t) => {
  const starters = Array.from({ length: 20 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'foghorn-child-'));
    // The parent is killed in the first thing that the child does; the folder among its arguments
    // shows whose it is.
    return start(t, folder, [CHILD_STARTER, '/bin/sh', '-c', 'kill -9 $PPID; while :; do sleep 1; done', folder]);
  });
  await Promise.all(
    starters.map(async ({ child, folder }) => {
      await until('its child has killed it', () => child.signalCode === 'SIGKILL');
      await untilGone(folder, []);
    }),
  );
});

test('killed when all servers run: none is left', { skip }, async (t) => {
  const starter = startStarter(t);
  await reach(starter, 1, 'all ready');
  const before = await killAndLook(starter);
  for (const name of ['kafka.Kafka', 'Launcher', 'redis-server'])
    assert.equal(before.filter(({ args }) => args.includes(name)).length, 1, name);
});

/**
 * What `npm start` runs after it has installed and built, in a checkout of its own. Without
 * `isFetched` a Maven that takes long has to fetch.
 */
function startDemo(t: TestContext, args: readonly string[], { isFetched }: { readonly isFetched: boolean }): Starter {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-demo-'));
  const programs = ['dist/deploy', 'dist/services', 'dist/shared'];
  for (const path of ['package.json', 'deploy/local', 'services', 'shared', ...programs])
    cpSync(packagePath(path), join(folder, path), { recursive: true });
  symlinkSync(packagePath('node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, '.foghorn'));
  if (isFetched) symlinkSync(join(STATE_FOLDER, 'servers'), join(folder, '.foghorn', 'servers'));
  const maven = join(folder, 'mvn');
  writeFileSync(maven, '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
  const options = JSON.stringify({ args, javaHome: jdk.home ?? folder });
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { main } from './dist/deploy/local/demo.js';
process.exitCode = await main({ ...${options}, findMaven: () => ({ program: ${JSON.stringify(maven)} }) });\n`,
  );
  return start(t, folder, [program]);
}

/** Asks as Ctrl-C does; gives the exit code when what it had started is gone. */
async function interruptAndLook({ child, folder }: Starter): Promise<number | null> {
  const before = descendants(child.pid ?? 0);
  assert.ok(before.length >= 2, 'the guard and something else run');
  child.kill('SIGINT');
  await until('it has ended', () => child.exitCode !== null);
  await untilGone(folder, before);
  return child.exitCode;
}

test('npm start interrupted while Maven fetches: it ends at once and leaves nothing', async (t) => {
  const demo = startDemo(t, [], { isFetched: false });
  await reach(demo, 1, 'fetching from Maven Central');
  assert.equal(await interruptAndLook(demo), 0);
  assert.deepEqual(demo.lines.slice(-2), ['foghorn  stopping …', 'foghorn  stopped']);
});

test('npm start -- --once interrupted: 130 and what was reached', { skip }, async (t) => {
  const demo = startDemo(t, ['--once'], { isFetched: true });
  await reach(demo, 1, 'Elasticsearch is starting');
  assert.equal(await interruptAndLook(demo), 130);
  assert.match(demo.lines.at(-3) ?? '', /^foghorn {2}STOPPED before .*reached: (?:Kafka|Elasticsearch|Redis) is/u);
});

/** Where the servers of a start are, by the lines it prints. */
function addressesOf({ lines }: Starter): readonly string[] {
  return lines.flatMap((line) => /(?:Kafka|Elasticsearch|Redis) is ready on (?<address>\S+)$/u.exec(line)?.[1] ?? []);
}

test('npm start in two clones at once: each has servers of its own and follows its own sample to the end [events 6]', {
  skip,
}, async (t) => {
  const demos = [1, 2].map(() => startDemo(t, ['--once'], { isFetched: true }));
  await Promise.all(
    demos.map(async (demo) => await until('it has ended', () => demo.child.exitCode !== null, 2 * START_LIMIT_MS)),
  );
  for (const { child, lines } of demos) assert.equal(child.exitCode, 0, lines.join('\n'));
  const addresses = demos.flatMap(addressesOf);
  assert.equal(addresses.length, 6);
  assert.equal(new Set(addresses).size, 6, addresses.join(' '));
});

test('npm start twice at once in one clone: one goes on, the other says which and ends [events 6]', {
  skip,
}, async (t) => {
  const first = startDemo(t, [], { isFetched: true });
  const second = start(t, first.folder, [join(first.folder, 'program.mjs')]);
  const both = [first, second];
  await until('one has ended', () => both.some(({ child }) => child.exitCode !== null), START_LIMIT_MS);
  const [refused, running] = first.child.exitCode === null ? [second, first] : [first, second];
  assert.equal(refused.child.exitCode, 1);
  assert.deepEqual(refused.lines, [
    `foghorn  npm start of this checkout is running already (process ${running.child.pid}): stop it first, or use a clone of its own.`,
  ]);
  await reach(running, 1, 'is starting');
  assert.equal(await interruptAndLook(running), 0);
});
