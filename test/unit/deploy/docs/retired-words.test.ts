// Words that the glossary has replaced stay replaced: identifiers, comments, log lines, settings
// and documentation.
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
  [/\b(?:un)?told\b/iu, 'notified, reported or stated'],
  [/\btell(?:s|er|ers|ing)?\b/iu, 'notify, report, state or distinguish'],
  [/\bjudge(?:s|d|ment)?\b/iu, 'check, classify or decide'],
  [/\bjudg(?:ement|ing)\b/iu, 'check, classify or decide'],
  [/\bremember(?:s|ed|ing)?\b/iu, 'keep or cache'],
  [/\bforg[eo]t(?:s|ten|ting)?\b/iu, 'purge, delete or lose'],
  [/\bowe[sd]?\b/iu, 'unrecorded or due'],
  [/\bsick\b/iu, 'unavailable or failing'],
  [/\bledger\b/iu, 'notification log'],
  [/\brows? of (?:the|its) (?:time ?line|action stream|activity)/iu, 'activity entry'],
];

/** Where a word is not ours to choose: file → words, with the reason. */
const ALLOWED: readonly (readonly [RegExp, RegExp, string])[] = [];

const ROOTS =
  'services shared deploy test docs README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md .env.example foghorn.example.yaml'.split(
    ' ',
  );
const TEXT = /\.(?:ts|mjs|cjs|md|yaml|lua|example)$/u;
/** Texts of the vendor, generated pages of them, and history. */
const FOREIGN =
  /^(?:docs\/decisions\/|deploy\/evtx\/|test\/data\/|test\/unit\/(?:deploy\/docs\/retired-words|shared\/catalog\/import-(?:dialects|pages))\.test\.ts$)/u;

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
  for (const line of ['const lastWish = 1;', '// a neighbour', 'neighbour_waits: 1', '`patiently`'])
    assert.equal(findingsIn('x.ts', line).length, 1, line);
  assert.deepEqual(findingsIn('x.ts', 'a neighbourhood of wishful words'), []);
});
