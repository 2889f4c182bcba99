// Event data of a JSON document as name–value pairs of texts within bounds.
import { CUT_TAG, MAX_DEPTH, MAX_NAME_LENGTH, MAX_PAIRS, MAX_VALUE_LENGTH } from '../limits.ts';
import { createPairs, type Pairs } from '../pairs.ts';

/**
 * The pairs of an object: numbers and truth values as text, nested objects with dotted names, lists
 * as JSON. Undefined when there are none; what is no object has no names and is left out with the
 * tag. `lists` receives the lists of plain values that were not cut.
 */
export function boundedData(
  value: unknown,
  tags: Set<string>,
  lists?: Map<string, readonly unknown[]>,
): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) {
    tags.add(CUT_TAG);
    return undefined;
  }
  if (arePairs(value)) return value;
  return boundedPairs(Object.entries(value), tags, lists);
}

/**
 * Whether the pairs need no change, as in most events; an object of JSON.parse is quicker to
 * serialise than a copy.
 */
export function arePairs(value: object): value is Readonly<Record<string, string>> {
  let count = 0;
  for (const name in value) {
    const item = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof item !== 'string' || item === '' || item.length > MAX_VALUE_LENGTH) return false;
    if (name.length > MAX_NAME_LENGTH || item.includes('\n') || item.includes('\r')) return false;
    count += 1;
  }
  return count > 0 && count <= MAX_PAIRS;
}

/** The same from a list of names and values; the first of equal names counts. */
export function boundedPairs(
  entries: readonly (readonly [string, unknown])[],
  tags: Set<string>,
  lists?: Map<string, readonly unknown[]>,
): Readonly<Record<string, string>> | undefined {
  const pairs = createPairs(tags);
  add({ pairs, tags, lists }, entries, '', 1);
  return pairs.take();
}

interface Target {
  readonly pairs: Pairs;
  readonly tags: Set<string>;
  readonly lists: Map<string, readonly unknown[]> | undefined;
}

function add(target: Target, entries: readonly (readonly [string, unknown])[], path: string, depth: number): void {
  for (const [name, item] of entries) {
    const full = path === '' ? name : `${path}.${name}`;
    if (typeof item === 'string') target.pairs.add(full, item);
    else if (typeof item === 'number' || typeof item === 'boolean') target.pairs.add(full, String(item));
    else if (Array.isArray(item)) addList(target, full, item);
    else if (typeof item === 'object' && item !== null) {
      if (depth < MAX_DEPTH) add(target, Object.entries(item), full, depth + 1);
      else target.tags.add(CUT_TAG);
    }
  }
}

function addList({ pairs, lists }: Target, name: string, list: readonly unknown[]): void {
  const isWhole = pairs.add(name, JSON.stringify(list));
  if (isWhole && list.every((item) => ['string', 'number', 'boolean'].includes(typeof item))) lists?.set(name, list);
}
