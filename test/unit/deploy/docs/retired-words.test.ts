// Words that the glossary has replaced stay replaced: identifiers, comments, log lines, settings and documentation.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

/** Retired word → what is said instead. Whole words of identifiers and texts, in any case. */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/\bdeeds?\b/iu, 'command'],
  [/\bwish(?:es|ed)?\b/iu, 'request or command'],
  [/\bpatien(?:ce|tly)\b/iu, 'retry'],
  [/\bneighbours?\b/iu, 'dependency'],
  [/\bobey(?:s|ed)?\b/iu, 'execute'],
  [/\bovertaken\b/iu, 'superseded'],
  [/\bledgers?\b/iu, 'notification log'],
  [/\bredriven\b/iu, 'redelivered'],
  [/\bbeliev(?:e|es|ed)\b/iu, 'trusted or verified'],
  [/\bhear(?:s|d)?\b/iu, 'receive or notified'],
  [/\blasting consumer\b/iu, 'ReconnectingConsumer'],
];

/** Where a word is not ours to choose: file → words, with the reason. */
const ALLOWED: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^docs\/measured\.md$/u, /\bneighbours?\b/iu, 'records beside one another'],
];

const ROOTS = ['services', 'shared', 'deploy', 'docs', 'README.md', 'ARCHITECTURE.md', '.env.example'];
const TEXT = /\.(?:ts|mjs|cjs|md|yaml|lua|example)$/u;
/** Texts of the vendor, generated pages of them, and history. */
const FOREIGN = /^(?:shared\/catalog\/(?:entries|articles)\/|docs\/(?:catalog\.md|decisions\/)|deploy\/evtx\/)/u;

function filesUnder(path: string): readonly string[] {
  if (TEXT.test(path)) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The words of a line, those of camel case one by one. */
function wordsOf(line: string): string {
  return line.replaceAll(/(?<=[a-z\d])(?=[A-Z])/gu, ' ').replaceAll('_', ' ');
}

function findingsIn(name: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    RETIRED.filter(([word]) => word.test(wordsOf(line)))
      .filter(([word]) => !ALLOWED.some(([file, allowed]) => file.test(name) && allowed.source === word.source))
      .map(
        ([word, instead]) =>
          `${name}:${index + 1}: ${word.source} is retired, say ${instead}: ${line.trim().slice(0, 120)}`,
      ),
  );
}

test('no retired word is in code, settings or documentation [issue 15]', () => {
  const root = packagePath();
  const files = ROOTS.flatMap((path) => filesUnder(packagePath(path))).map((path) => relative(root, path));
  const read = files.filter((name) => !FOREIGN.test(name));
  assert.ok(read.length > 300, `${read.length} files`);
  assert.deepEqual(
    read.flatMap((name) => findingsIn(name, readFileSync(packagePath(name), 'utf8'))),
    [],
  );
});

test('a retired word is found in an identifier, a comment and a setting', () => {
  for (const line of ['const lastWish = 1;', '// a sick neighbour', 'neighbour_waits: 1', '`patiently`'])
    assert.equal(findingsIn('x.ts', line).length, 1, line);
  assert.deepEqual(findingsIn('x.ts', 'a neighbourhood of wishful words'), []);
});
