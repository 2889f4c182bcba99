// Writers of Snappy and LZ4 that choose at random among the forms that a writer may choose among
// (test/unit/shared/kafka/round-trips.test.ts).
import type { Random } from '../fuzz/mutate.ts';

/** Random bytes. */
export function bytesOf(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

/** A number from 0, seven bits a byte. */
export function unsignedVarint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return [...bytes, Number(left)];
}

/**
 * Where the bytes from `at` on stood before, and for how long: the longest of some random tries.
 */
function matchAt(bytes: Buffer, at: number, random: Random): { readonly distance: number; readonly length: number } {
  let best = { distance: 0, length: 0 };
  if (at === 0) return best;
  for (let tries = 0; tries < 8; tries += 1) {
    const distance = 1 + random(Math.min(at, tries < 4 ? 4 : 60_000));
    let length = 0;
    while (at + length < bytes.length && bytes[at + length] === bytes[at + length - distance]) length += 1;
    if (length > best.length) best = { distance, length };
  }
  return best;
}

function littleEndian(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntLE(value, 0, bytes);
  return out;
}

/** A raw block: literals of every form of length, copies of all three forms. */
function snappyBlock(bytes: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [Buffer.from(unsignedVarint(bytes.length))];
  let pending = 0;
  const flush = (at: number): void => {
    if (pending === 0) return;
    const length = pending - 1;
    const wide =
      length < 60 && random(2) === 0 ? 0 : ([1, 2, 3, 4].filter((count) => length < 256 ** count)[random(2)] ?? 4);
    parts.push(
      wide === 0
        ? Buffer.from([length << 2])
        : Buffer.concat([Buffer.from([(59 + wide) << 2]), littleEndian(length, wide)]),
      bytes.subarray(at - pending, at),
    );
    pending = 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const { distance, length } = matchAt(bytes, at, random);
    if (length < 4) {
      pending += 1;
      at += 1;
      continue;
    }
    flush(at);
    const near = distance < 2048 && random(2) === 0;
    const count = Math.min(length, near ? 11 : 64);
    if (near) parts.push(Buffer.from([1 | ((count - 4) << 2) | ((distance >> 8) << 5), distance & 0xff]));
    else {
      const bytesOfDistance = distance < 65_536 && random(2) === 0 ? 2 : 4;
      parts.push(
        Buffer.from([(bytesOfDistance === 2 ? 2 : 3) | ((count - 1) << 2)]),
        littleEndian(distance, bytesOfDistance),
      );
    }
    at += count;
  }
  flush(bytes.length);
  return Buffer.concat(parts);
}

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);

/**
 * Snappy as librdkafka writes it, or as the Java client does: in blocks, maybe of streams that were
 * joined.
 */
export function snappy(bytes: Buffer, random: Random): Buffer {
  if (random(2) === 0) return snappyBlock(bytes, random);
  const parts: Buffer[] = [XERIAL];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random(2000));
    const block = snappyBlock(bytes.subarray(at, end), random);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(block.length);
    parts.push(...(random(4) === 0 ? [XERIAL] : []), size, block);
    at = end;
  }
  return Buffer.concat(parts);
}

/** A length beyond the four bits of the token. */
function lz4Length(length: number): number[] {
  return length < 15
    ? []
    : [...Array.from({ length: Math.floor((length - 15) / 255) }, () => 255), (length - 15) % 255];
}

/** What stands before `from` may be referred to. */
function lz4Block(bytes: Buffer, from: number, random: Random): Buffer {
  const to = bytes.length;
  const parts: Buffer[] = [];
  let pending = 0;
  const sequence = (at: number, distance: number, length: number): void => {
    const match = distance === 0 ? 0 : length - 4;
    parts.push(
      Buffer.from([(Math.min(pending, 15) << 4) | Math.min(match, 15), ...lz4Length(pending)]),
      bytes.subarray(at - pending, at),
    );
    if (distance > 0) parts.push(littleEndian(distance, 2), Buffer.from(lz4Length(match)));
    pending = 0;
  };
  for (let at = from; at < to; ) {
    const { distance, length } = matchAt(bytes, at, random);
    // The last sequence has literals only.
    const count = Math.min(length, to - at - 1);
    if (count < 4 || distance > 65_535) {
      pending += 1;
      at += 1;
      continue;
    }
    sequence(at, distance, count);
    at += count;
  }
  sequence(to, 0, 0);
  return Buffer.concat(parts);
}

interface Flags {
  readonly isIndependent: boolean;
  readonly hasBlockSums: boolean;
  readonly hasSize: boolean;
  readonly hasSum: boolean;
}

/** LZ4: frames with every flag that a writer may set, skippable ones between. */
export function lz4(bytes: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [...skippable(random)];
  for (let at = 0, isFirst = true; isFirst || at < bytes.length; isFirst = false) {
    const end = Math.min(bytes.length, at + random(6000));
    const [isIndependent = false, hasBlockSums = false, hasSize = false, hasSum = false] = [0, 0, 0, 0].map(
      () => random(2) === 1,
    );
    parts.push(lz4Frame(bytes.subarray(at, end), { isIndependent, hasBlockSums, hasSize, hasSum }, random));
    parts.push(...skippable(random));
    at = end;
  }
  return Buffer.concat(parts);
}

function skippable(random: Random): readonly Buffer[] {
  if (random(4) > 0) return [];
  const size = random(20);
  return [littleEndian(0x184d2a50 + random(16), 4), littleEndian(size, 4), bytesOf(random, size)];
}

function lz4Frame(bytes: Buffer, { isIndependent, hasBlockSums, hasSize, hasSum }: Flags, random: Random): Buffer {
  const bits = [isIndependent && 0x20, hasBlockSums && 0x10, hasSize && 8, hasSum && 4];
  const flags = bits.reduce<number>((sum, bit) => sum + Number(bit), 0x40);
  const parts = [littleEndian(0x184d2204, 4), Buffer.from([flags, 0x40]), Buffer.alloc(hasSize ? 9 : 1)];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random(3000));
    const isStored = random(4) === 0;
    const from = isIndependent ? at : 0;
    const block = isStored ? bytes.subarray(at, end) : lz4Block(bytes.subarray(from, end), at - from, random);
    parts.push(littleEndian((isStored ? 0x80000000 : 0) + block.length, 4), block, Buffer.alloc(hasBlockSums ? 4 : 0));
    at = end;
  }
  return Buffer.concat([...parts, Buffer.alloc(4), Buffer.alloc(hasSum ? 4 : 0)]);
}
