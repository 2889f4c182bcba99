// `npm run test:node -- 22 24`: the unit and contract tests on other versions of Node, which the
// npm registry has as packages.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { packagePath } from '../shared/runtime/package-root.ts';

/** Asks this program to run the tests itself instead of starting other versions of Node. */
const HERE = '--here';
const FOLDERS = ['unit', 'contract'] as const;
const FILES_AT_ONCE = 2;
/** As long as npm test waits: a busy machine makes no failure. */
const FILE_LIMIT_MS = 15 * 60_000;
const USAGE = 'Name the versions of Node to test on, e.g. npm run test:node -- 22 24.';

const args = process.argv.slice(2);
process.exitCode = args[0] === HERE ? await testHere() : testOn(args);

/** Fetches each version and runs the tests with it; 0 when all pass. */
function testOn(majors: readonly string[]): number {
  if (majors.length === 0 || !majors.every((major) => /^\d{2}$/u.test(major))) {
    say(USAGE);
    return 64;
  }
  const failed = majors.filter((major) => {
    const node = fetchNode(major);
    const self = packagePath('dist', 'test', 'node-versions.js');
    return (
      node === undefined || spawnSync(node, ['--enable-source-maps', self, HERE], { stdio: 'inherit' }).status !== 0
    );
  });
  if (failed.length > 0) say(`FAILED on Node ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

/**
 * The program of the newest version of this major, from npm's package for this platform; undefined
 * when it cannot be had.
 */
function fetchNode(major: string): string | undefined {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = packagePath('.foghorn', 'node', major);
  const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  say(`fetching Node ${major} …`);
  mkdirSync(folder, { recursive: true });
  const options = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', ...options, `${name}@${major}`], { stdio: 'inherit' });
  if (status === 0 && existsSync(program)) return program;
  say(`Node ${major} cannot be had: npm install ${name}@${major} failed.`);
  return undefined;
}

/** Runs the tests with the version that runs this; prints what fails, and the counts. */
async function testHere(): Promise<number> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = FOLDERS.flatMap(filesOf);
  const stream = run({ files, concurrency: FILES_AT_ONCE, timeout: FILE_LIMIT_MS });
  stream.on('test:pass', ({ details, skip }) => {
    if (details.type !== 'suite') counts[skip === undefined || skip === false ? 'passed' : 'skipped'] += 1;
  });
  stream.on('test:fail', ({ details, file, name }) => {
    if (details.type === 'suite') return;
    counts.failed += 1;
    say(`FAILED ${file ?? ''}: ${name}\n${String(details.error.cause ?? details.error)}`);
  });
  stream.on('test:stderr', ({ message }) => process.stderr.write(message));
  for await (const _event of stream);
  say(`Node ${process.version}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** Compiled test files that still have a source. */
function filesOf(folder: string): readonly string[] {
  const root = packagePath('dist', 'test', folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(root, name))
    .filter((file) => existsSync(packagePath(relative(packagePath('dist'), file).replace(/\.js$/u, '.ts'))))
    .sort();
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
