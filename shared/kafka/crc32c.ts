// CRC-32C (Castagnoli, RFC 3720 appendix B.4), which guards a record batch: by the processor's own
// instruction where the optional package has a prebuilt binary for the platform, else eight bytes
// at a time ("slicing by 8").
import { createRequire } from 'node:module';

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;
const TABLE = makeTable();

const native = loadNative();

/** The checksum of `bytes`, unsigned. */
export const crc32c: (bytes: Buffer) => number = native ?? portableCrc32c;

/** The same without native code. */
export function portableCrc32c(bytes: Buffer): number {
  const t = TABLE;
  let crc = 0xffffffff;
  let at = 0;
  for (const end = bytes.length - (bytes.length % SLICES); at < end; at += SLICES) {
    const low = crc ^ ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0);
    crc =
      t[1792 + (low & 255)]! ^
      t[1536 + ((low >>> 8) & 255)]! ^
      t[1280 + ((low >>> 16) & 255)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[at + 4]!]! ^
      t[512 + bytes[at + 5]!]! ^
      t[256 + bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at += 1) crc = t[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function loadNative(): ((bytes: Buffer) => number) | undefined {
  try {
    const { crc32c: checksum } = createRequire(import.meta.url)('@node-rs/crc32') as {
      crc32c(bytes: Buffer): number;
    };
    return (bytes) => checksum(bytes);
  } catch {
    return undefined;
  }
}

/** Slice n has the checksum of a byte that is followed by n others. */
function makeTable(): Int32Array {
  const table = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at += 1) {
    const before = table[at - 256] ?? 0;
    table[at] = (table[before & 255] ?? 0) ^ (before >>> 8);
  }
  return table;
}
