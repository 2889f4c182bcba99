// Matchers over labels, as Alertmanager writes them: name, one of = != =~ !~, value; several with
// commas between them, in braces or without.
// https://prometheus.io/docs/alerting/latest/configuration/#matcher. What its two parsers read
// differently is refused. Pure.
import { parseAddressRanges } from './address-range.ts';
import { compileRegex } from './regex.ts';

/** Names and values of an incident. A name that is missing counts as the empty text. */
export type Labels = Readonly<Record<string, string>>;

/** Separates addresses in the label `address`. */
export const ADDRESS_SEPARATOR = ' ';

/** The name that compares the addresses of the host with an address range. */
export const NETWORK = 'network';

/** The four ways to compare. */
type MatcherOperator = '=' | '!=' | '=~' | '!~';

/** One condition on one label. `network` compares the host's addresses with an address range. */
export interface Matcher {
  readonly name: string;
  readonly operator: MatcherOperator;
  readonly value: string;
  /** In the form it is written in. */
  readonly text: string;
  readonly isTrue: (labels: Labels) => boolean;
}

/** Why a text is no matcher. */
interface BadMatcher {
  readonly kind: 'bad';
  readonly detail: string;
}

/** A matcher, or why the text is none. */
type ParsedMatcher = { readonly kind: 'matcher'; readonly matcher: Matcher } | BadMatcher;

/** One or more matchers, or why the text is none. */
type ParsedMatchers = { readonly kind: 'matchers'; readonly matchers: readonly Matcher[] } | BadMatcher;

const NAME = /"(?<quoted>(?:[^"\\]|\\.)+)"|(?<bare>[^\s{}!=~,\\"'`]+)/suy;
const OPERATOR = /\s*(?<operator>=~|!~|!=|=)\s*/uy;
const QUOTED_VALUE = /"(?<inner>(?:[^"\\]|\\.)*)"\s*(?=,|$)/suy;
const BARE_VALUE = /(?<bare>[^{}!=~,\\"'`]+)(?=,|$)/suy;
const END = /\s*,\s*|\s*$/uy;
const FORM = 'it has to be name, one of = != =~ !~, and a value, e.g. severity="error"';

/** Labels that Windows and the ids of incidents compare without regard to case. */
const CASELESS: ReadonlySet<string> = new Set(['host', 'provider', 'channel']);

/**
 * Reads a single matcher such as `severity=~"error|critical"`, `host!=media01` or
 * `network="10.1.0.0/16"`.
 */
export function parseMatcher(text: string): ParsedMatcher {
  const parsed = parseMatchers(text);
  if (parsed.kind === 'bad') return parsed;
  const [matcher, ...more] = parsed.matchers;
  if (matcher === undefined || more.length > 0) return bad(text, 'it has to be one matcher, without a comma');
  return { kind: 'matcher', matcher };
}

/**
 * Reads matchers such as `severity="error"`, `severity=error,host=~"m.*"` or `{severity="error"}`;
 * at least one.
 */
export function parseMatchers(text: string): ParsedMatchers {
  const inner = withoutBraces(text.trim());
  if (inner === undefined) return bad(text, 'a brace is missing, or stands in a value without double quotation marks');
  if (inner === '') return bad(text, FORM);
  const matchers: Matcher[] = [];
  for (let at = 0; at < inner.length; ) {
    const read = readOne(inner, at);
    if (typeof read === 'string') return bad(text, read);
    matchers.push(read.matcher);
    at = read.end;
  }
  return { kind: 'matchers', matchers };
}

/** Whether all matchers are true of the labels; true when there is none. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.isTrue(labels));
}

/** Matchers as people read them: `{severity="error",host="media01"}`. */
export function showMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ text }) => text).join(',')}}`;
}

/** The value of a label; the empty text when it is missing. */
export function labelValue(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/**
 * A label's value in the form in which two are compared: names of hosts, providers and channels in
 * lower case.
 */
export function comparable(name: string, value: string): string {
  return CASELESS.has(name) ? value.toLowerCase() : value;
}

function withoutBraces(text: string): string | undefined {
  if (!text.startsWith('{')) return text;
  return text.endsWith('}') ? text.slice(1, -1).trim() : undefined;
}

function readOne(text: string, from: number): { readonly matcher: Matcher; readonly end: number } | string {
  const named = at(NAME, text, from);
  if (named === undefined) return FORM;
  const compared = at(OPERATOR, text, named.end);
  if (compared === undefined) return FORM;
  const name = named.groups['quoted'] === undefined ? (named.groups['bare'] ?? '') : unescape(named.groups['quoted']);
  const operator = compared.groups['operator'] as MatcherOperator;
  const valued = at(QUOTED_VALUE, text, compared.end) ?? at(BARE_VALUE, text, compared.end);
  if (valued === undefined) return valueProblem(text.slice(compared.end), name, operator);
  const { inner, bare = '' } = valued.groups;
  const value = inner === undefined ? bare.trim() : unescape(inner);
  const test = testOf(name, operator, value);
  if (test.kind === 'bad') return test.detail;
  const matcher = { name, operator, value, text: text.slice(from, valued.end).trim(), isTrue: test.isTrue };
  return { matcher, end: at(END, text, valued.end)?.end ?? text.length };
}

/** Why no value could be read. */
function valueProblem(rest: string, name: string, operator: MatcherOperator): string {
  if (rest === '' || rest.startsWith(','))
    return `the value is missing; the empty value is written ${name}${operator}""`;
  if (/^[=~!]/u.test(rest)) return `${operator}${rest[0]} is no operator, only = != =~ !~ are`;
  if (/^['`]/u.test(rest)) return 'a value is quoted with double quotation marks, not with others';
  if (rest.startsWith('"')) return 'the quotation marks around the value do not match, or a comma is missing behind it';
  const [value = ''] = rest.split(',');
  const quoted = `${name}${operator}"${value.trim().replaceAll(/["\\]/gu, '\\$&')}"`;
  return `a value with one of {}!=~\\"'\` has to stand in double quotation marks, e.g. ${quoted}; matchers are separated by commas`;
}

