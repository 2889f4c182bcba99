// Bytes to text: byte order marks, UTF-16 with and without one, and no silent replacement of what is not valid.
import type { RawEncoding } from '../contracts/raw-event.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of an event, or undefined when the bytes are not valid in their encoding. A byte order mark outranks `encoding` and is left out. */
export function decodeText(bytes: Buffer, encoding: RawEncoding): string | undefined {
  const real = encodingOf(bytes, encoding);
  if (real === 'utf-8') {
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

/** The encoding that the first bytes tell: a byte order mark, or a zero beside the first ASCII character (XML 1.0 appendix F). */
export function encodingOf(bytes: Buffer, hint: RawEncoding): RawEncoding {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xef && second === 0xbb) return 'utf-8';
  if (first !== 0 && second === 0) return 'utf-16le';
  if (first === 0 && second !== 0 && second !== undefined) return 'utf-16be';
  return hint;
}
