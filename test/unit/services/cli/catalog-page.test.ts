// The catalogue's page: everything that an entry holds is there, as text, whatever it holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogEntry } from '../../../../shared/catalog/schema.ts';
import { catalogHtml, catalogMarkdown } from '../../../../services/cli/catalog/page.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';

const { entries } = await loadCatalogFolders([]);
const model = entries.find(({ id }) => id === 'wmserver-309-port-in-use') as CatalogEntry;

test('each entry is in the index once and has its place', () => {
  const html = catalogHtml(entries);
  for (const { id } of entries) {
    assert.equal(html.split(`href="#${id}"`).length - 1, 1, id);
    assert.equal(html.split(`id="${id}"`).length - 1, 1, id);
  }
  assert.equal(html.split('<a href="#">All entries</a>').length - 1, entries.length, 'the way back on a phone');
});

test('no placeholder is left over', () => {
  for (const page of [catalogHtml(entries), catalogMarkdown(entries)]) assert.doesNotMatch(page, /\{[a-z]+(?:\||\})/u);
});

test('causes, steps, commands, checks, notes, sources and gaps of an entry are there', () => {
  const html = catalogHtml([model]);
  const commands = [...model.causes, ...model.remediation.flatMap(({ steps }) => steps)].flatMap(
    ({ command }) => command ?? [],
  );
  assert.ok(commands.length > 5);
  for (const command of commands)
    assert.ok(
      html.includes(`<pre tabindex="0">${command.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</pre>`),
      command,
    );
  assert.equal(html.split('<li>').length - 1 > 50, true);
  for (const { title } of model.references) assert.ok(html.includes(title), title);
  for (const gap of model.gaps) assert.ok(html.includes(gap), gap);
  assert.match(html, /<li>Product Windows Media Services 9\.5</u, 'one version is no range');
});

test('markup in an entry is text', () => {
  const evil = '<script>alert(1)</script> [x](javascript:alert(2)) `code` | cell';
  const entry: CatalogEntry = {
    ...model,
    name: evil,
    notes: [evil],
    references: [{ kind: 'article', title: evil, url: 'https://example.org/"><script>' }],
  };
  const html = catalogHtml([entry]);
  assert.equal(html.split('<script').length - 1, 1, 'the search');
  const markdown = catalogMarkdown([entry]);
  assert.doesNotMatch(markdown, /(?<!\\)<script|(?<!\\)\[x\]/u);
  const cells = markdown.split('\n').find((line) => line.startsWith('| WMServer'));
  assert.equal(cells?.split(/(?<!\\)\|/u).length, 7);
});
