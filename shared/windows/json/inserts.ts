// Unnamed event data that a sender gives as a list: `paramN`, N counting from 1, as Winlogbeat
// names it.
import { createPairs } from '../pairs.ts';
import { isObject, scalarText } from './fields.ts';

/**
 * The pairs of a list of insertion strings; empty ones keep their position and are not written.
 * Undefined when there are none.
 */
export function insertData(list: unknown, tags: Set<string>): Readonly<Record<string, string>> | undefined {
  if (!Array.isArray(list)) return undefined;
  const pairs = createPairs(tags);
  for (const [index, item] of (list as unknown[]).entries()) {
    const value = scalarText(item) ?? (isObject(item) || Array.isArray(item) ? JSON.stringify(item) : '');
    pairs.add(`param${index + 1}`, value);
  }
  return pairs.take();
}

/**
 * Insertion strings and named data together, within the bounds of one; values equal in both are
 * there once.
 */
export function joinedData(
  named: Readonly<Record<string, string>> | undefined,
  inserts: Readonly<Record<string, string>> | undefined,
  tags: Set<string>,
): Readonly<Record<string, string>> | undefined {
  if (named === undefined || inserts === undefined) return named ?? inserts;
  const pairs = createPairs(tags);
  for (const [name, value] of Object.entries(named)) pairs.add(name, value);
  for (const [name, value] of Object.entries(inserts))
    if (!Object.hasOwn(named, name) || named[name] !== value) pairs.add(name, value);
  return pairs.take();
}
