// Fills an entry's texts with an event's values: words in prose, bare and harmless values in
// commands.
import { commandValue, isReadingCommand, type CommandPlace } from './command-value.ts';
import { readHost, readValue } from './parameter-value.ts';
import { fill, type Placeholder } from './placeholder.ts';
import type { CatalogEntry } from './schema.ts';

/** The ways to fill a text: for reading, and for pasting into a command line. */
export interface Filler {
  /**
   * `{port}` becomes the entry's phrase for it, or its words for an unknown one; in an address it
   * becomes the bare value, percent-encoded.
   */
  readonly prose: (text: string) => string;
  /** `{port}` becomes the bare value, or `<port>` where it is unknown or no value for a command. */
  readonly command: (text: string) => FilledCommand;
  /**
   * Prose, but between double quotation marks a part of a command, e.g.
   * `icacls "{folder}" /remove:g …, which …`.
   */
  readonly undo: (text: string) => FilledCommand;
}

/** A command, and a sentence for each `<name>` in it that a person has to replace. */
interface FilledCommand {
  readonly text: string;
  readonly notes: readonly string[];
}

const UNKNOWN_HOST = 'the affected host';
const MAX_PROSE_LENGTH = 256;
const IN_URL = /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]*$/iu;

interface Known {
  readonly type: CommandPlace['type'];
  readonly value: string | undefined;
  readonly phrase: { readonly known: string; readonly unknown: string };
}

/**
 * A filler for one event's values. They are checked again here, since whoever calls may have them
 * from elsewhere.
 */
export function createFiller(
  entry: CatalogEntry,
  params: Readonly<Record<string, string | number>>,
  host: string,
): Filler {
  const known = new Map<string, Known>();
  for (const { name, type, prose } of entry.parameters) {
    const raw = Object.hasOwn(params, name) ? params[name] : undefined;
    const value = raw === undefined ? undefined : readValue(type, raw);
    known.set(name, { type, value: value === undefined ? undefined : String(value), phrase: prose });
  }
  known.set('host', { type: 'host', value: readHost(host), phrase: { known: '{value}', unknown: UNKNOWN_HOST } });
  const fillCommand = (text: string, isPart: (before: string) => boolean): FilledCommand => {
    const notes = new Map<string, string>();
    const isReading = isPart('') && isReadingCommand(text);
    const filled = fill(text, (place) =>
      isPart(place.before) ? inCommand(known, place, { isReading, notes }) : inProse(known, place),
    );
    return { text: filled, notes: [...notes.values()] };
  };
  return {
    prose: (text) => fill(text, (place) => inProse(known, place)),
    command: (text) => fillCommand(text, () => true),
    undo: (text) => fillCommand(text, isQuoted),
  };
}

/** Whether a place stands between double quotation marks. */
export function isQuoted(before: string): boolean {
  return before.split('"').length % 2 === 0;
}

function inProse(known: ReadonlyMap<string, Known>, { name, otherwise, before }: Placeholder): string {
  const { value, phrase } = known.get(name) ?? { value: undefined, phrase: { known: '', unknown: UNKNOWN_HOST } };
  if (before.includes('://') && IN_URL.test(before))
    return encodeURIComponent(value === undefined ? name : shorten(value));
  return value === undefined ? (otherwise ?? phrase.unknown) : phrase.known.replace('{value}', () => shorten(value));
}

function inCommand(
  known: ReadonlyMap<string, Known>,
  { name, before }: Placeholder,
  { isReading, notes }: { readonly isReading: boolean; readonly notes: Map<string, string> },
): string {
  const { type, value, phrase } = known.get(name) ?? { type: 'text', value: undefined, phrase: { unknown: name } };
  if (value === undefined) {
    notes.set(name, `For <${name}> put in ${phrase.unknown}.`);
    return `<${name}>`;
  }
  const found = commandValue(value, { type, before, isReading });
  if (found.kind === 'value') return found.text;
  notes.set(name, `For <${name}> put in ${phrase.unknown}, checked by you: the value in the event ${found.why}.`);
  return `<${name}>`;
}

function shorten(value: string): string {
  return value.length <= MAX_PROSE_LENGTH ? value : `${value.slice(0, MAX_PROSE_LENGTH - 1).replace(/\p{Cs}$/u, '')}…`;
}
