// Typed reads of a JSON document's values: a text, a number within bounds, an object; any other
// value is absent.
import { wholeNumber } from '../whole-number.ts';

/** A JSON object whose fields are not known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is an object and no list. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** A text that is not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A text that is not empty, or a finite number or truth value as text. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'boolean' ? String(value) : text(value);
}

/** A whole number from 0 to `most`, written as a number or in decimal digits. */
export function whole(value: unknown, most: number): number | undefined {
  return wholeNumber(scalarText(value)?.trim() ?? '', most);
}

/** The texts of a list, empty ones and everything else left out; undefined when none is left. */
export function textList(value: unknown): readonly string[] | undefined {
  const found = Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string' && item !== '')
    : [];
  return found.length === 0 ? undefined : found;
}
