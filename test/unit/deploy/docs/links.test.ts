// Every relative link of every page leads to a file that is there, and to a heading that is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { anchorsOf, linksOf, type Page, pages } from '../../../support/markdown.ts';

/** What is wrong with the links of a page; one line each. */
function brokenLinks({ path, text }: Page): readonly string[] {
  return linksOf(text)
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/iu.test(target))
    .flatMap((target) => {
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? path : join(dirname(path), decodeURIComponent(file));
      if (to.startsWith('..') || (file !== '' && !existsSync(packagePath(to))))
        return [`${path}: ${target} leads nowhere`];
      if (anchor === undefined) return [];
      const isPage = file !== '' && to.endsWith('.md') && statSync(packagePath(to)).isFile();
      const heads = file === '' ? text : isPage ? readFileSync(packagePath(to), 'utf8') : '';
      return anchorsOf(heads).has(anchor) ? [] : [`${path}: ${target} names no heading`];
    });
}

const all = pages();

test('every relative link leads to a file and a heading that are there [issue 15]', () => {
  assert.ok(all.flatMap(({ text }) => linksOf(text)).length > 60);
  assert.deepEqual(all.flatMap(brokenLinks), []);
});

test('a link to a missing file, a missing heading or a place outside is found', () => {
  const text = [
    '# One & two',
    '[a](missing.md) [b](README.md#missing) [c](#one--two) [d](../elsewhere.md) `[e](nowhere.md)` [f](https://x.example/#y)',
    '```text',
    '[g](nowhere.md)',
    '```',
    '[h](#missing)',
  ].join('\n');
  assert.deepEqual(brokenLinks({ path: 'PAGE.md', text }), [
    'PAGE.md: missing.md leads nowhere',
    'PAGE.md: README.md#missing names no heading',
    'PAGE.md: ../elsewhere.md leads nowhere',
    'PAGE.md: #missing names no heading',
  ]);
});

test('every page in docs/ is reached from docs/README.md', () => {
  const index = all.find(({ path }) => path === join('docs', 'README.md'));
  const linked = new Set(linksOf(index?.text ?? '').map((target) => join('docs', target.split('#')[0] ?? '')));
  const inDocs = all.map(({ path }) => path).filter((path) => dirname(path) === 'docs' && path !== index?.path);
  assert.ok(inDocs.length > 10);
  assert.deepEqual(
    inDocs.filter((path) => !linked.has(path)),
    [],
  );
});