function at(
  pattern: RegExp,
  text: string,
  from: number,
): { readonly groups: Readonly<Record<string, string | undefined>>; readonly end: number } | undefined {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found === null ? undefined : { groups: found.groups ?? {}, end: pattern.lastIndex };
}

type Test = { readonly kind: 'test'; readonly isTrue: (labels: Labels) => boolean } | BadMatcher;

function testOf(name: string, operator: MatcherOperator, value: string): Test {
  const isNegated = operator.startsWith('!');
  if (name === NETWORK) return networkTest(operator, value);
  if (operator === '=' || operator === '!=') {
    const wanted = comparable(name, value);
    return { kind: 'test', isTrue: (labels) => (comparable(name, labelValue(labels, name)) === wanted) !== isNegated };
  }
  const regex = compileRegex(value, { isCaseless: CASELESS.has(name) });
  if (regex.kind === 'bad') return regex;
  return { kind: 'test', isTrue: (labels) => regex.test(labelValue(labels, name)) !== isNegated };
}

function networkTest(operator: MatcherOperator, value: string): Test {
  if (operator !== '=' && operator !== '!=')
    return { kind: 'bad', detail: 'network takes = and != only, with an address range such as 10.1.0.0/16' };
  const range = parseAddressRanges([value]);
  if (range.kind === 'bad')
    return { kind: 'bad', detail: `${value} is no address range such as 10.1.0.0/16 or fd00::/8` };
  const hasOne = (labels: Labels): boolean =>
    labelValue(labels, 'address').split(ADDRESS_SEPARATOR).some(range.contains);
  return { kind: 'test', isTrue: (labels) => hasOne(labels) === (operator === '=') };
}

function bad(text: string, detail: string): BadMatcher {
  return { kind: 'bad', detail: `the matcher ${text} cannot be used: ${detail}` };
}

function unescape(text: string): string {
  return text.replaceAll(/\\(?<character>.)/gsu, (_, character: string) =>
    character === 'n' ? '\n' : character === '"' || character === '\\' ? character : `\\${character}`,
  );
}
