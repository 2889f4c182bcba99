// What README and ARCHITECTURE say by hand and a test can check: files that are named exist, the example settings load, every dependency has its line.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { enricherSchema } from '../../../../services/enricher/config.ts';
import { indexerSchema } from '../../../../services/indexer/config.ts';
import { notifierSchema } from '../../../../services/notifier/config.ts';
import { loadConfig } from '../../../../shared/runtime/config.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

const read = (name: string): string => readFileSync(packagePath(name), 'utf8');
const [readme, architecture] = [read('README.md'), read('ARCHITECTURE.md')];

const sources = ['shared', 'services', 'deploy', 'test'].flatMap((folder) =>
  readdirSync(packagePath(folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
);

test('every source file and folder that ARCHITECTURE names exists', () => {
  const named = [...architecture.matchAll(/`(?<path>[\w./-]+(?:\.ts|\.mjs|\.java|\.xml|\/))`/gu)].map(({ groups }) =>
    (groups?.['path'] ?? '').replace(/\/$/u, ''),
  );
  assert.ok(named.length > 50);
  for (const path of named)
    assert.ok(existsSync(packagePath(path)) || sources.some((source) => source.endsWith(`/${path}`)), path);
});

test('every file that README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?<path>[^):#]+)\)/gu)].map(({ groups }) => groups?.['path'] ?? '');
  assert.ok(links.length > 4);
  for (const path of links) assert.ok(existsSync(packagePath(path)), path);
});

test('every npm script that README shows exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const shown = [...readme.matchAll(/npm (?:run )?(?<name>start|test|(?<=run )[\w:]+)/gu)].map(
    ({ groups }) => groups?.['name'] ?? '',
  );
  assert.ok(shown.includes('start') && shown.includes('reset'));
  for (const name of shown) assert.ok(name in scripts, name);
});

test('each service takes the foghorn.yaml that README shows', () => {
  const text = /```yaml\n(?<yaml>[\s\S]*?)```/u.exec(readme)?.groups?.['yaml'] ?? '';
  const file = { name: 'foghorn.yaml', text };
  assert.deepEqual(loadConfig(collectorSchema, { env: {}, file }).kafka.brokers.length, 3);
  assert.equal(loadConfig(enricherSchema, { env: {}, file }).kafka.minInSyncReplicas, 2);
  assert.match(loadConfig(indexerSchema, { env: {}, file }).elasticsearch.nodes[0] ?? '', /^https:/u);
  assert.deepEqual(
    loadConfig(notifierSchema, { env: {}, file }).notifier.receivers.map(({ kind }) => kind),
    ['webhook', 'email'],
  );
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
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const table = architecture.slice(architecture.indexOf('## Dependencies'));
  const listed = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(?<name>[^`]+)`/gu)])
    .map(({ groups }) => groups?.['name'] ?? '');
  assert.deepEqual(listed.sort(), Object.keys({ ...dependencies, ...devDependencies }).sort());
});
