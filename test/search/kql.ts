// Kibana's query language as far as Elastic's rules use it. https://www.elastic.co/docs/reference/query-languages/kql.
import { anyOf, type Expression, isOrLike, test } from './expression.ts';
import { NotExpressed, type Tokens, tokensOf } from './tokens.ts';

const PATTERNS = {
  space: /\s+/uy,
  text: /"(?:\\.|[^"\\])*"/uy,
  sign: /<=|>=|[:()<>{}]/uy,
  name: /(?:\\[^]|[^\s:()"<>{}\\])+/uy,
};

/** What a query asks for. Throws NotExpressed for nested fields and words without a field. */
export function readKql(query: string): Expression {
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

const RANGES = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const;

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
