// `npm test`: checks, unit tests without servers, then integration and end-to-end tests on servers
// started once. Ends with a line that counts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { spec } from 'node:test/reporters';
import { run } from 'node:test';
import { createLifetime } from '../deploy/local/lifetime.ts';
import type { Tools } from '../deploy/local/servers.ts';
import { errorText } from '../shared/runtime/errors.ts';
import { packagePath } from '../shared/runtime/package-root.ts';
import { withServers } from './support/own-stack.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * The folders, in the order they are run; the latter need servers. `files` is how many test files
 * run side by side.
 */
const GROUPS = [
  { folder: 'unit', needsServers: false, files: 2 },
  { folder: 'contract', needsServers: false, files: 2 },
  { folder: 'integration', needsServers: true, files: 2 },
  { folder: 'e2e', needsServers: true, files: 1 },
] as const;

/** A file that takes longer hangs, e.g. by a connection that a failed test left open. */
const FILE_LIMIT_MS = 15 * 60_000;

/** Runs the tests whose path contains one of `args`, or all. Gives the exit code. */
export async function main({ args, ...tools }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const lifetime = createLifetime(tools.parents);
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  if (args.length === 0) check(counts);
  for (const { folder, files } of GROUPS.filter((group) => !group.needsServers))
    await runTests(filesOf(folder, args), files, { counts, signal: lifetime.signal });
  const groups = GROUPS.filter((group) => group.needsServers && filesOf(group.folder, args).length > 0);
  if (groups.length > 0 && !lifetime.signal.aborted) {
    const { signal } = lifetime;
    await withServers({ tools, name: 'test', env: process.env, signal, say }, async (addresses) => {
      Object.assign(process.env, addresses);
      for (const { folder, files } of groups) await runTests(filesOf(folder, args), files, { counts, signal });
    }).catch((error: unknown) => {
      if (signal.aborted) return say('stopped');
      counts.failed += 1;
      return say(`FAILED: ${errorText(error)}`);
    });
  }
  lifetime.release();
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed > 0 || counts.passed === 0 || lifetime.signal.aborted ? 1 : 0;
}

/**
 * Types were checked by the build; here the linter with its boundary rules, and the format. Each
 * counts as a test.
 */
function check(counts: Counts): void {
  const commands = [
    ['oxlint', '--type-aware', '--deny-warnings'],
    ['biome', 'format'],
  ];
  for (const [tool = '', ...toolArgs] of commands) {
    say(`${tool} …`);
    const { status } = spawnSync(packagePath('node_modules', '.bin', tool), toolArgs, {
      cwd: packagePath(),
      stdio: 'inherit',
    });
    counts[status === 0 ? 'passed' : 'failed'] += 1;
  }
}

/** Compiled test files that still have a source. */
function filesOf(folder: string, args: readonly string[]): readonly string[] {
  const root = packagePath('dist', 'test', folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(root, name))
    .filter((file) => existsSync(sourceOf(file)))
    .filter((file) => args.length === 0 || args.some((arg) => relative(packagePath(), sourceOf(file)).includes(arg)))
    .sort();
}

function sourceOf(compiled: string): string {
  return packagePath(relative(packagePath('dist'), compiled).replace(/\.js$/u, '.ts'));
}

async function runTests(
  files: readonly string[],
  concurrency: number,
  run_: { readonly counts: Counts; readonly signal: AbortSignal },
): Promise<void> {
  if (files.length === 0 || run_.signal.aborted) return;
  const { counts, signal } = run_;
  const stream = run({ files: [...files], concurrency, signal, timeout: FILE_LIMIT_MS });
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite') return;
    counts[event.skip === undefined || event.skip === false ? 'passed' : 'skipped'] += 1;
  });
  stream.on('test:fail', (event) => {
    if (event.details.type !== 'suite') counts.failed += 1;
  });
  for await (const text of stream.compose(new spec())) process.stdout.write(text as string);
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
