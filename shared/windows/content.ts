// What an event states, as a digest that is equal by whatever way it came: its id says only which
// event it claims to be.
import { digestStart } from '../contracts/ids.ts';
import type { WindowsEvent } from '../contracts/windows-event.ts';

/** 96 bits. */
const CHARACTERS = 16;

/**
 * The digest over the names and values of event data and user data, in the order of their names.
 * Not over texts, which each machine renders in its own language, nor over content that only some
 * forms have. White space and how a GUID is written do not count, because agents' scripts make
 * lists of what Windows writes over several lines.
 */
export function contentOf(event: WindowsEvent): string {
  return digestStart(plainBytes(event) ?? textOf(event), CHARACTERS);
}

/**
 * Where the text of an ordinary event is written: joining it of its parts and searching it for
 * white space would take three times as long.
 */
const scratch = Buffer.allocUnsafeSlow(8192);
const NOT_PLAIN = -1;
const [TAB, RETURN, BLANK, DELETE] = [0x09, 0x0d, 0x20, 0x7f];

/**
 * The bytes of `textOf` until the next call, or undefined where there is more than some kilobytes
 * of event data in ASCII.
 */
function plainBytes({ eventData = {}, eventLists, userData }: WindowsEvent): Uint8Array | undefined {
  if (eventLists !== undefined || userData !== undefined) return undefined;
  let end = 0;
  for (const name of namesOf(eventData)) {
    end = writePart(eventData[name] ?? '', writePart(name, end));
    if (end === NOT_PLAIN) return undefined;
  }
  return scratch.subarray(0, end);
}

/** Writes a part without its white space; gives where the next begins. */
function writePart(given: string, from: number): number {
  const text = withPlainGuid(given);
  if (from === NOT_PLAIN || from + text.length >= scratch.length) return NOT_PLAIN;
  let end = from;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= DELETE) return NOT_PLAIN;
    if (code > BLANK || code < TAB || (code > RETURN && code < BLANK)) {
      scratch[end] = code;
      end += 1;
    }
  }
  scratch[end] = 0;
  return end + 1;
}

function textOf({ eventData, eventLists, userData }: WindowsEvent): string {
  let parts = '';
  if (eventData !== undefined)
    for (const name of namesOf(eventData)) {
      const list = eventLists?.get(name);
      parts += part(name) + part(list === undefined ? (eventData[name] ?? '') : list.join(''));
    }
  const values = userData?.values;
  if (values !== undefined)
    for (const name of namesOf(values)) parts += part(`user_data.${name}`) + part(values[name] ?? '');
  return parts.replaceAll(SPACES, '');
}

const SPACES = /\s+/gu;

/**
 * A name or a value with its end, which none of them holds: NUL is made visible as an event is
 * read.
 */
function part(text: string): string {
  return `${withPlainGuid(text)}\0`;
}

function namesOf(values: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.keys(values);
  const last = lastOrders[names.length];
  if (last !== undefined && areSame(last.given, names)) return last.sorted;
  const sorted = names.toSorted();
  if (names.length < MOST_ORDERS) lastOrders[names.length] = { given: names, sorted };
  return sorted;
}

/** Names in order, the last of each number of names: events of one kind have the same ones. */
const lastOrders: { readonly given: readonly string[]; readonly sorted: readonly string[] }[] = [];
const MOST_ORDERS = 64;

function areSame(some: readonly string[], others: readonly string[]): boolean {
  for (let at = 0; at < some.length; at += 1) if (some[at] !== others[at]) return false;
  return true;
}

/** A GUID is written with and without braces, in either case. */
const GUID = /^\{?([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})\}?$/iu;

function withPlainGuid(text: string): string {
  // Windows writes 36 characters, 38 with the braces.
  if (text.length !== 36 && text.length !== 38) return text;
  return GUID.exec(text)?.[1]?.toLowerCase() ?? text;
}
