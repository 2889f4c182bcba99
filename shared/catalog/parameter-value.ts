// The value of a parameter: what an event may say, checked by type, bounded, and cleaned of what
// would break or forge a text.
import { replaceUnprintableRuns } from '../contracts/unprintable.ts';
import type { CatalogParameter } from './schema.ts';

const MAX_TEXT_LENGTH = 1024;
const MAX_HOST_LENGTH = 255;
const MAX_PORT = 65_535;

/**
 * A placeholder that a sender left unfilled, e.g. `%1` or `{port}`; `%20` inside a word is none.
 */
const UNFILLED = /(?<![\w%])%\d{1,2}(?!\w)|\{[a-z][a-z0-9_]*[|}]/u;
/** Also `http://*:80:10.0.0.1/`, the way IIS names an address behind its port. */
const URL_PORT = /^[a-z]{1,16}:\/\/(?:\[[^\]]{0,64}\]|[^:/\s[\]]{0,255}):(\d{1,5})(?=[/:]|$)/iu;
/** An IPv6 address without brackets is none: its last group is no port. */
const ADDRESS_PORT = /^(?:\[[^\]]{0,64}\]|[^:/\s[\]]{0,255}):(\d{1,5})$/u;

/**
 * The checked value, or undefined when `raw` is none of its type: a port is a whole number 1–65535,
 * text is cleaned and cut at 1024 characters.
 */
export function readValue(type: CatalogParameter['type'], raw: string | number): string | number | undefined {
  if (type === 'port') return wholeNumber(raw, 1, MAX_PORT);
  if (type === 'integer') return wholeNumber(raw, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return cleanText(String(raw), MAX_TEXT_LENGTH);
}

/** A host name fit for a text, cut at 255 characters; undefined when nothing usable is left. */
export function readHost(raw: string): string | undefined {
  return cleanText(raw, MAX_HOST_LENGTH);
}

/**
 * The wanted part of a raw value, the whole where none is wanted; undefined when it has no such
 * part. Reads `C:\\Logs\\a.log`, `[::]:80`, `http://+:80/`.
 */
export function takePart(part: CatalogParameter['part'], raw: string): string | undefined {
  if (part === undefined) return raw;
  const head = raw.slice(0, MAX_TEXT_LENGTH).trim();
  return part === 'folder' ? folderOf(head) : (URL_PORT.exec(head) ?? ADDRESS_PORT.exec(head))?.[1];
}

function folderOf(path: string): string | undefined {
  const end = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'));
  if (end <= 0) return undefined;
  // The root of a drive is a folder only with its separator.
  return path.slice(0, /^[a-z]:$/iu.test(path.slice(0, end)) ? end + 1 : end);
}

function wholeNumber(raw: string | number, min: number, max: number): number | undefined {
  const text = typeof raw === 'number' ? String(raw) : raw.length > 64 ? '' : raw.trim();
  if (!/^-?\d{1,16}$/u.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
}

function cleanText(raw: string, maxLength: number): string | undefined {
  // Cut before the patterns run: their time grows with the length.
  const head = raw.length > maxLength ? `${raw.slice(0, maxLength - 1)}…` : raw;
  const text = replaceUnprintableRuns(head).trim();
  return text === '' || UNFILLED.test(text) ? undefined : text;
}
