// The compressions that a record batch may have, each read within a limit of bytes (KIP-110; the
// numbers are those of the batch's attributes).
import { promisify } from 'node:util';
import { gunzip, gzip, type ZlibOptions } from 'node:zlib';
import { ZSTDDecoder } from 'zstddec';
import { decompressLz4 } from './lz4.ts';
import { decompressSnappy } from './snappy.ts';

/**
 * More than the largest `kafka.maxRecordBytes`: what is compressed may be so large when it is not.
 */
export const MAX_DECOMPRESSED_BYTES = 65 * 1024 * 1024;

/** One compression. */
interface Codec {
  readonly name: string;
  /** Absent where it is only read. */
  compress?(bytes: Buffer): Promise<Buffer>;
  /** Throws for what is malformed or holds more than `maxBytes`. */
  decompress(bytes: Buffer, maxBytes: number): Promise<Buffer>;
}

/** The least: the next ones take up to three times as long for a fifth less. */
const GZIP_LEVEL = 1;
const ISIZE_BYTES = 4;
const LEAST_CHUNK = 1024;
const MOST_CHUNK = 4 * 1024 * 1024;
const gunzipBytes = promisify(gunzip);
const gzipBytes = promisify<Buffer, ZlibOptions, Buffer>(gzip);
let zstd: Promise<ZSTDDecoder> | undefined;

/** By number; 0 is none. */
export const CODECS: Readonly<Record<number, Codec | undefined>> = {
  1: {
    name: 'gzip',
    compress: (bytes) => gzipBytes(bytes, { level: GZIP_LEVEL, chunkSize: chunkOf(bytes.length / 4) }),
    decompress: (bytes, maxOutputLength) =>
      gunzipBytes(bytes, { maxOutputLength, chunkSize: chunkOf(statedSize(bytes)) }),
  },
  2: { name: 'snappy', decompress: async (bytes, max) => decompressSnappy(bytes, max) },
  3: { name: 'lz4', decompress: async (bytes, max) => decompressLz4(bytes, max) },
  4: { name: 'zstd', decompress: decompressZstd },
};

/** Node hands over chunk by chunk and copies them together, so a single one has room for all. */
function chunkOf(bytes: number): number {
  return Math.ceil(Math.min(Math.max(bytes + 1, LEAST_CHUNK), MOST_CHUNK));
}

/** How many bytes gzip says that it holds (RFC 1952, ISIZE); it is malformed when they differ. */
function statedSize(bytes: Buffer): number {
  return bytes.length < ISIZE_BYTES ? 0 : bytes.readUInt32LE(bytes.length - ISIZE_BYTES);
}

async function decompressZstd(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  zstd ??= loadZstd();
  const out = (await zstd).decode(bytes, maxBytes);
  // Errors of the library show in nothing else. A batch that holds nothing is not compressed.
  if (out.length === 0) throw new RangeError(`zstd: malformed, or more than ${maxBytes} bytes when decompressed`);
  return Buffer.from(out.buffer, out.byteOffset, out.byteLength);
}

async function loadZstd(): Promise<ZSTDDecoder> {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return decoder;
}
