// Cuts a body of event XML into its events, byte for byte as received, without parsing them: one
// pass, nothing dropped silently.
import type { RawEncoding } from '../contracts/raw-event.ts';

/** One event's bytes, or another piece of the body, with its offset in bytes. */
type XmlPiece =
  | { readonly kind: 'event'; readonly bytes: Buffer }
  | { readonly kind: 'bad'; readonly bytes: Buffer; readonly detail: string; readonly offset: number };

interface Cursor {
  readonly text: string;
  readonly bytesPerUnit: 1 | 2;
  readonly body: Buffer;
  readonly afterTag: FindEnd;
  readonly afterComment: FindEnd;
  readonly afterMarked: FindEnd;
  readonly afterInstruction: FindEnd;
}

/** The place behind the first mark of its kind from a place on, or the text's end. */
type FindEnd = (from: number) => number;

const NAME = /^<(?<slash>\/?)(?<prefix>[\w.-]{1,64}:)?(?<local>[\w.-]{1,64})/u;
const LONGEST_TAG_START = 140;

/**
 * The events of a body with one `<Event>`, several, or several inside `<Events>`. What is neither
 * event nor wrapper is reported as a bad piece. Stops after `maxPieces` and one more.
 */
export function splitEventXml(
  body: Buffer,
  encoding: RawEncoding,
  maxPieces = Number.POSITIVE_INFINITY,
): readonly XmlPiece[] {
  const cursor = cursorOf(body, encoding);
  const { text } = cursor;
  const pieces: XmlPiece[] = [];
  const isWide = cursor.bytesPerUnit === 2;
  let at = text.startsWith('\uFEFF') ? 1 : text.startsWith('\u00EF\u00BB\u00BF') && !isWide ? 3 : 0;
  while (at < text.length && pieces.length <= maxPieces) {
    const open = text.indexOf('<', at);
    const gapEnd = open === -1 ? text.length : open;
    if (isForeign(text.slice(at, gapEnd))) pieces.push(badPiece(cursor, [at, gapEnd], 'text outside of an <Event>'));
    if (open === -1) break;
    at = readMarkup(cursor, open, pieces);
  }
  if (isWide && body.length % 2 !== 0)
    pieces.push({ kind: 'bad', bytes: body.subarray(-1), detail: 'half a character', offset: body.length - 1 });
  return pieces;
}

/**
 * Text that writers put between events: byte order marks of files put together, zeros, evtx_dump's
 * `Record N`, the minus signs of what is copied from Event Viewer.
 */
const BETWEEN = /[\s\0\u001E\uFEFF-]+|\u00EF\u00BB\u00BF|Record \d{1,20}(?=\s)/gu;

function isForeign(gap: string): boolean {
  return gap.trim() !== '' && gap.replaceAll(BETWEEN, '') !== '';
}

/** Latin-1 for UTF-8, so that an index is a byte offset; markup is ASCII in both. */
function cursorOf(body: Buffer, encoding: RawEncoding): Cursor {
  const text = textOf(body, encoding);
  return {
    text,
    bytesPerUnit: encoding === 'utf-8' ? 1 : 2,
    body,
    afterTag: createFindEnd(text, '>'),
    afterComment: createFindEnd(text, '-->'),
    afterMarked: createFindEnd(text, ']]>'),
    afterInstruction: createFindEnd(text, '?>'),
  };
}

function textOf(body: Buffer, encoding: RawEncoding): string {
  if (encoding === 'utf-8') return body.toString('latin1');
  const even = body.subarray(0, body.length - (body.length % 2));
  return (encoding === 'utf-16le' ? even : Buffer.from(even).swap16()).toString('utf16le');
}

/**
 * Caches the last match, so that no stretch is searched twice: a body may hold a tag a few bytes
 * apart and no end for any of them. A plain `indexOf` would not do even where it is called seldom:
 * it has no side effects, so V8 may move it to a place that every tag passes.
 */
function createFindEnd(text: string, mark: string): FindEnd {
  let lookedFrom = 0;
  let found = -1;
  return (from) => {
    if (from < lookedFrom || from > found) {
      const at = text.indexOf(mark, from);
      lookedFrom = from;
      found = at === -1 ? text.length : at;
    }
    return Math.min(found + mark.length, text.length);
  };
}

/** Handles the tag at `open`; returns where to go on. */
function readMarkup(cursor: Cursor, open: number, pieces: XmlPiece[]): number {
  const { text } = cursor;
  if (text.startsWith('<?', open)) return cursor.afterInstruction(open);
  if (text.startsWith('<!--', open)) return cursor.afterComment(open);
  const { local, slash, prefix = '' } = NAME.exec(text.slice(open, open + LONGEST_TAG_START))?.groups ?? {};
  if (local === 'Events') return cursor.afterTag(open);
  if (local !== 'Event' || slash === '/') {
    const next = nextEvent(text, open + 1);
    const name = text.slice(open + 1, open + 30).split(/[\s>]/u)[0] ?? '';
    pieces.push(badPiece(cursor, [open, next], `<${name}> is no <Event>`));
    return next;
  }
  // An event without an end is read as far as it is complete, or becomes a dead letter.
  const end = findEnd(cursor, open, prefix);
  pieces.push({ kind: 'event', bytes: slice(cursor, open, end) });
  return end;
}

/**
 * The end of the event that begins at `open`. A further `<Event>` outside of UserData means that
 * this one was cut off.
 */
function findEnd(cursor: Cursor, open: number, prefix: string): number {
  const { text } = cursor;
  const [start, stop, data, dataEnd] = [
    `<${prefix}Event`,
    `</${prefix}Event`,
    `<${prefix}UserData`,
    `</${prefix}UserData`,
  ];
  let isInUserData = false;
  let at = cursor.afterTag(open);
  if (text.startsWith('/>', at - 2)) return at;
  while (at < text.length) {
    const tag = text.indexOf('<', at);
    if (tag === -1) break;
    if (text.startsWith('<![CDATA[', tag)) at = cursor.afterMarked(tag);
    else if (text.startsWith('<!--', tag)) at = cursor.afterComment(tag);
    else if (!isInUserData && isTag(text, tag, stop)) return cursor.afterTag(tag);
    else if (!isInUserData && isTag(text, tag, start)) return tag;
    else {
      if (isTag(text, tag, data)) isInUserData = !text.startsWith('/>', cursor.afterTag(tag) - 2);
      else if (isTag(text, tag, dataEnd)) isInUserData = false;
      at = tag + 1;
    }
  }
  return text.length;
}

/** Whether the tag at `at` is `start` to the end of its name: `<Event` and not `<EventData`. */
function isTag(text: string, at: number, start: string): boolean {
  return text.startsWith(start, at) && /[\s/>]/u.test(text.charAt(at + start.length));
}

function nextEvent(text: string, from: number): number {
  const pattern = /<(?:[\w.-]{1,64}:)?Events?[\s/>]/gu;
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

function slice({ body, bytesPerUnit }: Cursor, from: number, to: number): Buffer {
  return body.subarray(from * bytesPerUnit, to * bytesPerUnit);
}

function badPiece(cursor: Cursor, [from, to]: readonly [number, number], detail: string): XmlPiece {
  return { kind: 'bad', bytes: slice(cursor, from, to), detail, offset: from * cursor.bytesPerUnit };
}
