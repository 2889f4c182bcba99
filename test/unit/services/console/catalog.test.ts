// The catalogue in the API: each entry as the page shows it, own folders included; a folder that
// cannot be read is tried again.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addCatalogOperation, createCatalog } from '../../../../services/console/api/catalog-operations.ts';
import type { EntryPage } from '../../../../shared/catalog/page-blocks.ts';
import { entryTree, foundEntries, indexTree, type Tree } from '../../../../shared/catalog/page-tree.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { apiWith, ask } from '../../../support/console-api.ts';

const BUILT_IN = packagePath('shared', 'catalog', 'entries');

async function entriesWith(folder: string): Promise<readonly EntryPage[]> {
  const api = apiWith((it) => addCatalogOperation(it, { catalog: createCatalog([folder]) }));
  const answer = await ask(api, '/api/v1/catalog');
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { readonly entries: readonly EntryPage[] }).entries;
}

function textsOf(tree: Tree): readonly string[] {
  return typeof tree === 'string' ? [tree] : tree.children.flatMap(textsOf);
}

test('each entry is there in words, one of an own folder too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-catalog-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'own.yaml'), anotherEntry());
  const entries = await entriesWith(folder);
  assert.ok(entries.some(({ id }) => id === 'our-316'));
  const conflict = entries.find(({ id }) => id === 'wmserver-309-port-in-use');
  assert.ok(conflict !== undefined);
  assert.deepEqual(
    [conflict.provider, conflict.events, conflict.kind, conflict.severity],
    ['WMServer', '309', 'fault', 'error'],
  );
  const texts = textsOf(entryTree(conflict));
  assert.ok(
    texts.some((text) => text.startsWith('netstat')),
    'commands are there',
  );
  assert.equal(textsOf(indexTree(entries, (id) => `#${id}`)).filter((text) => text === conflict.name).length, 1);
  assert.equal(foundEntries(entries, 'WMServer 309 port')[0], conflict, 'before those that only mention it');
  assert.ok(foundEntries(entries, 'wmserver 309 NETSTAT').includes(conflict));
  assert.ok(!foundEntries(entries, 'wmserver 309 kubernetes').includes(conflict));
  assert.equal(foundEntries(entries, '').length, entries.length);
});

test('a folder that cannot be read is an error, and read again when it can be', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'foghorn-catalog-'));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, 'later');
  const catalog = createCatalog([folder]);
  await assert.rejects(catalog(), /cannot be read/u);
  cpSync(BUILT_IN, folder, { recursive: true, filter: (name) => !name.endsWith('.yaml') });
  const { length } = await catalog();
  assert.ok(length > 30);
  const own = join(folder, 'own.yaml');
  writeFileSync(own, anotherEntry());
  assert.equal((await catalog()).length, length + 1, 'a new file counts at once');
  writeFileSync(own, 'id: [');
  assert.equal((await catalog()).length, length + 1, 'one with a mistake changes nothing');
});

/** An entry that is not among the built-in ones. */
function anotherEntry(): string {
  const source = readFileSync(join(BUILT_IN, 'wmserver-316.yaml'), 'utf8');
  return source
    .replace('id: wmserver-316-log-folder-created', 'id: our-316')
    .replace(/^eventIds: .*$/mu, 'eventIds: [60316]');
}
