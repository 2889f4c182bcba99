// Cuts a JSON body into its events, byte for byte as received: lines, the elements of an array, or one object over several lines.
import type { RawEncoding } from '../../../../shared/contracts/raw-event.ts';

/** A body seen as code units: bytes of UTF-8, or 16-bit units of UTF-16. Everything JSON is made of is one unit in either. */
interface Units {
  readonly codes: Uint8Array | Uint16Array;
  readonly bytesPerUnit: 1 | 2;
  readonly body: Buffer;
}

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c];
const [OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d];
const BYTE_ORDER_MARK = 0xfe_ff;

/** The pieces of a JSON body, none of them parsed yet; a piece may turn out to be no JSON. At most `maxPieces` and one more are made. */
export function splitJson(body: Buffer, encoding: RawEncoding, maxPieces: number): readonly Buffer[] {
  const units = unitsOf(body, encoding);
  const start = skipSpace(units, 0);
  if (units.codes[start] === OPEN_BRACKET) return splitArray(units, start + 1, maxPieces);
  return splitLines(units, start, maxPieces);
}

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

/** Past white space and, at the start, a byte order mark. */
function skipSpace(units: Units, from: number): number {
  const { codes } = units;
  let at = from === 0 ? markLength(units) : from;
  while (isSpace(codes[at])) at += 1;
  return at;
}

function markLength({ codes, bytesPerUnit }: Units): number {
  if (bytesPerUnit === 2) return codes[0] === BYTE_ORDER_MARK ? 1 : 0;
  return codes[0] === 0xef && codes[1] === 0xbb && codes[2] === 0xbf ? 3 : 0;
}

function splitLines(units: Units, start: number, maxPieces: number): readonly Buffer[] {
  const { codes } = units;
  const pieces: Buffer[] = [];
  let at = start;
  while (at < codes.length && pieces.length <= maxPieces) {
    const newline = codes.indexOf(NEWLINE, at);
    const end = newline === -1 ? codes.length : newline;
    const piece = trimmed(units, at, end);
    if (piece !== undefined) pieces.push(piece);
    at = end + 1;
  }
  const whole = pieces.length > 1 ? trimmed(units, start, codes.length) : undefined;
  const isOneObject = whole !== undefined && !isWhole(units, start) && endsLikeObject(units);
  return isOneObject ? [whole] : pieces;
}

/** Whether the first line is a value of its own: its brackets are closed where it ends. */
function isWhole(units: Units, start: number): boolean {
  const newline = units.codes.indexOf(NEWLINE, start);
  const line = { ...units, codes: units.codes.subarray(0, newline === -1 ? units.codes.length : newline) };
  const { end, isClosed } = endOfValue(line, start);
  return isClosed && skipSpace(line, end) >= line.codes.length;
}

/** A single object over several lines: the brackets that its first line opens are closed at the very end of the body. */
function endsLikeObject(units: Units): boolean {
  const start = skipSpace(units, 0);
  if (units.codes[start] !== OPEN_BRACE) return false;
  const { end, isClosed } = endOfValue(units, start);
  return isClosed && skipSpace(units, end) >= units.codes.length;
}

function splitArray(units: Units, start: number, maxPieces: number): readonly Buffer[] {
  const { codes } = units;
  const pieces: Buffer[] = [];
  let at = skipSpace(units, start);
  let isCutInside = false;
  while (at < codes.length && codes[at] !== CLOSE_BRACKET && pieces.length <= maxPieces) {
    const value = endOfValue(units, at);
    // A bracket that closes nothing is a piece of its own: it is reported, and does not hold up what follows.
    const end = Math.max(value.end, codes[at] === CLOSE_BRACE ? at + 1 : 0);
    isCutInside = !value.isClosed;
    const piece = trimmed(units, at, end);
    if (piece !== undefined) pieces.push(piece);
    at = skipSpace(units, end);
    if (codes[at] === COMMA) at = skipSpace(units, at + 1);
  }
  // An array cut off between two elements shows in none of them: an empty piece stands for what is missing.
  if (at >= codes.length && !isCutInside) return [...pieces, units.body.subarray(0, 0)];
  // What follows the array belongs to nothing; it is reported as a piece that is no event.
  const rest = at < codes.length ? trimmed(units, at + 1, codes.length) : undefined;
  return rest === undefined ? pieces : [...pieces, rest];
}

/**
 * The end of the value that begins at `at`: the comma or bracket that closes it at its own depth, or the body's end. Brackets in strings do not count.
 * `isClosed`: as many brackets were closed as opened.
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

/** The bytes without white space at either end; undefined when nothing is left. */
function trimmed({ codes, bytesPerUnit, body }: Units, from: number, to: number): Buffer | undefined {
  let [start, end] = [from, to];
  while (start < end && isSpace(codes[start])) start += 1;
  while (end > start && isSpace(codes[end - 1])) end -= 1;
  return start === end ? undefined : body.subarray(start * bytesPerUnit, end * bytesPerUnit);
}
