// A YAML file of settings: its values, its problems by line and column, and where each value
// stands. Never quotes the file, which holds secrets.
import {
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  Parser,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

/** One problem of the file itself. */
interface YamlProblem {
  /** `file:line:column`, or the file's name. */
  readonly where: string;
  readonly message: string;
}

/** A file that was read, as far as it can be. */
export interface YamlSource {
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Where a key stands, `file:line:column`; of the nearest one above when it is missing. */
  locate(path: readonly string[], what: 'key' | 'value'): string;
}

/** Expressed by hand, because the parser's own words quote the file. */
const MEANING: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  ALIAS_PROPS: 'an alias (*name) has neither an anchor nor a tag',
  BAD_ALIAS: 'this alias or anchor is ambiguous; text that begins with * or & has to be quoted',
  BAD_DIRECTIVE: 'this directive (%) is unknown; text that begins with % has to be quoted',
  BAD_DQ_ESCAPE: 'this escape sequence (\\) is none of YAML; use single quotes where a backslash is meant',
  BAD_INDENT: 'the indentation does not fit the lines above, or a quote or bracket is not closed',
  BAD_PROP_ORDER: 'an anchor (&) or tag (!) stands in front of the value; text that begins with these has to be quoted',
  BAD_SCALAR_START: 'text that begins with @ or ` has to be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'a second colon in this line: quote text that has a colon followed by a space',
  BLOCK_IN_FLOW: 'lines with indentation cannot stand inside brackets or braces',
  DUPLICATE_KEY: 'this key stands here a second time; keep one of them',
  KEY_OVER_1024_CHARS: 'this key is too long; a quote may be missing',
  MISSING_CHAR: 'something is missing: a colon with a space behind it, a comma, a bracket or a closing quote',
  MULTILINE_IMPLICIT_KEY: 'a key stands in one line with its colon; a colon may be missing in a line above',
  MULTIPLE_ANCHORS: 'a value has one anchor (&) at most; text that begins with & has to be quoted',
  MULTIPLE_DOCS: 'a second document (---) begins; the settings are one document',
  MULTIPLE_TAGS: 'a value has one tag (!) at most; text that begins with ! has to be quoted',
  RESOURCE_EXHAUSTION: 'brackets or braces are nested too deeply here; one may not be closed',
  TAB_AS_INDENT: 'a tab; YAML is indented by spaces',
  TAG_RESOLVE_FAILED: 'this tag (!) is unknown; text that begins with ! has to be quoted',
};
/** No settings need as much; everything that walks through them may rely on it. */
export const MAX_DEPTH = 100;
const OTHER = 'this is no YAML that settings can be made of';
/** After these the rest of the file still means what it says. */
const HARMLESS: ReadonlySet<string> = new Set([
  'DUPLICATE_KEY',
  'TAG_RESOLVE_FAILED',
  'BAD_DQ_ESCAPE',
  'TAB_AS_INDENT',
]);

/**
 * Reads a file's text; never throws. Sections of the mapping at the top that a problem makes
 * unreliable are left out of the value.
 */
export function readYaml(name: string, text: string): YamlSource {
  const lines = new LineCounter();
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return name;
    const { line, col } = lines.linePos(offset);
    return line === 0 ? name : `${name}:${line}:${col}`;
  };
  try {
    if (nestsDeeply(text)) return endless(name);
    const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, logLevel: 'error' });
    const found = [...document.errors, ...document.warnings];
    const problems = found.map(({ code, pos }) => ({ where: at(pos[0]), message: MEANING[code] ?? OTHER }));
    for (const offset of dropLooseAliases(document))
      problems.push({
        where: at(offset),
        message: 'this alias (*) names nothing above; text that begins with * has to be quoted',
      });
    const fatal = found.filter(({ code }) => !HARMLESS.has(code)).map(({ pos }) => pos[0]);
    dropSections(document, fatal);
    const value: unknown = document.toJS();
    if (isDeeperThan(value, MAX_DEPTH)) return endless(name);
    return { value, problems, locate: (path, what) => at(offsetOf(document, path, what)) };
  } catch {
    // The parser throws for aliases that grow without end and for nesting deeper than the stack;
    // its words quote the file.
    return endless(name);
  }
}

function endless(name: string): YamlSource {
  const message = 'the file cannot be read as settings: its aliases or brackets are nested without end';
  return { value: undefined, problems: [{ where: name, message }], locate: () => name };
}

/**
 * Whether brackets or lists stand inside one another too often. Asked of the tokens, before the
 * parser composes them: it does so recursively, and where a regular expression is compiled at the
 * end of the stack V8 ends the process.
 */
function nestsDeeply(text: string): boolean {
  const left: { readonly token: CST.Token | null | undefined; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) left.push({ token, depth: 0 });
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return true;
    if (token?.type === 'document') left.push({ token: token.value, depth });
    if (token === null || token === undefined || !('items' in token)) continue;
    for (const { key, value } of token.items as readonly CST.CollectionItem[])
      left.push({ token: key, depth: depth + 1 }, { token: value, depth: depth + 1 });
  }
  return false;
}

/**
 * Whether something is nested more than so many levels deep; an alias inside of what it stands for
 * has no end at all.
 */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}

/** Leaves out aliases without an anchor; gives their offsets. */
function dropLooseAliases(document: Document.Parsed): readonly number[] {
  const offsets: number[] = [];
  const isLoose = (node: unknown): boolean => {
    if (!isAlias(node) || node.resolve(document) !== undefined) return false;
    offsets.push(node.range?.[0] ?? 0);
    return true;
  };
  visit(document, {
    Pair: (_, pair) => (isLoose(pair.value) || isLoose(pair.key) ? visit.REMOVE : undefined),
    Alias: (_, alias) => (isLoose(alias) ? visit.REMOVE : undefined),
  });
  return offsets;
}

function dropSections({ contents }: Document.Parsed, offsets: readonly number[]): void {
  if (!isMap(contents)) return;
  const items = contents.items as Pair[];
  contents.items = items.filter((pair, index) => {
    const from = startOf(pair) ?? 0;
    const next = items[index + 1];
    const to = (next === undefined ? undefined : startOf(next)) ?? Number.POSITIVE_INFINITY;
    return !offsets.some((offset) => offset >= from && offset < to);
  }) as typeof contents.items;
}

function startOf({ key }: Pair): number | undefined {
  return rangeStart(key);
}

function offsetOf(document: Document.Parsed, path: readonly string[], what: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const [index, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const { keyNode, value } = entryAt(node, key);
    const isValueWanted = keyNode === undefined || (what === 'value' && index === path.length - 1);
    offset = (isValueWanted ? rangeStart(value) : undefined) ?? rangeStart(keyNode) ?? offset;
    if (value === undefined || value === null) return offset;
    node = value;
  }
  return offset;
}

function entryAt(node: unknown, key: string): { readonly keyNode?: unknown; readonly value?: unknown } {
  if (isSeq(node)) return { value: node.items[Number(key)] };
  if (!isMap(node)) return {};
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return pair === undefined ? {} : { keyNode: pair.key, value: pair.value };
}

function rangeStart(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
