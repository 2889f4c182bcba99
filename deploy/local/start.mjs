// The way in before anything is installed: checks what the machine has, installs, builds, and hands over. Node's built-ins only.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkNode, findJdk, findMaven, thisMachine } from './prerequisites.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PROGRAMS = {
  start: 'deploy/local/demo.js',
  test: 'test/run.js',
  bench: 'test/bench/main.js',
  reset: 'deploy/local/reset.js',
};

const [verb = '', ...args] = process.argv.slice(2);
const program = Object.hasOwn(PROGRAMS, verb) ? PROGRAMS[verb] : undefined;
if (program === undefined) fail(`There is no "${verb}": ${Object.keys(PROGRAMS).join(', ')}.`);
const complaint = checkNode(thisMachine);
if (complaint !== undefined) fail(complaint);
const java = verb === 'reset' ? {} : findServerTools();
await install();
await build();
const { main } = await import(pathToFileURL(join(ROOT, 'dist', program)).href);
process.exitCode = await main({ args, ...java });

/** Kafka and Elasticsearch run on a JDK and are fetched by Maven; who brings both clusters needs neither. */
function findServerTools() {
  if (process.env.KAFKA_BROKERS && process.env.ELASTICSEARCH_URL) return {};
  const jdk = findJdk(thisMachine);
  if (jdk.missing !== undefined) fail(jdk.missing);
  // Asked only when something has to be fetched: it takes a second to answer.
  return { javaHome: jdk.home, findMaven: () => findMaven(thisMachine) };
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
}

async function run(command, commandArgs) {
  const child = spawn(command, commandArgs, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = (signal) => child.kill(signal);
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const [code, signal] = await new Promise((resolve) => {
    child.once('error', (error) => fail(`${command} cannot be run: ${error.message}`));
    child.once('exit', (...end) => resolve(end));
  });
  process.off('SIGTERM', stop);
  process.off('SIGINT', stop);
  if (code !== 0)
    fail(
      signal === null
        ? `${command} ${commandArgs.join(' ')} failed (exit code ${code}); its own words are above.`
        : `Stopped by ${signal}.`,
    );
}

function say(line) {
  process.stdout.write(`foghorn  ${line}\n`);
}

function fail(line) {
  process.stderr.write(`foghorn  ${line}\n`);
  process.exit(1);
}
