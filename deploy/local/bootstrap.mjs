// The way in before anything is installed: checks what the machine has, installs, builds, and hands
// over. Node's built-ins only.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findTools, thisMachine } from './prerequisites.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..', '..');
const PROGRAMS = {
  start: 'deploy/local/demo.js',
  test: 'test/run.js',
  bench: 'test/bench/main.js',
  attack: 'test/attack/main.js',
  cases: 'test/cases/main.js',
  cluster: 'test/cluster/main.js',
  agents: 'test/agents/main.js',
  pictures: 'test/pictures/console.js',
  reset: 'deploy/local/reset.js',
};
const WATCH_EVERY_MS = 500;
const WAIT_MS = 200;
const EXIT_INTERRUPTED = 130;

const [verb = '', ...args] = process.argv.slice(2);
const program = Object.hasOwn(PROGRAMS, verb) ? PROGRAMS[verb] : undefined;
if (program === undefined) fail(`There is no "${verb}": ${Object.keys(PROGRAMS).join(', ')}.`);
const parents = npmParents();
const tools = verb === 'reset' ? {} : findTools(thisMachine);
if (tools.missing !== undefined) fail(tools.missing);
if (verb === 'start') refuseSecond();
const release = await turn();
try {
  await install();
  await build();
} finally {
  release();
}
const { main } = await import(pathToFileURL(join(ROOT, 'dist', program)).href);
process.exitCode = await main({ args, parents, ...tools });

/** Before anything is built: what runs has its programs from there. */
function refuseSecond() {
  const pid = holderOf(join(ROOT, '.foghorn', 'start', 'pid'));
  if (pid !== undefined)
    fail(`npm start of this checkout is running already (process ${pid}): stop it first, or use a clone of its own.`);
}

/**
 * One command of a checkout installs and builds at a time: two would write the same files. Returns
 * a function that admits the next one.
 */
async function turn() {
  const file = join(ROOT, '.foghorn', 'building');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  let isShown = false;
  for (;;) {
    try {
      // With its content from the first moment on.
      linkSync(own, file);
      rmSync(own);
      const release = () => {
        process.off('exit', release);
        rmSync(file, { force: true });
      };
      process.on('exit', release);
      return release;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = holderOf(file);
    if (pid === undefined) removeLeft(file, `${own}.left`);
    else if (!isShown)
      say(`another command of this checkout installs and builds (process ${pid}); this one goes on after it …`);
    isShown ||= pid !== undefined;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

/**
 * A file left by a process that is gone: only one process removes it, and a file that another has
 * just made is put back.
 */
function removeLeft(file, aside) {
  try {
    renameSync(file, aside);
    if (holderOf(aside) !== undefined) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

function holderOf(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = join(ROOT, 'node_modules', '.foghorn-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing the npm dependencies from the lock file …');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

async function build() {
  say('building …');
  await run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')]);
  await run(process.execPath, [join(ROOT, 'deploy', 'web', 'bundle.mjs')]);
}

/** Runs a program to its end. It ends with this process, however that ends: the guard ends it. */
async function run(command, commandArgs) {
  const guard = spawn(process.execPath, [join(HERE, 'guard.mjs')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const child = spawn('/bin/sh', [join(HERE, 'held.sh'), command, ...commandArgs], {
    cwd: ROOT,
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  for (const pipe of [guard.stdin, child.stdin]) pipe.on('error', () => undefined);
  guard.stdin.write(`+${child.pid}\n`, (error) => child.stdin.end(error ? '' : 'go\n'));
  let why = '';
  const stop = (reason) => {
    if (why === '') why = reason;
    // The guard ends the whole group.
    guard.stdin.end();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  const watch = setInterval(() => {
    if (!parents.every(isAlive)) stop('the end of the program that started this');
  }, WATCH_EVERY_MS);
  const [code] = await new Promise((resolve) => {
    child.once('error', (error) => fail(`/bin/sh cannot be run: ${error.message}`));
    child.once('exit', (...end) => resolve(end));
  });
  clearInterval(watch);
  process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop);
  if (why !== '') fail(`stopped by ${why}`, EXIT_INTERRUPTED);
  guard.stdin.end(`-${child.pid}\n`);
  if (code !== 0) fail(`${command} ${commandArgs.join(' ')} failed (exit code ${code}); its own words are above.`);
}

/**
 * Under npm: its shell and itself. A killed npm gives no notice. Without npm nothing is watched, so
 * that nohup works.
 */
function npmParents() {
  if (process.env.npm_lifecycle_event === undefined) return [];
  const found = [process.ppid];
  const isShell = /(?:^|\/)(?:ba|da|z)?sh$/u.test(ps('comm=', process.ppid));
  const above = Number(ps('ppid=', process.ppid));
  return isShell && above > 1 ? [...found, above] : found;
}

function ps(field, pid) {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'];
    return execFileSync('ps', ['-o', field, '-p', String(pid)], { encoding: 'utf8', stdio }).trim();
  } catch {
    return '';
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function say(line) {
  process.stdout.write(`foghorn  ${line}\n`);
}

function fail(line, code = 1) {
  process.stderr.write(`foghorn  ${line}\n`);
  process.exit(code);
}
