// Decompresses LZ4 frames as Kafka's batches of format 2 hold them (LZ4 Frame Format 1.6, LZ4 Block
// Format; KIP-57). Checksums are left to the batch's own CRC.
import { Growing } from './growing.ts';

const MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const MIN_MATCH = 4;
const LONG = 15;

/**
 * The decompressed bytes. Throws RangeError for what is malformed or holds more than `maxBytes`.
 */
export function decompressLz4(bytes: Buffer, maxBytes: number): Buffer {
  const out = new Growing(bytes.length * 4, maxBytes);
  let at = 0;
  if (bytes.length === 0) throw new RangeError('lz4: no frame');
  while (at < bytes.length) at = readFrame(bytes, at, out);
  return out.take();
}

interface FrameHeader {
  readonly isIndependent: boolean;
  readonly blockChecksumBytes: number;
  readonly contentChecksumBytes: number;
  readonly bytes: number;
}

/** Gives where the next frame begins. */
function readFrame(bytes: Buffer, start: number, out: Growing): number {
  const magic = bytes.readUInt32LE(start);
  if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) return start + 8 + bytes.readUInt32LE(start + 4);
  if (magic !== MAGIC) throw new RangeError('lz4: no frame begins here');
  const header = headerOf(bytes.readUInt8(start + 4));
  const frameStart = out.length;
  let at = start + header.bytes;
  for (;;) {
    const size = bytes.readUInt32LE(at);
    at += 4;
    if (size === 0) return at + header.contentChecksumBytes;
    const end = at + (size & 0x7fffffff);
    if (end > bytes.length) throw new RangeError('lz4: a block ends behind the frame');
    if (size >>> 31 === 1) out.append(bytes, at, end);
    else readBlock(bytes.subarray(at, end), out, header.isIndependent ? out.length : frameStart);
    at = end + header.blockChecksumBytes;
  }
}

function headerOf(flags: number): FrameHeader {
  const has = (bit: number): boolean => (flags & bit) !== 0;
  if (flags >> 6 !== 1) throw new RangeError('lz4: a version of the frame format that is not known');
  if (has(0x01)) throw new RangeError('lz4: the frame needs a dictionary');
  return {
    isIndependent: has(0x20),
    blockChecksumBytes: has(0x10) ? 4 : 0,
    contentChecksumBytes: has(0x04) ? 4 : 0,
    // Magic number, flags, block size, perhaps the content's size, and the header's checksum.
    bytes: 6 + (has(0x08) ? 8 : 0) + 1,
  };
}

/** Matches reach back as far as `from`. */
function readBlock(block: Buffer, out: Growing, from: number): void {
  const cursor = { at: 0 };
  while (cursor.at < block.length) {
    const token = block[cursor.at++] ?? 0;
    const literals = lengthOf(block, cursor, token >> 4);
    if (cursor.at + literals > block.length) throw new RangeError('lz4: literals end behind the block');
    out.append(block, cursor.at, cursor.at + literals);
    cursor.at += literals;
    // The last sequence has literals only.
    if (cursor.at === block.length) return;
    const distance = block.readUInt16LE(cursor.at);
    cursor.at += 2;
    out.repeat(distance, MIN_MATCH + lengthOf(block, cursor, token & LONG), from);
  }
}

function lengthOf(block: Buffer, cursor: { at: number }, short: number): number {
  let length = short;
  if (short !== LONG) return length;
  for (;;) {
    const more = block[cursor.at++];
    if (more === undefined) throw new RangeError('lz4: a length ends behind the block');
    length += more;
    if (more !== 255) return length;
  }
}
