// The conditions of an EQL query, each event of a sequence one of its own. Syntax:
// https://www.elastic.co/docs/reference/query-languages/eql/eql-syntax.
import { RANGES, readOr } from './boolean.ts';
import { anyOf, type Expression, isOrLike, test } from './expression.ts';
import { NotExpressed, type Tokens, tokensOf } from './tokens.ts';

const PATTERNS = {
  space: /(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)+/uy,
  text: /"""[^]*?"""|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/uy,
  name: /\??[A-Za-z_@`][\w.@`-]*~?/uy,
  number: /-?\d+(?:\.\d+)?[a-z]?/uy,
  sign: /==|!=|<=|>=|[<>:()[\],|~=+*/-]/uy,
};

/**
 * What each event that it names has to be. Throws NotExpressed for what is not asked of one event.
 */
export function readEql(query: string): readonly Expression[] {
  const tokens = tokensOf(query, PATTERNS);
  if (tokens.takeIf('sequence', 'sample') === undefined) return [readEvent(tokens)];
  const events: Expression[] = [];
  while (tokens.peek() !== undefined && tokens.peek()?.text !== '|') {
    if (tokens.takeIf('[') === undefined) {
      tokens.take();
      continue;
    }
    events.push(readEvent(tokens));
    tokens.expect(']');
  }
  return events;
}

/** The category is a condition, too. */
function readEvent(tokens: Tokens): Expression {
  const category = tokens.take().text;
  tokens.expect('where');
  const condition = tokens.takeIf('true') === undefined ? readOr(tokens, readTest) : ({ kind: 'all' } as const);
  if (category === 'any') return condition;
  return { kind: 'and', of: [test('event.category', 'is', unquoted(category)), condition] };
}

function readTest(tokens: Tokens): Expression {
  const { kind, text } = tokens.take();
  if (kind !== 'name') throw new NotExpressed(`no field: ${text}`);
  return tokens.takeIf('(') === undefined ? readComparison(tokens, fieldOf(text)) : readCall(tokens, text);
}

function fieldOf(name: string): string {
  return name.replaceAll('`', '').replace(/^\?/u, '');
}

function readComparison(tokens: Tokens, field: string): Expression {
  const isNot = tokens.takeIf('not') !== undefined;
  const operator = tokens.take().text.toLowerCase();
  const found = compare(tokens, field, operator);
  return isNot || operator === '!=' ? { kind: 'not', of: found } : found;
}

function compare(tokens: Tokens, field: string, operator: string): Expression {
  if (operator === '==' || operator === '!=') {
    if (tokens.takeIf('null') !== undefined) return { kind: 'not', of: test(field, 'exists') };
    return test(field, 'is', readValue(tokens));
  }
  if (operator in RANGES) return test(field, RANGES[operator as keyof typeof RANGES], readValue(tokens));
  const isCaseless = operator === ':' || operator.endsWith('~');
  const values = readList(tokens);
  const name = operator.replace('~', '');
  if (name === ':' || name === 'like') return anyOf(values.map((value) => isOrLike(field, likeOf(value), isCaseless)));
  if (name === 'in') return anyOf(values.map((value) => test(field, 'is', value, isCaseless)));
  if (name === 'regex') return anyOf(values.map((value) => test(field, 'regex', value, isCaseless)));
  throw new NotExpressed(`operator ${operator}`);
}

const CALLS: Readonly<Record<string, (text: string) => string>> = {
  startswith: (text) => `${literal(text)}*`,
  endswith: (text) => `*${literal(text)}`,
  stringcontains: (text) => `*${literal(text)}*`,
};

/**
 * Functions that ask for a part of one field; others compute, which Elasticsearch does by script.
 */
function readCall(tokens: Tokens, given: string): Expression {
  const name = given.toLowerCase().replace('~', '');
  const pattern = CALLS[name];
  if (pattern === undefined && name !== 'wildcard') throw new NotExpressed(`function ${name}`);
  const { kind, text } = tokens.take();
  if (kind !== 'name') throw new NotExpressed(`${name} of ${text}`);
  const values: string[] = [];
  while (tokens.takeIf(',') !== undefined) values.push(readValue(tokens));
  tokens.expect(')');
  return anyOf(values.map((value) => isOrLike(fieldOf(text), pattern?.(value) ?? likeOf(value), given.endsWith('~'))));
}

function readList(tokens: Tokens): readonly string[] {
  if (tokens.takeIf('(') === undefined) return [readValue(tokens)];
  const values = [readValue(tokens)];
  while (tokens.takeIf(',') !== undefined) values.push(readValue(tokens));
  tokens.expect(')');
  return values;
}

function readValue(tokens: Tokens): string {
  const { kind, text } = tokens.take();
  if (kind === 'text') return unquoted(text);
  if (kind === 'number' || text === 'true' || text === 'false') return text;
  throw new NotExpressed(`compared with ${text}`);
}

/** In EQL a backslash of a pattern is a backslash. */
function likeOf(value: string): string {
  return value.replaceAll('\\', String.raw`\\`);
}

function literal(value: string): string {
  return value.replaceAll(/[*?\\]/gu, String.raw`\$&`);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unquoted(text: string): string {
  if (text.startsWith('"""')) return text.slice(3, -3);
  if (!/^["']/u.test(text)) return text;
  return text.slice(1, -1).replaceAll(/\\(.)/gsu, (_, letter: string) => ESCAPES[letter] ?? letter);
}
