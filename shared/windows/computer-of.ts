// Finds the computer of an event cheaply, for the key that keeps one computer's events in one
// partition. The reader parses the event in full.
import type { RawEncoding } from '../contracts/raw-event.ts';

const LONGEST = 256;

/**
 * The text of `<Computer>` in event XML, or undefined. The first match in the bytes, without
 * parsing.
 */
export function computerOfXml(bytes: Buffer, encoding: RawEncoding): string | undefined {
  const open = encoded('Computer>', encoding);
  const from = indexOfUnits(bytes, open, { from: 0, encoding });
  if (from === -1) return undefined;
  const start = from + open.length;
  const to = indexOfUnits(bytes, encoded('<', encoding), { from: start, encoding });
  if (to === -1 || to - from > LONGEST * 2) return undefined;
  const name = bytes.subarray(start, to);
  if (encoding === 'utf-8') return name.toString('utf8').trim() || undefined;
  return (encoding === 'utf-16le' ? name : Buffer.from(name).swap16()).toString('utf16le').trim() || undefined;
}

function encoded(mark: string, encoding: RawEncoding): Buffer {
  const bytes = Buffer.from(mark, encoding === 'utf-8' ? 'latin1' : 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

/**
 * The first place of a mark that is aligned with a character: two characters of UTF-16 may have the
 * bytes of a third between them.
 */
function indexOfUnits(
  bytes: Buffer,
  mark: Buffer,
  { from, encoding }: { readonly from: number; readonly encoding: RawEncoding },
): number {
  let at = bytes.indexOf(mark, from);
  if (encoding !== 'utf-8') while (at !== -1 && at % 2 !== 0) at = bytes.indexOf(mark, at + 1);
  return at;
}

/** The places where the dialects have it, the most reliable first. */
const PATHS: readonly (readonly string[])[] = [
  ['winlog', 'computer_name'],
  ['winlog.computer_name'],
  ['Computer'],
  ['computer'],
  ['Hostname'],
  ['System', 'Computer'],
  ['Event', 'System', 'Computer'],
  ['computer_name'],
  ['host', 'name'],
  ['host.name'],
  ['body', 'computer'],
  ['MachineName'],
  ['ComputerName'],
  ['tags', 'Computer'],
  ['data', 'win', 'system', 'computer'],
];

/** The computer that a parsed JSON event names, or undefined. */
export function computerOfJson(value: unknown): string | undefined {
  for (const path of PATHS) {
    let place: unknown = value;
    for (const part of path)
      place = typeof place === 'object' && place !== null ? (place as Record<string, unknown>)[part] : undefined;
    if (typeof place === 'string' && place !== '' && place.length <= LONGEST) return place;
  }
  return undefined;
}
