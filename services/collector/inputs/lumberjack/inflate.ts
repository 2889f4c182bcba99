// Unpacks a compressed frame as it comes: a bomb costs what the limits allow, and never memory.
import { pipeline, Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import type { ByteReader, Holding } from './byte-reader.ts';
import { ConnectionFault } from '../connection-fault.ts';

const CHUNK_BYTES = 131_072;
/** An event keeps the chunk that it is in, so a short frame gets short chunks. */
const MIN_CHUNK_BYTES = 4096;
const CHUNK_RATIO = 8;
/** What unpacking takes: zlib's window, and what is at hand of both sides. */
const INFLATE_BYTES = 65_536 + 2 * CHUNK_BYTES;
/** Below it every ratio is allowed: a short window of like events packs very well. */
const FREE_BYTES = 16 * 1024 * 1024;
/** Real events pack 5 to 60 times. */
const MAX_RATIO = 250;

/**
 * The unpacked bytes of a frame of `length` bytes. Throws ConnectionFault for data that is no zlib
 * stream (RFC 1950), that ends before or after the frame does, or that is more than the limits
 * allow.
 */
export async function* inflateFrame(
  reader: ByteReader,
  length: number,
  { maxDecodedBytes, hold }: { readonly maxDecodedBytes: number; readonly hold: () => Holding },
): AsyncGenerator<Buffer> {
  const holding = hold();
  await holding.grow(INFLATE_BYTES);
  const most = Math.min(maxDecodedBytes, Math.max(FREE_BYTES, MAX_RATIO * length));
  const chunkSize = Math.min(CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, CHUNK_RATIO * length));
  const inflate = createInflate({ chunkSize });
  pipeline(Readable.from(partsOf(reader, length), { objectMode: false }), inflate, () => undefined);
  try {
    let unpacked = 0;
    for await (const part of inflate as AsyncIterable<Buffer>) {
      unpacked += part.length;
      if (unpacked > most)
        throw new ConnectionFault(
          'bad_compression',
          `A compressed frame of ${length} bytes holds more than ${most} (collector.lumberjack.maxDecodedBytes, and ${MAX_RATIO} times its own length beyond ${FREE_BYTES}); lower bulk_max_size of the agent.`,
        );
      yield part;
    }
  } catch (error) {
    throw zlibFault(error);
  } finally {
    inflate.destroy();
    holding.release();
  }
  if (inflate.bytesWritten < length)
    throw new ConnectionFault('bad_compression', 'A compressed frame goes on after the end of its zlib stream.');
}

async function* partsOf(reader: ByteReader, length: number): AsyncGenerator<Buffer> {
  for (let left = length; left > 0; ) {
    const part = await reader.some(Math.min(left, CHUNK_BYTES));
    left -= part.length;
    yield part;
  }
}

function zlibFault(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (!code.startsWith('Z_')) return error;
  return new ConnectionFault('bad_compression', `A compressed frame cannot be unpacked: ${message}.`);
}
