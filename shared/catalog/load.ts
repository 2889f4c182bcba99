// Reads catalogue files: YAML text in, the checked catalogue out, or every problem at once with
// file, line and field.
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { lintEntry, type EntryProblem } from './lint.ts';
import { findConflicts } from './precedence.ts';
import { entrySchema, type Catalog, type CatalogEntry } from './schema.ts';

/** A catalogue file: its name for messages, and its text, one entry in YAML 1.2. */
export interface CatalogFile {
  readonly name: string;
  readonly text: string;
}

/**
 * What is wrong where. `line` counts from 1; `path` is the field, e.g. `causes[0].text`, empty for
 * the file as a whole.
 */
export interface CatalogError {
  readonly file: string;
  readonly line?: number;
  readonly path: string;
  readonly message: string;
}

/** A catalogue without a problem; or all problems, in the order of the files, and what is sound. */
type CatalogResult =
  | { readonly kind: 'catalog'; readonly catalog: Catalog }
  | { readonly kind: 'errors'; readonly errors: readonly CatalogError[]; readonly entries: readonly CatalogEntry[] };

const MAX_FILE_LENGTH = 512 * 1024;

interface ReadFile {
  readonly entry?: CatalogEntry;
  readonly errors: readonly CatalogError[];
  readonly locate: (problem: EntryProblem) => CatalogError;
}

/**
 * Parses and checks all files together. Never throws for bad text. Entries come out ordered by id.
 */
export function parseCatalog(files: readonly CatalogFile[]): CatalogResult {
  const read = files.map(readFile);
  const sources = new Map(read.flatMap((it) => (it.entry === undefined ? [] : [[it.entry, it] as const])));
  const conflicts = findConflicts([...sources.keys()], sources.size === files.length).flatMap((conflict) => {
    const source = sources.get(conflict.entry);
    return source === undefined ? [] : [source.locate(conflict)];
  });
  const errors = [...read.flatMap((it) => it.errors), ...conflicts];
  const entries = [...sources.keys()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  if (errors.length > 0) return { kind: 'errors', errors, entries };
  return { kind: 'catalog', catalog: { entries } };
}

/** One line a problem: `file:line field: what is wrong`. */
export function formatCatalogError(error: CatalogError): string {
  const place = error.line === undefined ? error.file : `${error.file}:${error.line}`;
  return `${place} ${error.path === '' ? '' : `${error.path}: `}${error.message}`;
}

function readFile({ name, text }: CatalogFile): ReadFile {
  const lines = new LineCounter();
  const whole = (message: string, line?: number): CatalogError => ({
    file: name,
    ...(line === undefined ? {} : { line }),
    path: '',
    message,
  });
  const nowhere = (problem: EntryProblem): CatalogError => whole(problem.message);
  if (text.length > MAX_FILE_LENGTH)
    return {
      errors: [whole(`the file has ${text.length} characters; at most ${MAX_FILE_LENGTH} are allowed`)],
      locate: nowhere,
    };
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true, prettyErrors: false, version: '1.2' });
  // A warning is, among others, a tag nobody knows: refused, not guessed at.
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0)
    return {
      errors: problems.map((error) => {
        const { line } = lines.linePos(error.pos[0]);
        return whole(`${error.message}${braceHint(text, line)}`, line);
      }),
      locate: nowhere,
    };
  const locate = (problem: EntryProblem): CatalogError => {
    const line = lineOf(document, lines, problem.path);
    return {
      file: name,
      ...(line === undefined ? {} : { line }),
      path: pathText(problem.path),
      message: problem.message,
    };
  };
  const { entry, problems: found } = checkEntry(document);
  return { ...(entry === undefined ? {} : { entry }), errors: found.map(locate), locate };
}

/** `title: {host} …` is the most likely mistake in an entry: YAML takes the brace for a map. */
function braceHint(text: string, line: number): string {
  const isLikely = /^[\s-]*[\w.]+:\s*\{/u.test(text.split('\n')[line - 1] ?? '');
  return isLikely ? '; a text that begins with { stands between quotation marks' : '';
}

interface CheckedEntry {
  /** Missing where the schema refuses it. */
  readonly entry?: CatalogEntry;
  readonly problems: readonly EntryProblem[];
}

function checkEntry(document: Document): CheckedEntry {
  const value = toValue(document);
  if (value.kind === 'bad') return { problems: [{ path: [], message: value.message }] };
  const parsed = entrySchema.safeParse(value.value);
  if (parsed.success) return { entry: parsed.data, problems: lintEntry(parsed.data) };
  const problems = parsed.error.issues.flatMap(problemsIn);
  const rest = withoutSections(value.value, new Set(problems.map(({ path }) => path[0])));
  return { problems: [...problems, ...(rest === undefined ? [] : lintEntry(rest))] };
}

/** What stands for a section that the schema refuses: nothing in it is a problem for the others. */
const STAND_INS: Readonly<Record<string, unknown>> = {
  id: 'x',
  version: 1,
  name: 'x',
  provider: { name: 'x' },
  eventIds: [0],
  class: 'x',
  severity: 'info',
  title: 'x',
  summary: 'x',
  source: { title: 'x', publisher: 'x' },
  reviewed: '2026-01-01',
};

/**
 * The entry without these sections, so that problems of the others are found in the same run.
 * Undefined where the others refer to one of them, or where it is no entry at all.
 */
function withoutSections(value: unknown, sections: ReadonlySet<unknown>): CatalogEntry | undefined {
  if (typeof value !== 'object' || sections.has('parameters') || sections.has('when')) return undefined;
  const kept = Object.entries(value ?? {}).filter(([name]) => !sections.has(name));
  const made = Object.entries(STAND_INS).filter(([name]) => sections.has(name));
  const parsed = entrySchema.safeParse(Object.fromEntries([...kept, ...made]));
  return parsed.success ? parsed.data : undefined;
}

function toValue(document: Document): { kind: 'value'; value: unknown } | { kind: 'bad'; message: string } {
  try {
    // An alias may stand for a text that is used twice, not for a bomb.
    return { kind: 'value', value: document.toJS({ maxAliasCount: 32 }) };
  } catch (error) {
    return { kind: 'bad', message: error instanceof Error ? error.message : 'aliases cannot be resolved' };
  }
}

function problemsIn(issue: z.core.$ZodIssue): EntryProblem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? part.toString() : part));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'there is no such field' }));
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return [{ path, message: isMissing ? 'is missing' : issue.message }];
}

/** The line of the field's key, or of the nearest thing above it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const offset = offsetOf(document, path.slice(0, depth));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  const start = document.contents?.range?.[0];
  return start === undefined ? undefined : lines.linePos(start).line;
}

function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** A path as text, e.g. `remediation[0].steps`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./u, '');
}
