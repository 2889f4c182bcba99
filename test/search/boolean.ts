// What KQL, Lucene and EQL have in common: and, or, not and parentheses around whatever each of
// them compares; and the signs of ranges.
import { anyOf, type Expression } from './expression.ts';
import { NotExpressed, type Tokens } from './tokens.ts';

/** By the sign of the query. */
export const RANGES = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const;

/** A whole query. Throws NotExpressed when something is left behind it. */
export function readWhole(tokens: Tokens, readOne: Reader): Expression {
  const read = readOr(tokens, readOne);
  if (tokens.peek() !== undefined) throw new NotExpressed(`left: ${tokens.peek()?.text}`);
  return read;
}

type Reader = (tokens: Tokens) => Expression;

/** Parts with `or` between them. */
export function readOr(tokens: Tokens, readOne: Reader): Expression {
  const of = [readAnd(tokens, readOne)];
  while (tokens.takeIf('or') !== undefined) of.push(readAnd(tokens, readOne));
  return anyOf(of);
}

function readAnd(tokens: Tokens, readOne: Reader): Expression {
  const of = [readNot(tokens, readOne)];
  while (tokens.takeIf('and') !== undefined) of.push(readNot(tokens, readOne));
  return of.length === 1 ? (of[0] as Expression) : { kind: 'and', of };
}

/** One thing, what stands between parentheses, or the opposite of either. */
export function readNot(tokens: Tokens, readOne: Reader): Expression {
  if (tokens.takeIf('not') !== undefined) return { kind: 'not', of: readNot(tokens, readOne) };
  if (tokens.takeIf('(') === undefined) return readOne(tokens);
  const inner = readOr(tokens, readOne);
  tokens.expect(')');
  return inner;
}
