// What a search asks for, whatever language it was written in: as Elasticsearch's Query DSL, and
// held against documents by a plain scan.
import type { Columns } from './columns.ts';

/**
 * A condition on one field. `like` is a pattern of `*`, `?` and `\` before what is meant as it
 * stands.
 */
export interface Test {
  readonly kind: 'test';
  readonly field: string;
  readonly operator: 'is' | 'like' | 'regex' | 'exists' | 'gt' | 'gte' | 'lt' | 'lte';
  readonly value: string;
  readonly isCaseless: boolean;
}

/** A search. */
export type Expression =
  | Test
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'all' };

type Json = Readonly<Record<string, unknown>>;

/** A test, with case unless it is said otherwise. */
export function test(field: string, operator: Test['operator'], value = '', isCaseless = false): Test {
  return { kind: 'test', field, operator, value, isCaseless };
}

/** Equal to a text, or like it where it has an unescaped `*` or `?`. */
export function isOrLike(field: string, pattern: string, isCaseless: boolean): Test {
  const isPattern = /(?:^|[^\\])(?:\\\\)*[*?]/u.test(pattern);
  return test(field, isPattern ? 'like' : 'is', isPattern ? pattern : unescaped(pattern), isCaseless);
}

/** What one of several asks for. */
export function anyOf(of: readonly Expression[]): Expression {
  return of.length === 1 ? (of[0] as Expression) : { kind: 'or', of };
}

/** The fields that are asked for. */
export function fieldsOf(expression: Expression): readonly string[] {
  if (expression.kind === 'test') return [expression.field];
  if (expression.kind === 'all') return [];
  return [expression.of].flat().flatMap(fieldsOf);
}

/** The same with other names of fields, and of values where those are others too. */
export function mapTests(expression: Expression, change: (one: Test) => Expression): Expression {
  if (expression.kind === 'test') return change(expression);
  if (expression.kind === 'all') return expression;
  if (expression.kind === 'not') return { kind: 'not', of: mapTests(expression.of, change) };
  return { kind: expression.kind, of: expression.of.map((one) => mapTests(one, change)) };
}

/** As Elasticsearch's EQL and Kibana write it: exact texts as `term`, patterns as `wildcard`. */
export function toDsl(expression: Expression): Json {
  if (expression.kind === 'all') return { match_all: {} };
  if (expression.kind === 'not') return { bool: { must_not: [toDsl(expression.of)] } };
  if (expression.kind !== 'test') {
    const of = expression.of.map(toDsl);
    return { bool: expression.kind === 'and' ? { filter: of } : { should: of, minimum_should_match: 1 } };
  }
  return testDsl(expression);
}

function testDsl(expression: Test): Json {
  const { field, operator, value, isCaseless } = expression;
  const caseless = isCaseless ? { case_insensitive: true } : {};
  if (operator === 'exists') return { exists: { field } };
  if (operator === 'is') return { term: { [field]: { value, ...caseless } } };
  if (operator === 'like') return { wildcard: { [field]: { value, ...caseless } } };
  if (operator === 'regex') return { regexp: { [field]: { value, ...caseless } } };
  return { range: { [field]: { [operator]: value } } };
}

/** Which documents match, one byte each. */
export function scan(expression: Expression, columns: Columns): Uint8Array {
  const found = new Uint8Array(columns.count);
  if (expression.kind === 'all') return found.fill(1);
  if (expression.kind === 'not') return scan(expression.of, columns).map((bit) => 1 - bit);
  if (expression.kind === 'test') {
    const holds = predicateOf(expression);
    const cells = columns.of(expression.field).filter(({ value }) => holds(value));
    for (const document of cells.flatMap(({ documents }) => documents)) found[document] = 1;
    return found;
  }
  const parts = expression.of.map((one) => scan(one, columns));
  const isAnd = expression.kind === 'and';
  return found.map((_, at) =>
    Number(isAnd ? parts.every((part) => part[at] === 1) : parts.some((part) => part[at] === 1)),
  );
}

function predicateOf({ operator, value, isCaseless }: Test): (text: string) => boolean {
  const flags = isCaseless ? 'sui' : 'su';
  if (operator === 'exists') return () => true;
  if (operator === 'is') {
    const wanted = isCaseless ? lower(value) : value;
    return (text) => (isCaseless ? lower(text) : text) === wanted;
  }
  if (operator === 'like') {
    const pattern = new RegExp(`^${patternOf(value)}$`, flags);
    return (text) => pattern.test(text);
  }
  if (operator === 'regex') {
    const pattern = new RegExp(`^(?:${value})$`, isCaseless ? 'si' : 's');
    return (text) => pattern.test(text);
  }
  return (text) => compares(operator, text, value);
}

function compares(operator: 'gt' | 'gte' | 'lt' | 'lte', text: string, value: string): boolean {
  if (operator === 'gt') return text > value;
  if (operator === 'gte') return text >= value;
  return operator === 'lt' ? text < value : text <= value;
}

function lower(text: string): string {
  return text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
}

function patternOf(like: string): string {
  return like.replaceAll(/\\(.)|([*?])|(.)/gsu, (_, escaped?: string, wild?: string, plain?: string) => {
    if (wild !== undefined) return wild === '*' ? '.*' : '.';
    return (escaped ?? plain ?? '').replaceAll(/[$()*+./?[\\\]^{|}]/gu, String.raw`\$&`);
  });
}

function unescaped(pattern: string): string {
  return pattern.replaceAll(/\\(.)/gsu, '$1');
}
