// The bytes of a saved page as text, in whichever encoding it was saved. Pure.
import { TextDecoder } from 'node:util';
import type { RawEncoding } from '../../contracts/raw-event.ts';
import { decodeText, encodingOf } from '../../windows/text.ts';

/** The text, with a remark where something had to be assumed; or why there is none. */
type PageText =
  | { readonly kind: 'text'; readonly text: string; readonly remark?: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Larger than any article with all of its page. */
const MAX_BYTES = 16_777_216;
const SAVE_AS = 'save the page as “Webpage, HTML only” or as text';
/** First bytes of what people have pages in beside text. */
const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^%PDF-/u, 'a PDF'],
  [/^PK\u0003\u0004/u, 'an archive or an Office document'],
  [/^\u00d0\u00cf\u0011\u00e0/u, 'an Office document'],
  [/^\{\\rtf/u, 'RTF'],
  [
    /^(?:From|Subject|Snapshot-Content-Location|MIME-Version|Date): [\s\S]{0,2000}multipart\/related/iu,
    'a web archive (MHTML)',
  ],
  [/^bplist00/u, 'a web archive of Safari'],
];
/**
 * `<meta charset=…>` and its older form:
 * https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding.
 */
const DECLARED = /<meta\b[^>]{0,300}?\bcharset\s*=\s*["']?(?<name>[\w:.-]{1,40})/iu;
const OF_WINDOWS = 'windows-1252';
/**
 * What the code page has in place of the control characters from 0x80 on; decoders of some versions
 * of Node leave them as they are.
 */
const TYPOGRAPHY = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Reads a file. The encoding is that of a byte order mark, else by zeros, else UTF-8 if valid, else
 * as the page declares, else the code page of Windows.
 */
export function pageText(bytes: Buffer): PageText {
  const start = bytes.subarray(0, 4096).toString('latin1');
  const format = FORMATS.find(([pattern]) => pattern.test(start))?.[1];
  if (format !== undefined) return { kind: 'refused', reason: `the file is ${format}; ${SAVE_AS}` };
  if (bytes.length > MAX_BYTES)
    return { kind: 'refused', reason: `the file has ${bytes.length} bytes; an article has at most ${MAX_BYTES}` };
  const found = decoded(bytes, start);
  if (found.kind === 'text' && found.text.includes('\0'))
    return { kind: 'refused', reason: `the file is no text: it holds zero characters; ${SAVE_AS}` };
  return found;
}

function decoded(bytes: Buffer, start: string): PageText {
  const encoding = encodingOf(bytes, byZeros(bytes.subarray(0, 4096)));
  const text = decodeText(bytes, encoding);
  if (text !== undefined) return { kind: 'text', text };
  if (encoding !== 'utf-8') {
    const whole = decodeText(bytes.subarray(0, bytes.length - 1), encoding) ?? '';
    return { kind: 'text', text: whole, remark: `the last byte is half a character of ${encoding.toUpperCase()}` };
  }
  const declared = decoderOf(DECLARED.exec(start)?.groups?.['name'] ?? '');
  if (declared?.encoding === OF_WINDOWS) return { kind: 'text', text: ofWindows(bytes) };
  if (declared !== undefined) return { kind: 'text', text: declared.decode(bytes) };
  const remark = `the file is no UTF-8 and names no encoding; it is read as ${OF_WINDOWS}`;
  return { kind: 'text', text: ofWindows(bytes), remark };
}

function ofWindows(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[\u0080-\u009f]/gu, (it) => TYPOGRAPHY[it.charCodeAt(0) - 0x80] ?? it);
}

/** UTF-16 of Western text has a zero in every other byte, on one side. */
function byZeros(start: Buffer): RawEncoding {
  const zeros = [0, 0];
  for (const [index, byte] of start.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const isWide = Math.max(even, odd) > start.length / 8;
  if (!isWide) return 'utf-8';
  return odd > even ? 'utf-16le' : 'utf-16be';
}

/**
 * The decoder of a declared encoding; none for one that is unknown, and for UTF-8, which the bytes
 * are not.
 */
function decoderOf(name: string): TextDecoder | undefined {
  try {
    const decoder = new TextDecoder(name);
    return decoder.encoding.startsWith('utf-') ? undefined : decoder;
  } catch {
    return undefined;
  }
}
