// Lucene's query syntax as far as pySigma writes it. https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-query-string-query.
import { anyOf, type Expression, isOrLike, test } from './expression.ts';
import { NotExpressed, type Tokens, tokensOf } from './tokens.ts';

const PATTERNS = {
  space: /\s+/uy,
  text: /"(?:\\.|[^"\\])*"/uy,
  field: /(?:\\.|[^\s:()"/\\])+(?=:)/uy,
  regex: /\/(?:\\.|[^/\\])*\//uy,
  sign: /[:()]/uy,
  name: /(?:\\[^]|[^\s:()"\\])+/uy,
};

/** What a query asks for. Throws NotExpressed where it uses what pySigma does not. */
export function readLucene(query: string): Expression {
  const tokens = tokensOf(query.trim(), PATTERNS);
  const read = readOr(tokens, readClause);
  if (tokens.peek() !== undefined) throw new NotExpressed(`left: ${tokens.peek()?.text}`);
  return read;
}

type Reader = (tokens: Tokens) => Expression;

function readOr(tokens: Tokens, readOne: Reader): Expression {
  const of = [readAnd(tokens, readOne)];
  while (tokens.takeIf('or') !== undefined) of.push(readAnd(tokens, readOne));
  return anyOf(of);
}

function readAnd(tokens: Tokens, readOne: Reader): Expression {
  const of = [readNot(tokens, readOne)];
  while (tokens.takeIf('and') !== undefined) of.push(readNot(tokens, readOne));
  return of.length === 1 ? (of[0] as Expression) : { kind: 'and', of };
}

function readNot(tokens: Tokens, readOne: Reader): Expression {
  if (tokens.takeIf('not') !== undefined) return { kind: 'not', of: readNot(tokens, readOne) };
  if (tokens.takeIf('(') === undefined) return readOne(tokens);
  const inner = readOr(tokens, readOne);
  tokens.expect(')');
  return inner;
}

function readClause(tokens: Tokens): Expression {
  const { kind, text } = tokens.take();
  if (kind !== 'field') throw new NotExpressed(`without a field: ${text.slice(0, 30)}`);
  tokens.expect(':');
  const field = text.replaceAll(/\\(.)/gsu, '$1');
  if (field === '_exists_') return test(tokens.take().text, 'exists');
  return readNot(tokens, (inner) => readValue(inner, field));
}

function readValue(tokens: Tokens, field: string): Expression {
  const { kind, text } = tokens.take();
  if (kind === 'regex') return test(field, 'regex', text.slice(1, -1));
  if (kind === 'text') return test(field, 'is', text.slice(1, -1).replaceAll(/\\(.)/gsu, '$1'));
  const range = /^(>=|<=|>|<)(.*)$/su.exec(text);
  if (range !== null) return test(field, RANGES[range[1] as keyof typeof RANGES], range[2] ?? '');
  return text === '*' ? test(field, 'exists') : isOrLike(field, text, false);
}

const RANGES = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const;
