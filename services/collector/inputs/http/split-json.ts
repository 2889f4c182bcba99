// Cuts a JSON body into its events, byte for byte as received: lines, the elements of arrays,
// objects over several lines, one after the other with or without something between.
import type { RawEncoding } from '../../../../shared/contracts/raw-event.ts';
import { MAX_DOCUMENT_DEPTH } from '../../../../shared/windows/limits.ts';

/**
 * A body seen as code units: bytes of UTF-8, or 16-bit units of UTF-16. Everything JSON is made of
 * is one unit in either.
 */
interface Units {
  readonly codes: Uint8Array | Uint16Array;
  readonly bytesPerUnit: 1 | 2;
  readonly body: Buffer;
}

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c];
const [OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d];
const [ZERO, RECORD_SEPARATOR, COLON] = [0x00, 0x1e, 0x3a];
const BYTE_ORDER_MARK = 0xfe_ff;

/**
 * The pieces of a JSON body, none of them parsed yet; a piece may turn out to be no JSON. At most
 * `maxPieces` and one more are made.
 */
export function splitJson(body: Buffer, encoding: RawEncoding, maxPieces: number): readonly Buffer[] {
  const units = unitsOf(body, encoding);
  const pieces: Buffer[] = [];
  const start = skipGap(units, 0);
  let at = start;
  while (at < units.codes.length && pieces.length <= maxPieces) {
    const isArray = units.codes[at] === OPEN_BRACKET && (at === start || endOfDocument(units, at) !== undefined);
    at = isArray ? takeArray(units, at + 1, { pieces, maxPieces }) : takeObject(units, at, pieces);
    at = skipGap(units, at);
  }
  return pieces;
}

/**
 * The values of a piece that is no JSON because several stand in it one after the other; undefined
 * where it does not begin with a whole one. What follows the last whole one is a piece, too.
 */
export function splitJoined(piece: Buffer, encoding: RawEncoding, maxPieces: number): readonly Buffer[] | undefined {
  const units = unitsOf(piece, encoding);
  const pieces: Buffer[] = [];
  let at = skipGap(units, 0);
  while (at < units.codes.length && pieces.length <= maxPieces) {
    const isOpening = units.codes[at] === OPEN_BRACE || units.codes[at] === OPEN_BRACKET;
    const end = (isOpening ? endOfDocument(units, at) : undefined) ?? units.codes.length;
    const found = trimmed(units, at, end);
    if (found !== undefined) pieces.push(found);
    at = skipGap(units, end);
  }
  return pieces.length > 1 ? pieces : undefined;
}

/**
 * The elements of lists within an object, as where a sender wraps its events into one: those of the
 * list named first, or within each of its elements those of the next. `object` is valid JSON.
 */
export function splitWrapped(
  object: Buffer,
  encoding: RawEncoding,
  { lists, maxPieces }: { readonly lists: readonly string[]; readonly maxPieces: number },
): readonly Buffer[] {
  const [first, ...others] = lists;
  if (first === undefined) return [object];
  const pieces: Buffer[] = [];
  for (const element of elementsOf(unitsOf(object, encoding), first, maxPieces)) {
    if (pieces.length > maxPieces) break;
    pieces.push(...splitWrapped(element, encoding, { lists: others, maxPieces: maxPieces - pieces.length }));
  }
  return pieces;
}

/** The elements of the list of that name in an object; none where there is no list. */
function elementsOf(units: Units, name: string, maxPieces: number): readonly Buffer[] {
  const { codes } = units;
  const pieces: Buffer[] = [];
  let at = skipSpace(units, skipGap(units, 0) + 1);
  while (codes[at] === QUOTE) {
    const nameEnd = endOfString(codes, at);
    const isName = textOf(units, at + 1, nameEnd) === name;
    // Past the colon.
    at = skipSpace(units, skipSpace(units, nameEnd + 1) + 1);
    if (isName && codes[at] === OPEN_BRACKET) takeArray(units, at + 1, { pieces, maxPieces });
    at = skipSpace(units, endOfValue(units, at).end);
    if (codes[at] === COMMA) at = skipSpace(units, at + 1);
  }
  return pieces;
}

