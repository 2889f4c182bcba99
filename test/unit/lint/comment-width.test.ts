// Comments are at most 100 columns wide; the formatter leaves them as they are.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { packagePath } from '../../../shared/runtime/package-root.ts';

const MAX_WIDTH = 100;
/** What is indented after its marker is a picture or a table. */
const COMMENT = /^\s*(?:\/\/|\/\*\*?|\*|--) (?<text>\S.*)$/u;
/** Written by generators, whose texts are template strings. */
const GENERATED = /^(?:shared\/ecs\/(?:ecs-fields|event-data-names)\.ts|deploy\/ecs\/)/u;

/** The lines that could be broken; a single word, such as an address, cannot. */
function tooWide(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => {
    const words = COMMENT.exec(line)?.groups?.['text']?.replace(/^(?:- )?(?:Sources?: )?/u, '') ?? '';
    const isDirective = /^(?:oxlint-|biome-|keys: |args: )/u.test(words);
    const canBreak = words.replace(/\s*\*\/$/u, '').includes(' ') && !isDirective;
    return line.length > MAX_WIDTH && canBreak ? [index + 1] : [];
  });
}

test('no comment is wider than 100 columns [issue 15]', () => {
  const root = packagePath();
  const files = ['services', 'shared', 'deploy', 'test'].flatMap((folder) =>
    readdirSync(packagePath(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:tsx?|mjs|cjs|lua)$/u.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  const wide = files
    .filter((name) => !GENERATED.test(name) && !name.startsWith('test/data/'))
    .flatMap((name) => tooWide(readFileSync(join(root, name), 'utf8')).map((line) => `${name}:${line}`));
  assert.ok(files.length > 700, `${files.length} files`);
  assert.deepEqual(wide, []);
});

test('a wide line of prose is found, an address and a directive are not', () => {
  assert.deepEqual(tooWide(`// ${'word '.repeat(30)}`), [1]);
  assert.deepEqual(tooWide(` * Source: https://example.org/${'x'.repeat(100)}`), []);
  assert.deepEqual(tooWide(`// oxlint-disable-next-line ${'rule '.repeat(30)}`), []);
});
