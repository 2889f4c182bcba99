// The Dockerfile, as far as it can be checked without Docker: a linter's word, what it copies, who
// it runs as.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { packagePath } from '../../../shared/runtime/package-root.ts';

const text = readFileSync(packagePath('deploy', 'Dockerfile'), 'utf8');
const { version, license } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as Record<string, string>;

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Comments left out, continued lines joined. */
const instructions: readonly Instruction[] = text
  .replaceAll(/^#.*\n/gmu, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));

/** The instructions of the image itself, after the last FROM. */
const last = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));

const restsOf = (word: string, among = instructions): readonly string[] =>
  among.filter((instruction) => instruction.word === word).map(({ rest }) => rest);

const fromContext = restsOf('COPY')
  .filter((rest) => !rest.startsWith('--from='))
  .map((rest) => rest.split(/\s+/u))
  .map((parts) => ({ sources: parts.slice(0, -1), target: parts.at(-1) ?? '' }));

test('a linter finds no fault, and finds one that is put in', () => {
  assert.deepEqual(validate(text), []);
  assert.notDeepEqual(validate(`${text}\nCOPPY a b\n`), []);
});

test('every stage stands on the same image, pinned to a whole version', () => {
  const stages = new Set(restsOf('FROM').flatMap((rest) => rest.match(/ AS (?<name>\S+)/u)?.groups?.['name'] ?? []));
  const images = restsOf('FROM')
    .map((rest) => rest.split(' ')[0] ?? '')
    .filter((image) => !stages.has(image));
  assert.equal(new Set(images).size, 1);
  assert.match(images[0] ?? '', /^node:\d+\.\d+\.\d+-\w+-slim$/u);
});

test('the image runs on the LTS version that developers and the forge take, and that package.json allows [issue 15]', () => {
  const [, major] = /^node:(\d+)\./u.exec(restsOf('FROM')[0] ?? '') ?? [];
  assert.equal(major, '24');
  assert.equal(readFileSync(packagePath('.nvmrc'), 'utf8'), `${major}\n`);
  const { jobs } = parse(readFileSync(packagePath('.github', 'workflows', 'ci.yml'), 'utf8')) as {
    readonly jobs: { readonly test: { readonly strategy: { readonly matrix: { readonly node: readonly string[] } } } };
  };
  const { engines } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  const [, least] = /^>=(\d+)\./u.exec(engines.node) ?? [];
  assert.deepEqual(jobs.test.strategy.matrix.node, [least, '22', major]);
});

test('what is copied exists and is let through by .dockerignore', () => {
  const [all, ...kept] = readFileSync(packagePath('.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(all, '*');
  const letThrough = kept.map((line) => line.replace(/^!/u, ''));
  const sources = fromContext.flatMap((copy) => copy.sources).map((source) => source.replace(/^\.\//u, ''));
  assert.ok(sources.length > 5);
  for (const source of sources) {
    assert.ok(existsSync(packagePath(source)), `${source} does not exist`);
    assert.ok(
      letThrough.some((path) => source === path || source.startsWith(`${path}/`)),
      `.dockerignore keeps ${source} out`,
    );
  }
});

test('every file that the services read at run time is in the image', () => {
  const copied = restsOf('COPY', last).map((rest) => rest.split(/\s+/u).at(-1) ?? '');
  const read = ['services', 'shared']
    .flatMap((folder) =>
      readdirSync(packagePath(folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((name) => name.endsWith('.ts') && name !== join('shared', 'runtime', 'package-root.ts'))
    .flatMap((name) => [...readFileSync(packagePath(name), 'utf8').matchAll(/packagePath\((?<parts>[^)]*)\)/gu)])
    .map(({ groups }) => [...(groups?.['parts'] ?? '').matchAll(/'([^']*)'/gu)].map(([, part]) => part).join('/'));
  assert.ok(read.includes('shared/catalog/entries'));
  // `npm start` leaves its state in a checkout, and nowhere else.
  const needed = read.filter((name) => !name.startsWith('.foghorn/'));
  for (const path of needed.map((name) => `/app/${name}`))
    assert.ok(
      copied.some((folder) => path === folder || path.startsWith(`${folder}/`)),
      `${path} is not copied`,
    );
});

test('it runs as a numbered user that is not root, with the dependencies of production only', () => {
  assert.match(restsOf('USER', last).at(-1) ?? '', /^[1-9]\d*:[1-9]\d*$/u);
  assert.ok(instructions.some(({ rest }) => rest.startsWith('npm ci --ignore-scripts')));
  assert.ok(instructions.some(({ rest }) => rest.startsWith('npm prune --omit=dev')));
  assert.ok(last.some(({ rest }) => rest.startsWith('--from=production') && rest.includes('/app/node_modules')));
});

test('entry point and health check are in exec form and start programs that are there', () => {
  const commands = [restsOf('ENTRYPOINT', last)[0], restsOf('HEALTHCHECK', last)[0]?.replace(/^.*?CMD /u, '')];
  for (const command of commands) {
    const words = JSON.parse(command ?? '') as readonly string[];
    assert.equal(words[0], 'node');
    const program = words.at(-1) ?? '';
    assert.ok(program.startsWith('/app/deploy/') && existsSync(packagePath(program.slice('/app/'.length))), program);
  }
});

test('the labels say the package’s version and licence', () => {
  const labels = restsOf('LABEL', last).join(' ');
  assert.ok(labels.includes(`image.version="${version}"`));
  assert.ok(labels.includes(`image.licenses="${license}"`));
});