function textOf({ codes }: Units, from: number, to: number): string {
  return String.fromCharCode(...codes.subarray(from, Math.min(to, from + LONGEST_NAME)));
}

/** Longer than the names of the lists. */
const LONGEST_NAME = 64;

function unitsOf(body: Buffer, encoding: RawEncoding): Units {
  if (encoding === 'utf-8') return { codes: body, bytesPerUnit: 1, body };
  const even = Buffer.from(body.subarray(0, body.length - (body.length % 2)));
  if (encoding === 'utf-16be') even.swap16();
  // A fresh copy begins at an offset of its own pool, which need not be even.
  const aligned = new Uint8Array(even).buffer;
  return { codes: new Uint16Array(aligned), bytesPerUnit: 2, body };
}

function isSpace(code: number | undefined): boolean {
  return code === SPACE || code === NEWLINE || code === RETURN || code === TAB;
}

function skipSpace({ codes }: Units, from: number): number {
  let at = from;
  while (isSpace(codes[at])) at += 1;
  return at;
}

/**
 * Past what stands between values: white space, commas, zeros, the separator of RFC 7464, and the
 * byte order marks of files put together.
 */
function skipGap(units: Units, from: number): number {
  let at = from;
  for (;;) {
    const code = units.codes[at];
    const length = isGap(code) || code === COMMA ? 1 : markLength(units, at);
    if (length === 0) return at;
    at += length;
  }
}

function isGap(code: number | undefined): boolean {
  return isSpace(code) || code === ZERO || code === RECORD_SEPARATOR;
}

function markLength({ codes, bytesPerUnit }: Units, at: number): number {
  if (bytesPerUnit === 2) return codes[at] === BYTE_ORDER_MARK ? 1 : 0;
  return codes[at] === 0xef && codes[at + 1] === 0xbb && codes[at + 2] === 0xbf ? 3 : 0;
}

/**
 * Takes the object that begins at `at`, over as many lines as it has; what is no whole one is a
 * piece to the end of its line. Gives where to go on.
 */
function takeObject(units: Units, at: number, pieces: Buffer[]): number {
  const { codes } = units;
  const newline = codes.indexOf(NEWLINE, at);
  const lineEnd = newline === -1 ? codes.length : newline;
  const isObject = codes[at] === OPEN_BRACE && !isLine(units, at, lineEnd);
  const end = (isObject ? endOfDocument(units, at) : undefined) ?? lineEnd;
  const piece = trimmed(units, at, end);
  if (piece !== undefined) pieces.push(piece);
  return end;
}

/**
 * Whether a line has its object to itself, seen without looking into it: it ends with a bracket,
 * and the next one begins with one.
 */
function isLine(units: Units, at: number, lineEnd: number): boolean {
  const { codes } = units;
  let last = lineEnd - 1;
  while (last > at && isGap(codes[last])) last -= 1;
  if (codes[last] !== CLOSE_BRACE) return false;
  let next = lineEnd;
  while (isGap(codes[next])) next += 1;
  return (
    next >= codes.length || codes[next] === OPEN_BRACE || codes[next] === OPEN_BRACKET || markLength(units, next) > 0
  );
}

/**
 * The end of the value whose bracket opens at `at`; undefined where it does not end, or is broken
 * so that what follows belongs to another: a line end within a string, a bracket or string where a
 * comma should be, an object in place of a name. Nor deeper than the reader takes: no line is then
 * looked through by more objects than that.
 */
function endOfDocument({ codes }: Units, at: number): number | undefined {
  const open: number[] = [];
  let before = COLON;
  for (let index = at; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (isSpace(code)) continue;
    if (code === QUOTE) {
      index = isEndOfValue(before) ? codes.length : endOfLineString(codes, index);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (!mayOpen(before, open)) return undefined;
      open.push(code);
    } else if (isClosing(code)) {
      open.pop();
      if (open.length === 0) return index + 1;
    }
    before = code;
  }
  return undefined;
}

