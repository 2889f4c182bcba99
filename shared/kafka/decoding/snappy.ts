// Decompresses Snappy as Kafka's clients write it: a raw block (librdkafka), or blocks in the frame
// of snappy-java (format_description.txt of google/snappy; SnappyOutputStream of
// xerial/snappy-java).
import { Growing } from './growing.ts';

/** 0x82 "SNAPPY" 0x00; then version and compatible version, four bytes each. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/**
 * The decompressed bytes. Throws RangeError for what is malformed or holds more than `maxBytes`.
 */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const out = new Growing(bytes.length * 2, maxBytes);
  if (!isXerialAt(bytes, 0)) readBlock(bytes, out);
  else
    for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
      // Streams may be joined, each with a header of its own.
      if (isXerialAt(bytes, at)) {
        at += XERIAL_HEADER_BYTES;
        continue;
      }
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) throw new RangeError('snappy: a block ends behind the batch');
      readBlock(bytes.subarray(at + 4, end), out);
      at = end;
    }
  return out.take();
}

function isXerialAt(bytes: Buffer, at: number): boolean {
  return bytes.subarray(at, at + XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
}

function readBlock(block: Buffer, out: Growing): void {
  const start = out.length;
  const { length, at: first } = uncompressedLength(block);
  let at = first;
  while (at < block.length) {
    const tag = block[at] ?? 0;
    if ((tag & 3) === 0) at = readLiteral(block, at, out);
    else {
      const { count, distance, bytes } = copyOf(block, at, tag);
      out.repeat(distance, count, start);
      at += bytes;
    }
  }
  if (out.length - start !== length) throw new RangeError('snappy: not as many bytes as the block says');
}

/** A varint of 32 bits. */
function uncompressedLength(block: Buffer): { readonly length: number; readonly at: number } {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block.readUInt8(at);
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, at: at + 1 };
  }
  throw new RangeError('snappy: the length of the block is no varint');
}

/** Gives where it ends. */
function readLiteral(block: Buffer, start: number, out: Growing): number {
  const short = (block[start] ?? 0) >> 2;
  const lengthBytes = short < 60 ? 0 : short - 59;
  const length = lengthBytes === 0 ? short + 1 : block.readUIntLE(start + 1, lengthBytes) + 1;
  const from = start + 1 + lengthBytes;
  if (from + length > block.length) throw new RangeError('snappy: a literal ends behind the block');
  out.append(block, from, from + length);
  return from + length;
}

function copyOf(block: Buffer, at: number, tag: number) {
  if ((tag & 3) === 1)
    return { count: ((tag >> 2) & 7) + 4, distance: ((tag >> 5) << 8) | block.readUInt8(at + 1), bytes: 2 };
  const count = (tag >> 2) + 1;
  if ((tag & 3) === 2) return { count, distance: block.readUInt16LE(at + 1), bytes: 3 };
  return { count, distance: block.readUInt32LE(at + 1), bytes: 5 };
}
