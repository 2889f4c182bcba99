// Lucene's query syntax as far as pySigma writes it.
// https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-query-string-query.
import { RANGES, readNot, readWhole } from './boolean.ts';
import { type Expression, isOrLike, test } from './expression.ts';
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
  return readWhole(tokensOf(query.trim(), PATTERNS), readClause);
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