function isEndOfValue(code: number): boolean {
  return code === QUOTE || isClosing(code);
}

function mayOpen(before: number, open: readonly number[]): boolean {
  if (open.length >= MAX_DOCUMENT_DEPTH || isEndOfValue(before)) return false;
  return open.at(-1) !== OPEN_BRACE || before === COLON;
}

/**
 * The closing quote of the string that begins at `at`, or the body's end where a line end comes
 * first.
 */
function endOfLineString(codes: Units['codes'], at: number): number {
  for (let index = at + 1; index < codes.length; index += 1) {
    const code = codes[index];
    if (code === QUOTE) return index;
    if (code === NEWLINE) return codes.length;
    if (code === BACKSLASH) index += 1;
  }
  return codes.length;
}

interface Target {
  readonly pieces: Buffer[];
  readonly maxPieces: number;
}

/** Takes the elements of an array from `start` on; gives where it ends. */
function takeArray(units: Units, start: number, { pieces, maxPieces }: Target): number {
  const { codes } = units;
  let at = skipSpace(units, start);
  let isCutInside = false;
  while (at < codes.length && codes[at] !== CLOSE_BRACKET && pieces.length <= maxPieces) {
    const value = endOfValue(units, at);
    // A bracket that closes nothing is a piece of its own: it is reported, and does not hold up
    // what follows.
    const end = Math.max(value.end, codes[at] === CLOSE_BRACE ? at + 1 : 0);
    isCutInside = !value.isClosed;
    const piece = trimmed(units, at, end);
    if (piece !== undefined) pieces.push(piece);
    at = skipSpace(units, end);
    if (codes[at] === COMMA) at = skipSpace(units, at + 1);
  }
  // An array cut off between two elements shows in none of them: an empty piece stands for what is
  // missing.
  if (at >= codes.length && !isCutInside) pieces.push(units.body.subarray(0, 0));
  return codes[at] === CLOSE_BRACKET ? at + 1 : at;
}

/**
 * The end of the value that begins at `at`: the comma or bracket that closes it at its own depth,
 * or the body's end. Brackets in strings do not count. `isClosed`: as many brackets were closed as
 * opened.
 */
function endOfValue({ codes }: Units, at: number): { readonly end: number; readonly isClosed: boolean } {
  let depth = 0;
  for (let index = at; index < codes.length; index += 1) {
    const code = codes[index];
    if (code === QUOTE) index = endOfString(codes, index);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (depth === 0 && isEnd(code)) return { end: index, isClosed: true };
    else if (isClosing(code) && (depth -= 1) === 0) return { end: index + 1, isClosed: true };
  }
  return { end: codes.length, isClosed: depth === 0 };
}

/** The closing quote of the string that begins at `at`, or the body's end. */
function endOfString(codes: Units['codes'], at: number): number {
  for (let index = at + 1; index < codes.length; index += 1) {
    if (codes[index] === QUOTE) return index;
    if (codes[index] === BACKSLASH) index += 1;
  }
  return codes.length;
}

function isClosing(code: number | undefined): boolean {
  return code === CLOSE_BRACE || code === CLOSE_BRACKET;
}

function isEnd(code: number | undefined): boolean {
  return code === COMMA || isClosing(code);
}

/** The bytes without white space and zeros at either end; undefined when nothing is left. */
function trimmed({ codes, bytesPerUnit, body }: Units, from: number, to: number): Buffer | undefined {
  let [start, end] = [from, to];
  while (start < end && isGap(codes[start])) start += 1;
  while (end > start && isGap(codes[end - 1])) end -= 1;
  return start === end ? undefined : body.subarray(start * bytesPerUnit, end * bytesPerUnit);
}
