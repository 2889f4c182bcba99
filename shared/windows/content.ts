// What an event states, as a digest that is equal by whatever way it came: its id says only which event it claims to be.
import { digestId } from '../contracts/ids.ts';
import type { WindowsEvent } from '../contracts/windows-event.ts';

/** 96 bits. */
const CHARACTERS = 16;

/**
 * The digest over the names and values of event data and user data, in the order of their names. Not over texts, which each machine renders in its own language, nor over
 * what only some forms tell. White space and how a GUID is written do not count, because agents' scripts make lists of what Windows writes over several lines.
 */
export function contentOf({ eventData = {}, eventLists, userData }: WindowsEvent): string {
  const parts: string[] = [];
  for (const name of Object.keys(eventData).sort()) {
    const list = eventLists?.get(name);
    parts.push(name, withoutSpace(list === undefined ? (eventData[name] ?? '') : list.join('')));
  }
  for (const name of Object.keys(userData?.values ?? {}).sort())
    parts.push(`user_data.${name}`, withoutSpace(userData?.values[name] ?? ''));
  return digestId(parts).slice(0, CHARACTERS);
}

/** A GUID is written with and without braces, in either case. */
const GUID = /^\{?([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})\}?$/iu;

function withoutSpace(value: string): string {
  const plain = /\s/u.test(value) ? value.replaceAll(/\s+/gu, '') : value;
  // Windows writes 36 characters, 38 with the braces.
  if (plain.length !== 36 && plain.length !== 38) return plain;
  return GUID.exec(plain)?.[1]?.toLowerCase() ?? plain;
}
