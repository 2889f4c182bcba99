// A cache of the names of elements and attributes, since nearly all recur with every event: none
// has to be cut out, hashed and searched for a prefix again.
import { localName } from './xml-tree.ts';

/** A name as written, and without its prefix. */
interface XmlName {
  readonly whole: string;
  readonly local: string;
}

const SLOTS = 512;
/** Longer names are not cached, which bounds the cache whatever comes. */
const LONGEST = 40;
const kept: XmlName[] = Array.from({ length: SLOTS }, () => ({ whole: '', local: '' }));

/** The name between two places of a text. */
export function nameAt(text: string, from: number, end: number): XmlName {
  const length = end - from;
  if (length > LONGEST || length === 0) return named(text.slice(from, end));
  const slot =
    (length * 67 + text.charCodeAt(from) * 17 + text.charCodeAt(end - 1) * 5 + text.charCodeAt(from + (length >> 1))) %
    SLOTS;
  const known = kept[slot];
  if (known !== undefined && known.whole.length === length && text.startsWith(known.whole, from)) return known;
  const name = named(asKey(text.slice(from, end)));
  kept[slot] = name;
  return name;
}

function named(whole: string): XmlName {
  return { whole, local: localName(whole) };
}

/**
 * An internalised copy of the string: quick as a property name, and no slice that keeps the whole
 * text in memory.
 */
function asKey(name: string): string {
  return Object.keys({ [name]: true })[0] ?? name;
}
