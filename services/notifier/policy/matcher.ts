// Matchers over labels, as Alertmanager writes them: name, one of = != =~ !~, value. https://prometheus.io/docs/alerting/latest/configuration/#matcher
import { parseAddressRanges } from './address-range.ts';
import { compileRegex } from './regex.ts';

/** Names and values of an incident. A name that is missing counts as the empty text. */
export type Labels = Readonly<Record<string, string>>;

/** Separates addresses in the label `address`. */
export const ADDRESS_SEPARATOR = ' ';

/** The four ways to compare. */
export type MatcherOperator = '=' | '!=' | '=~' | '!~';

/** One condition on one label. `network` compares the host's addresses with an address range. */
export interface Matcher {
  readonly name: string;
  readonly operator: MatcherOperator;
  readonly value: string;
  /** In the form it is written in. */
  readonly text: string;
  readonly isTrue: (labels: Labels) => boolean;
}

/** A matcher, or why the text is none. */
export type ParsedMatcher =
  | { readonly kind: 'matcher'; readonly matcher: Matcher }
  | { readonly kind: 'bad'; readonly detail: string };

const FORM =
  /^\s*(?:"(?<quotedName>(?:[^"\\]|\\.)+)"|(?<name>[^\s"'=!~{},]+))\s*(?<operator>=~|!~|!=|=)\s*(?<value>[\s\S]*?)\s*$/u;
const QUOTED = /^"(?<inner>(?:[^"\\]|\\.)*)"$/su;
const NETWORK = 'network';

/** Reads a matcher such as `severity=~"error|critical"`, `host!=media01` or `network="10.1.0.0/16"`. */
export function parseMatcher(text: string): ParsedMatcher {
  const found = FORM.exec(text)?.groups;
  if (found === undefined) return bad(text, 'it has to be name, one of = != =~ !~, and a value, e.g. severity="error"');
  const { quotedName, name: plainName = '', operator, value: raw = '' } = found;
  const value = unquote(raw);
  if (value === undefined) return bad(text, 'the quotation marks around the value do not match');
  const name = quotedName === undefined ? plainName : unescape(quotedName);
  const test = testOf(name, operator as MatcherOperator, value);
  if (test.kind === 'bad') return bad(text, test.detail);
  return {
    kind: 'matcher',
    matcher: { name, operator: operator as MatcherOperator, value, text: text.trim(), isTrue: test.isTrue },
  };
}

/** Whether all matchers are true of the labels; true when there is none. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.isTrue(labels));
}

/** Matchers as people read them: `{severity="error",host="media01"}`. */
export function showMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ text }) => text).join(',')}}`;
}

type Test =
  | { readonly kind: 'test'; readonly isTrue: (labels: Labels) => boolean }
  | { readonly kind: 'bad'; readonly detail: string };

function testOf(name: string, operator: MatcherOperator, value: string): Test {
  const isNegated = operator.startsWith('!');
  if (name === NETWORK) return networkTest(operator, value);
  if (operator === '=' || operator === '!=')
    return { kind: 'test', isTrue: (labels) => (valueOf(labels, name) === value) !== isNegated };
  const regex = compileRegex(value);
  if (regex.kind === 'bad') return regex;
  return { kind: 'test', isTrue: (labels) => regex.test(valueOf(labels, name)) !== isNegated };
}

function networkTest(operator: MatcherOperator, value: string): Test {
  if (operator !== '=' && operator !== '!=')
    return { kind: 'bad', detail: 'network takes = and != only, with an address range such as 10.1.0.0/16' };
  const range = parseAddressRanges([value]);
  if (range.kind === 'bad')
    return { kind: 'bad', detail: `${value} is no address range such as 10.1.0.0/16 or fd00::/8` };
  const hasOne = (labels: Labels): boolean => valueOf(labels, 'address').split(ADDRESS_SEPARATOR).some(range.contains);
  return { kind: 'test', isTrue: (labels) => hasOne(labels) === (operator === '=') };
}

/** A value with or without quotation marks; undefined when there is one too many. */
function unquote(raw: string): string | undefined {
  const inner = QUOTED.exec(raw)?.groups?.['inner'];
  if (inner !== undefined) return unescape(inner);
  return raw.includes('"') ? undefined : raw;
}

function valueOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

function bad(text: string, detail: string): ParsedMatcher {
  return { kind: 'bad', detail: `the matcher ${text} cannot be used: ${detail}` };
}

function unescape(text: string): string {
  return text.replaceAll(/\\(?<character>.)/gsu, (_, character: string) =>
    character === 'n' ? '\n' : character === '"' || character === '\\' ? character : `\\${character}`,
  );
}
