// What pages say by hand and a test can check: files that are named exist, tags and dependencies
// have their line, the README is short.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

const read = (name: string): string => readFileSync(packagePath(name), 'utf8');
const [readme, architecture] = [read('README.md'), read('ARCHITECTURE.md')];

const sources = ['shared', 'services', 'deploy', 'test'].flatMap((folder) =>
  readdirSync(packagePath(folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
);

test('every source file and folder that ARCHITECTURE names exists, and a file by a name that no other has', () => {
  const named = [...architecture.matchAll(/`(?<path>[\w./-]+(?:\.ts|\.mjs|\.java|\.xml|\/))`/gu)].map(({ groups }) =>
    (groups?.['path'] ?? '').replace(/\/$/u, ''),
  );
  assert.ok(named.length > 50);
  const product = sources.filter((source) => !source.startsWith('test/'));
  for (const path of named.filter((name) => !existsSync(packagePath(name)))) {
    const found = (path.includes('.') ? product : sources).filter((source) => source.endsWith(`/${path}`));
    assert.ok(path.includes('.') ? found.length === 1 : found.length > 0, `${path}: ${found.join(', ')}`);
  }
});

test('README is one screen or two [issue 15]', () => {
  const words = readme.split(/\s+/u).length;
  assert.ok(words < 1050, `${words} words`);
  assert.match(readme, /```sh\nnpm start\n```/u);
  assert.match(readme, /```sh\nnpm test\n```/u);
});

test('docs/tags.md has every tag that an event can get, and no other [14 §3]', () => {
  const inSource = sources
    .filter((name) => /^(?:shared|services)\/.*\.ts$/u.test(name))
    .flatMap((name) =>
      [...read(name).matchAll(/_TAG = '(?<tag>foghorn_\w+)'/gu)].map(({ groups }) => groups?.['tag'] ?? ''),
    );
  const documented = [...read('docs/tags.md').matchAll(/^\| (?<tags>`foghorn_[^|]*) \|/gmu)].flatMap(({ groups }) =>
    [...(groups?.['tags'] ?? '').matchAll(/foghorn_\w+/gu)].map(([tag]) => tag),
  );
  assert.ok(inSource.length > 10);
  assert.deepEqual(documented.sort(), [...new Set(inSource)].sort());
});

test('ARCHITECTURE has a line for each dependency and for nothing else', () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read('package.json')) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const table = architecture.slice(architecture.indexOf('## Dependencies'));
  const listed = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(?<name>[^`]+)`/gu)])
    .map(({ groups }) => groups?.['name'] ?? '');
  assert.deepEqual(listed.sort(), Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }).sort());
});

test('each record of a decision has its number, a date, the four parts and a line in the index [issue 15]', () => {
  const index = read('docs/decisions/README.md');
  const records = readdirSync(packagePath('docs', 'decisions')).filter((name) => name !== 'README.md');
  assert.ok(records.length > 40);
  records.sort().forEach((name, at) => {
    const text = read(`docs/decisions/${name}`);
    assert.match(name, new RegExp(`^${String(at + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`, 'u'));
    assert.match(text, new RegExp(`^# ${at + 1}\\. \\S.*\\n\\n\\d{4}-\\d{2}-\\d{2}\\n`, 'u'), name);
    const parts = [...text.matchAll(/^## (?<part>.+)$/gmu)].map(({ groups }) => groups?.['part']);
    assert.deepEqual(parts, ['Context', 'Decision', 'Consequences', 'Alternatives'], name);
    assert.ok(text.split(/\s+/u).length < 260, `${name} is not short`);
    assert.ok(index.includes(`](${name})`), `${name} is not in the index`);
  });
});

test('CHANGELOG has the form of Keep a Changelog: a date for each release, each kind of change once [issue 15]', () => {
  const releases = read('CHANGELOG.md').split(/^## /mu).slice(1);
  const [unreleased = '', ...others] = releases;
  assert.match(unreleased, /^\[Unreleased\]\n/u);
  for (const release of others) assert.match(release, /^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}\n/u);
  const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
  for (const release of releases) {
    const kinds = [...release.matchAll(/^### (?<kind>.+)$/gmu)].map(({ groups }) => groups?.['kind'] ?? '');
    assert.deepEqual(
      kinds,
      KINDS.filter((kind) => kinds.includes(kind)),
    );
  }
});
