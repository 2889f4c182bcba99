// Every command in the pages can be run: npm's scripts exist, `foghorn` takes the verb, its subject
// and its options, services and scripts are there.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { after, before, mock, test } from 'node:test';
import util from 'node:util';
import { runVerb } from '../../../../services/cli/verbs.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { fencesOf, inlineCodeOf, type Page, pages } from '../../../support/markdown.ts';

/** The changelog speaks of what was, the records of decisions of what was thought of. */
const isOfNow = ({ path }: Page): boolean => path !== 'CHANGELOG.md' && !path.startsWith('docs/decisions/');
const all = pages().filter(isOfNow);
const { scripts } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const services = readdirSync(packagePath('services')).filter((name) => name !== 'cli');

/** Lines of shell in a page, comments and line continuations taken out, and its inline code. */
function commandsOf({ text }: Page): readonly string[] {
  const lines = fencesOf(text)
    .filter(({ language }) => language === 'sh')
    .flatMap((fence) => fence.text.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/(?:^|\s)#.*$/u, '').trim());
  return [...lines, ...inlineCodeOf(text)].filter((line) => line !== '');
}

/**
 * Words as a shell would split them, as far as our pages need it: quotation marks, no variables.
 */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/gu)].map(([word]) => word.replaceAll(/['"]/gu, ''));
}

/**
 * The arguments after `foghorn`, up to the end of the command; undefined for a line that does not
 * call it.
 */
function foghornArguments(command: string): readonly string[] | undefined {
  const match = /^(?:npx )?foghorn (?<rest>[^|&;]*)/u.exec(command);
  return match === null ? undefined : wordsOf(match.groups?.['rest'] ?? '');
}

const { parseArgs } = util;
let parsed: readonly string[] | undefined;

class Parsed extends Error {}

/** Lets a verb read its arguments with its own table of options, and go no further. */
function onlyParse(config: Parameters<typeof parseArgs>[0]): never {
  const { positionals } = parseArgs(config);
  parsed = positionals;
  throw new Parsed();
}

before(() => {
  mock.method(util, 'parseArgs', onlyParse as typeof parseArgs);
  syncBuiltinESMExports();
});

after(() => {
  mock.restoreAll();
  syncBuiltinESMExports();
});

/** What is wrong with a call of the command line; undefined when it would run. */
async function problemOf(args: readonly string[]): Promise<string | undefined> {
  const [usage, errors]: [string[], string[]] = [[], []];
  const io = { isTerminal: false, signal: new AbortController().signal };
  const [verb = '', ...rest] = args;
  const known = await runVerb([verb, '--help'], { ...io, out: (line) => usage.push(line), err: () => undefined });
  if (known !== 0) return `there is no verb ${verb}`;
  if (rest.length === 0 || rest.includes('--help')) return undefined;
  parsed = undefined;
  await runVerb(args, { ...io, out: () => undefined, err: (line) => errors.push(line) });
  if (parsed === undefined) return errors[0] ?? 'it reads no arguments';
  const subject = rest.find((word) => !word.startsWith('-')) ?? '';
  const synopsis = usage.join('\n').split('\n\n')[0] ?? '';
  const isNamed = new RegExp(`(?:^|[\\s|])${subject}(?:$|[\\s|])`, 'mu').test(synopsis);
  return verb === 'send' || isNamed ? undefined : `${verb} has no ${subject}: ${synopsis}`;
}

test('every script of npm that a page names exists [issue 15]', () => {
  const named = all.flatMap(({ path, text }) =>
    [...text.matchAll(/\bnpm (?:run (?:--silent )?(?<script>[\w:]+)|(?<own>start|test)\b)/gu)].map(({ groups }) => ({
      path,
      script: groups?.['script'] ?? groups?.['own'] ?? '',
    })),
  );
  assert.ok(named.length > 30);
  assert.deepEqual(
    named.filter(({ script }) => !(script in scripts)),
    [],
  );
});

test('every script of package.json is in the pages', () => {
  const text = all.map((page) => page.text).join('\n');
  for (const name of Object.keys(scripts))
    assert.match(text, new RegExp(`npm (?:run (?:--silent )?)?${name}(?![\\w:])`, 'u'), name);
});

test('every call of foghorn in a page is one that the command line takes [issue 15]', async () => {
  const calls = all.flatMap((page) =>
    commandsOf(page).flatMap((command) => {
      const args = foghornArguments(command);
      return args === undefined || args.length === 0 || services.includes(args[0] ?? '')
        ? []
        : [{ path: page.path, args }];
    }),
  );
  assert.ok(calls.length > 60);
  const problems: string[] = [];
  for (const { path, args } of calls) {
    const problem = await problemOf(args);
    if (problem !== undefined) problems.push(`${path}: foghorn ${args.join(' ')}: ${problem}`);
  }
  assert.deepEqual(problems, []);
});

test('a verb, a subject and an option that are not there are found', async () => {
  assert.match((await problemOf(['catalogue'])) ?? '', /there is no verb/u);
  assert.match((await problemOf(['catalog', 'lst'])) ?? '', /has no lst/u);
  assert.match((await problemOf(['catalog', 'list', '--foldr', 'x'])) ?? '', /--foldr/u);
  assert.match((await problemOf(['setup', 'elasticsearch', '--dif'])) ?? '', /--dif/u);
  assert.equal(await problemOf(['setup', 'elasticsearch', '--diff']), undefined);
});

test('programs, files and services that commands name are there', () => {
  const commands = all.flatMap(commandsOf);
  const programs = commands.flatMap((line) =>
    [...line.matchAll(/(?<path>(?:dist|deploy|\.ci)\/[\w./@-]*\w)/gu)].map(({ groups }) => groups?.['path'] ?? ''),
  );
  assert.ok(programs.length > 10);
  const sourceOf = (path: string): string => path.replace(/^dist\/(?<rest>.*)\.js$/u, '$<rest>.ts');
  assert.deepEqual(
    programs.filter((path) => !existsSync(packagePath(sourceOf(path)))),
    [],
  );
  const run = commands.flatMap((line) => /^docker run foghorn (?<service>\w+)/u.exec(line)?.groups?.['service'] ?? []);
  assert.ok(run.length > 0 && run.every((service) => services.includes(service)));
});
