// `npm run mutate -- PATH…`: changes one thing at a time in the files under the paths and runs the
// unit tests that import the file or its users beside it. A mutant that no test notices survives
// and is printed; some are harmless, the others ask for a test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { applied, type Mutant, mutantsOf } from './mutants.ts';

/** A mutant may make a loop endless. */
const TIMES_BASELINE = 5;
const LEAST_LIMIT_MS = 10_000;
const USAGE = 'Name files or folders with source, e.g. npm run mutate -- services/indexer/verdict.ts.';

interface Tally {
  killed: number;
  survived: number;
}

const TEST_FOLDER = packagePath('dist', 'test');
const HOOK = pathToFileURL(packagePath('dist', 'test', 'mutate', 'hook.js')).href;

process.exitCode = main(process.argv.slice(2));

/** 0 whatever survives: people review the survivors. */
function main(paths: readonly string[]): number {
  const files = paths.flatMap(sourcesUnder);
  if (files.length === 0) {
    say(USAGE);
    return 64;
  }
  const tests = unitTests();
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-mutants-'));
  const folders = new Map<string, Tally>();
  try {
    for (const file of files) {
      const tally = folders.get(dirname(file)) ?? { killed: 0, survived: 0 };
      folders.set(dirname(file), tally);
      mutateFile(file, { tests, mutantFile: join(folder, 'mutant.mjs'), tally });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const [name, { killed, survived }] of folders) say(`${name}: ${killed} killed, ${survived} survived`);
  return 0;
}

/** Relative to the package. */
function sourcesUnder(path: string): readonly string[] {
  const whole = resolve(path);
  const found = statSync(whole).isDirectory()
    ? readdirSync(whole, { recursive: true, encoding: 'utf8' }).map((name) => join(whole, name))
    : [whole];
  return found
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(packagePath(), name))
    .sort();
}

/**
 * Compiled unit test → the compiled files that it imports, itself or by what it imports of `test`.
 */
function unitTests(): ReadonlyMap<string, ReadonlySet<string>> {
  const root = packagePath('dist', 'test', 'unit');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(root, name));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const imports = readFileSync(file, 'utf8').matchAll(/\bfrom '(?<path>\.[^']+)'/gu);
  for (const { groups } of imports) {
    const path = resolve(dirname(file), groups?.['path'] ?? '');
    const isNew = !seen.has(path);
    seen.add(path);
    if (isNew && path.startsWith(TEST_FOLDER)) importsOf(path, seen);
  }
  return seen;
}

/**
 * The tests that import the file, or one of its folder that does. Where there are none, those of
 * the files that import these, and so on.
 */
function testsOf(compiled: string, tests: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const beside = readdirSync(dirname(compiled))
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(dirname(compiled), name));
  const files = new Set([compiled]);
  const isImportedBy = (imports: ReadonlySet<string>): boolean => [...files].some((file) => imports.has(file));
  for (;;) {
    const users = beside.filter((file) => !files.has(file) && isImportedBy(importsOf(file)));
    for (const user of users) files.add(user);
    const found = [...tests].filter(([, imports]) => isImportedBy(imports)).map(([test]) => test);
    if (found.length > 0 || users.length === 0) return found;
  }
}

interface Surroundings {
  readonly tests: ReadonlyMap<string, ReadonlySet<string>>;
  readonly mutantFile: string;
  readonly tally: Tally;
}

function mutateFile(file: string, { tests: all, mutantFile, tally }: Surroundings): void {
  const compiled = packagePath('dist', file.replace(/\.ts$/u, '.js'));
  const code = readFileSync(compiled, 'utf8');
  const own = testsOf(compiled, all);
  if (own.length === 0) {
    say(`${file}: no unit test reaches it`);
    return;
  }
  const env = { ...process.env, MUTATED_URL: pathToFileURL(compiled).href, MUTANT_FILE: mutantFile };
  const fails = (test: string, limitMs: number): boolean =>
    spawnSync(process.execPath, ['--import', HOOK, test], { env, stdio: 'ignore', timeout: limitMs }).status !== 0;
  writeFileSync(mutantFile, code);
  const timed = own.map((test) => {
    const begun = Date.now();
    return { test, isBroken: fails(test, 10 * LEAST_LIMIT_MS), tookMs: Date.now() - begun };
  });
  const broken = timed.filter(({ isBroken }) => isBroken).map(({ test }) => relative(packagePath(), test));
  if (broken.length > 0) {
    say(`${file}: fails as it is, mend it first: ${broken.join(', ')}`);
    return;
  }
  // Most mutants are noticed by the first test.
  const tests = timed.toSorted((left, right) => left.tookMs - right.tookMs);
  const where = sourceLines(compiled, code);
  for (const mutant of mutantsOf(code)) {
    writeFileSync(mutantFile, applied(code, mutant));
    if (tests.some(({ test, tookMs }) => fails(test, Math.max(LEAST_LIMIT_MS, TIMES_BASELINE * tookMs))))
      tally.killed += 1;
    else {
      tally.survived += 1;
      say(`survived  ${file}:${where(mutant)}  ${change(code, mutant)}`);
    }
  }
}

/** Finds the line of the source by the map beside the compiled file. */
function sourceLines(compiled: string, code: string): (mutant: Mutant) => number {
  const map = new SourceMap(JSON.parse(readFileSync(`${compiled}.map`, 'utf8')) as SourceMapPayload);
  return ({ start }) => {
    const before = code.slice(0, start).split('\n');
    const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
    return 'originalLine' in entry ? entry.originalLine + 1 : 0;
  };
}

/** The line as it is, and as it was made. */
function change(code: string, { start, end, text }: Mutant): string {
  const from = code.lastIndexOf('\n', start - 1) + 1;
  const to = code.indexOf('\n', end);
  const was = code.slice(start, end);
  return `${code.slice(from, to).trim()}  [${was.length > 40 ? `${was.slice(0, 40)}…` : was} → ${text === '' ? 'nothing' : text}]`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
