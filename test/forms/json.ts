// JSON as senders write it: integers of 64 bits as numbers with all digits, names twice where a
// sender writes them twice.
import type { Value } from './made-event.ts';

const MARK = '\ue000';

/** A number whose digits `write` puts there as they are. */
export function digits(value: bigint | string): string {
  return `${MARK}${value}${MARK}`;
}

/** A value of event data, with its type. */
export function typed({ kind, text }: Value): string {
  return kind === 'integer' ? digits(text) : text;
}

/** JSON, with `digits` as numbers. */
export function json(value: unknown): string {
  return JSON.stringify(value).replaceAll(new RegExp(`"${MARK}(-?\\d+)${MARK}"`, 'gu'), '$1');
}

/**
 * An object of pairs in order; of two with one name the last counts, as in JSON. A name like
 * `__proto__` is a name like any other.
 */
export function objectOf(pairs: Iterable<readonly [string, unknown]>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs);
}

/** What is given, without what is undefined. */
export function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Everything as text, as writers without types have it. */
export function untyped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(MARK, '');
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(untyped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, untyped(item)]));
}
