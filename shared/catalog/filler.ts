// Fills an entry's texts with an event's values: words in prose, bare and harmless values in commands.
import { readHost, readValue } from './parameter-value.ts';
import { fill } from './placeholder.ts';
import type { CatalogEntry } from './schema.ts';

/** The two ways to fill a text: for reading, and for pasting into a command line. */
export interface Filler {
  /** `{port}` becomes the entry's phrase for it, or its words for an unknown one. */
  readonly prose: (text: string) => string;
  /** `{port}` becomes the bare value, or `<port>` where it is unknown or a command line could take it for more than a value. */
  readonly command: (text: string) => string;
}

const UNKNOWN_HOST = 'the affected host';
const MAX_PROSE_LENGTH = 256;
/** Neither quotes nor what a shell gives a meaning to; no leading hyphen, which would be an option. */
const HARMLESS = /^(?!-)[\p{L}\p{N}\p{M} ._:\\/()=@+,~-]{1,1024}$/u;

/** A filler for one event's values. They are checked again here, since whoever calls may have them from elsewhere. */
export function createFiller(
  entry: CatalogEntry,
  params: Readonly<Record<string, string | number>>,
  host: string,
): Filler {
  const values = new Map<string, string>();
  const phrases = new Map<string, { readonly known: string; readonly unknown: string }>();
  for (const { name, type, prose } of entry.parameters) {
    const raw = Object.hasOwn(params, name) ? params[name] : undefined;
    const value = raw === undefined ? undefined : readValue(type, raw);
    if (value !== undefined) values.set(name, String(value));
    phrases.set(name, prose);
  }
  const hostName = readHost(host);
  if (hostName !== undefined) values.set('host', hostName);
  return {
    prose: (text) =>
      fill(text, (name, otherwise) => {
        const phrase = phrases.get(name) ?? { known: '{value}', unknown: UNKNOWN_HOST };
        const value = values.get(name);
        return value === undefined
          ? (otherwise ?? phrase.unknown)
          : phrase.known.replace('{value}', () => shorten(value));
      }),
    command: (text) =>
      fill(text, (name) => {
        const value = values.get(name);
        return value !== undefined && HARMLESS.test(value) ? value : `<${name}>`;
      }),
  };
}

function shorten(value: string): string {
  return value.length <= MAX_PROSE_LENGTH ? value : `${value.slice(0, MAX_PROSE_LENGTH - 1).replace(/\p{Cs}$/u, '')}…`;
}
