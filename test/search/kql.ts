// Kibana's query language as far as Elastic's rules use it.
// https://www.elastic.co/docs/reference/query-languages/kql.
import { RANGES, readNot, readWhole } from './boolean.ts';
import { type Expression, isOrLike, test } from './expression.ts';
import { NotExpressed, type Tokens, tokensOf } from './tokens.ts';

const PATTERNS = {
  space: /\s+/uy,
  text: /"(?:\\.|[^"\\])*"/uy,
  sign: /<=|>=|[:()<>{}]/uy,
  name: /(?:\\[^]|[^\s:()"<>{}\\])+/uy,
};

/** What a query asks for. Throws NotExpressed for nested fields and words without a field. */
export function readKql(query: string): Expression {
  return readWhole(tokensOf(query.trim(), PATTERNS), readClause);
}

function readClause(tokens: Tokens): Expression {
  const { kind, text: field } = tokens.take();
  const operator = tokens.takeIf(':', '<', '<=', '>', '>=');
  if (kind !== 'name' || operator === undefined) throw new NotExpressed(`without a field: ${field}`);
  if (operator !== ':') return test(field, RANGES[operator as keyof typeof RANGES], valueOf(tokens.take().text));
  return readNot(tokens, (inner) => readValue(inner, field));
}

function readValue(tokens: Tokens, field: string): Expression {
  const { kind, text } = tokens.take();
  if (kind === 'text') return test(field, 'is', valueOf(text));
  if (text === '{') throw new NotExpressed('nested');
  const words = [text];
  // Words that stand beside one another without quotes are one value.
  while (tokens.peek()?.kind === 'name' && !/^(?:and|or|not)$/iu.test(tokens.peek()?.text ?? ''))
    words.push(tokens.take().text);
  const pattern = words.join(' ');
  return pattern === '*' ? test(field, 'exists') : isOrLike(field, pattern, false);
}

function valueOf(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/gsu, '$1') : text;
}
