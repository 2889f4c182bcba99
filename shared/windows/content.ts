// What an event states, as a digest that is equal by whatever way it came: its id says only which event it claims to be.
import { digestText } from '../contracts/ids.ts';
import type { WindowsEvent } from '../contracts/windows-event.ts';

/** 96 bits. */
const CHARACTERS = 16;

/**
 * The digest over the names and values of event data and user data, in the order of their names. Not over texts, which each machine renders in its own language, nor over
 * what only some forms tell. White space and how a GUID is written do not count, because agents' scripts make lists of what Windows writes over several lines.
 */
export function contentOf({ eventData, eventLists, userData }: WindowsEvent): string {
  let parts = '';
  if (eventData !== undefined)
    for (const name of namesOf(eventData)) {
      const list = eventLists?.get(name);
      parts += part(name) + part(list === undefined ? (eventData[name] ?? '') : list.join(''));
    }
  const values = userData?.values;
  if (values !== undefined)
    for (const name of namesOf(values)) parts += part(`user_data.${name}`) + part(values[name] ?? '');
  return digestText(SPACE.test(parts) ? parts.replaceAll(SPACES, '') : parts).slice(0, CHARACTERS);
}

const SPACE = /\s/u;
const SPACES = /\s+/gu;

/** A name or a value with its end, which none of them holds: NUL is made visible as an event is read. */
function part(text: string): string {
  // Windows writes a GUID with 36 characters, 38 with the braces.
  return `${text.length === 36 || text.length === 38 ? withPlainGuid(text) : text}\0`;
}

function namesOf(values: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.keys(values);
  for (let at = 1; at < names.length; at += 1)
    if ((names[at - 1] as string) > (names[at] as string)) return names.sort();
  return names;
}

/** A GUID is written with and without braces, in either case. */
const GUID = /^\{?([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})\}?$/iu;

function withPlainGuid(text: string): string {
  return GUID.exec(text)?.[1]?.toLowerCase() ?? text;
}
