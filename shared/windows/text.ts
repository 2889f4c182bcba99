// Bytes to text: byte order marks, UTF-16 with and without one, and no silent replacement of
// invalid bytes.
import { isAscii } from 'node:buffer';
import type { RawEncoding } from '../contracts/raw-event.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of an event, or undefined when the bytes are not valid in their encoding. A byte order
 * mark outranks `encoding` and is left out.
 */
export function decodeText(bytes: Buffer, encoding: RawEncoding): string | undefined {
  const real = encodingOf(bytes, encoding);
  if (real === 'utf-8') {
    if (isAscii(bytes)) return bytes.toString('latin1');
    try {
      return utf8.decode(bytes);
    } catch {
      return undefined;
    }
  }
  if (bytes.length % 2 !== 0) return undefined;
  const text = real === 'utf-16le' ? bytes.toString('utf16le') : Buffer.from(bytes).swap16().toString('utf16le');
  return text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text;
}

/**
 * The encoding by the first bytes: a byte order mark, or a zero beside the first ASCII character
 * (XML 1.0 appendix F).
 */
export function encodingOf(bytes: Buffer, hint: RawEncoding): RawEncoding {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xef && second === 0xbb) return 'utf-8';
  if (first !== 0 && second === 0) return 'utf-16le';
  return isBigEndian(bytes) ? 'utf-16be' : hint;
}

/**
 * Whether zeros and characters alternate; zeros before an event in UTF-8, left by a crash of the
 * writer, do not.
 */
function isBigEndian(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.length > 1 && bytes[1] !== 0 && (bytes.length < 4 || bytes[2] === 0);
}

const lenient = new TextDecoder('utf-8');

/**
 * The text with U+FFFD for bytes that are no UTF-8, such as a byte of a Windows code page in a
 * message; undefined for half a unit of UTF-16.
 */
export function repairedText(bytes: Buffer, encoding: RawEncoding): string | undefined {
  return encodingOf(bytes, encoding) === 'utf-8' ? lenient.decode(bytes) : undefined;
}
