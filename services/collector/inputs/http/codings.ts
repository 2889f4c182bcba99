// The content codings that a body may come in (RFC 9110 section 8.4.1).
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** A decoder, which counts the bytes that it has unpacked. */
export type Decoder = Transform & Pick<zlib.Zlib, 'bytesWritten'>;

/** One coding. */
export interface Coding {
  /** As the IANA registry has it. */
  readonly name: string;
  /** What unpacking takes beside what it gives: the decoder's window and its buffers. */
  readonly workBytes: number;
  /** A decoder for a body that begins with these bytes. */
  open(start: Buffer): Decoder;
}

/** Each chunk goes to another thread and back, for which Node's 16 KiB are small. */
const CHUNK_BYTES = 65_536;
/** A window of 32 KiB, a chunk, and what is at hand of the body. */
const BUFFER_BYTES = 131_072;
/** Windows of 2 MiB (RFC 8878 section 3.1.1.1.2), which levels 1 to 8 keep to. */
const ZSTD_WINDOW_BITS = 21;
/** The method of a zlib header (RFC 1950 section 2.2). */
const DEFLATE_METHOD = 8;

const options = { chunkSize: CHUNK_BYTES };

/** gzip, which can also be recognised by its bytes. */
export const GZIP: Coding = { name: 'gzip', workBytes: BUFFER_BYTES, open: () => zlib.createGunzip(options) };

/** Some senders leave the zlib header away, against the standard. */
const DEFLATE: Coding = {
  name: 'deflate',
  workBytes: BUFFER_BYTES,
  open: ([first = 0]) =>
    (first & 0x0f) === DEFLATE_METHOD ? zlib.createInflate(options) : zlib.createInflateRaw(options),
};

const CODINGS: readonly Coding[] = [GZIP, DEFLATE, ...zstd()];

/** What is taken, for the header Accept-Encoding. */
export const ACCEPTED_CODINGS = [...CODINGS.map(({ name }) => name), 'identity'].join(', ');

/**
 * The coding of a header Content-Encoding, undefined for none at all, `unknown` for one that is not
 * taken.
 */
export function codingOf(header = 'identity'): Coding | 'unknown' | undefined {
  const name = header.trim().toLowerCase();
  if (name === 'identity') return undefined;
  return CODINGS.find((coding) => coding.name === name || `x-${coding.name}` === name) ?? 'unknown';
}

/** Zstandard, where the runtime has it: Node from 22.15 on. */
function zstd(): readonly Coding[] {
  const { createZstdDecompress, constants } = zlib as {
    readonly createZstdDecompress?: (options: { readonly params: Readonly<Record<number, number>> }) => Decoder;
    readonly constants: Readonly<Record<string, number>>;
  };
  const windowLogMax = constants['ZSTD_d_windowLogMax'];
  if (createZstdDecompress === undefined || windowLogMax === undefined) return [];
  const params = { [windowLogMax]: ZSTD_WINDOW_BITS };
  const workBytes = BUFFER_BYTES + 2 ** ZSTD_WINDOW_BITS;
  return [{ name: 'zstd', workBytes, open: () => createZstdDecompress({ params }) }];
}
