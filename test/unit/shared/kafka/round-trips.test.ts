// Random batches, written by the rules of the formats in every compression that can be written here, are read as they were written; hostile ones spare what lies beside them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { KafkaMessage } from 'kafkajs';
import { crc32c } from '../../../../shared/kafka/decoding/crc32c.ts';
import { decompressLz4 } from '../../../../shared/kafka/decoding/lz4.ts';
import { Reader } from '../../../../shared/kafka/decoding/reader.ts';
import { readRecordSet } from '../../../../shared/kafka/decoding/record-set.ts';
import { decompressSnappy } from '../../../../shared/kafka/decoding/snappy.ts';
import { toInRecord } from '../../../../shared/kafka/in-record.ts';
import { type Random, randomOf } from '../../../fuzz/mutate.ts';

const MAX_BYTES = 1_000_000;

function bytesOf(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

/** Runs from few symbols, so that much repeats, beside noise. */
function compressible(random: Random): Buffer {
  const pieces = Array.from({ length: random(40) }, () =>
    random(3) === 0 ? bytesOf(random, random(80)) : Buffer.alloc(random(300), random(4)),
  );
  return Buffer.concat(pieces);
}

/** Where the bytes from `at` on stood before, and for how long: the longest of some random tries. */
function matchAt(bytes: Buffer, at: number, random: Random): { readonly distance: number; readonly length: number } {
  let best = { distance: 0, length: 0 };
  for (let tries = 0; at > 0 && tries < 8; tries += 1) {
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

/** As librdkafka writes it, or as the Java client does: in blocks, maybe of streams that were joined. */
function snappy(bytes: Buffer, random: Random): Buffer {
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

function lz4Block(bytes: Buffer, from: number, to: number, random: Random): Buffer {
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
    const { distance, length } = matchAt(bytes.subarray(0, to), at, random);
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

/** Frames with every flag that a writer may set, skippable ones between. */
function lz4(bytes: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  const skippable = (): void => {
    const size = random(20);
    parts.push(littleEndian(0x184d2a50 + random(16), 4), littleEndian(size, 4), bytesOf(random, size));
  };
  for (let frame = 0, at = 0; frame === 0 || at < bytes.length; frame += 1) {
    if (random(4) === 0) skippable();
    const frameEnd = Math.min(bytes.length, at + random(6000));
    const [isIndependent, hasBlockSums, hasSize, hasSum] = [0, 0, 0, 0].map(() => random(2) === 1);
    const flags = 0x40 | (isIndependent ? 0x20 : 0) | (hasBlockSums ? 0x10 : 0) | (hasSize ? 8 : 0) | (hasSum ? 4 : 0);
    parts.push(littleEndian(0x184d2204, 4), Buffer.from([flags, 0x40]), Buffer.alloc(hasSize ? 9 : 1));
    const frameStart = at;
    while (at < frameEnd) {
      const end = Math.min(frameEnd, at + 1 + random(3000));
      const isStored = random(4) === 0;
      const from = isIndependent ? at : frameStart;
      const own = bytes.subarray(from, end);
      const block = isStored ? bytes.subarray(at, end) : lz4Block(own, at - from, end - from, random);
      parts.push(
        littleEndian((isStored ? 0x80000000 : 0) + block.length, 4),
        block,
        Buffer.alloc(hasBlockSums ? 4 : 0),
      );
      at = end;
    }
    parts.push(Buffer.alloc(4), Buffer.alloc(hasSum ? 4 : 0));
  }
  if (random(4) === 0) skippable();
  return Buffer.concat(parts);
}

test('random bytes in every form of Snappy and LZ4 come back, and no byte more may', () => {
  const random = randomOf(20_261_130);
  for (let turn = 0; turn < 150; turn += 1) {
    const bytes = compressible(random);
    for (const [write, read] of [
      [snappy, decompressSnappy],
      [lz4, decompressLz4],
    ] as const) {
      const written = write(bytes, random);
      assert.ok(read(written, MAX_BYTES).equals(bytes), `${write.name}, turn ${turn}`);
      assert.ok(read(written, Math.max(1, bytes.length)).equals(bytes));
      if (bytes.length > 1) assert.throws(() => read(written, bytes.length - 1), RangeError);
    }
  }
});

test('the checksum is the one of the polynomial, bit by bit, at every length', () => {
  const random = randomOf(7);
  for (let length = 0; length < 70; length += 1) {
    const bytes = bytesOf(random, length);
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    assert.equal(crc32c(bytes), (crc ^ 0xffffffff) >>> 0);
  }
});

function unsignedVarint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return [...bytes, Number(left)];
}

function zigzag(value: number | bigint): number[] {
  const wide = BigInt(value);
  return unsignedVarint(BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n)));
}

test('numbers of 32 and 64 bits come back over the whole range', () => {
  const random = randomOf(64);
  const edges = [0n, 1n, -1n, 63n, 64n, -64n, -65n, 2n ** 31n - 1n, -(2n ** 31n)];
  const any = Array.from({ length: 300 }, () => BigInt.asIntN(32, BigInt(random(2 ** 32))) >> BigInt(random(32)));
  for (const value of [...edges, ...any]) {
    const reader = new Reader(Buffer.from([...zigzag(value), 0xff]));
    assert.equal(reader.varint(), Number(value));
    assert.equal(reader.left, 1);
  }
  const wide = any.map((value, index) => BigInt.asIntN(64, value * (BigInt(any[index - 1] ?? 1n) + 3n) ** 2n));
  for (const value of [...edges, ...wide, 2n ** 63n - 1n, -(2n ** 63n)])
    assert.equal(new Reader(Buffer.from(zigzag(value))).varlong(), value);
  for (const endless of [5, 10, 11]) {
    const bytes = Buffer.alloc(endless, 0x80);
    assert.throws(() => new Reader(bytes).varint(), RangeError);
    assert.throws(() => new Reader(bytes).varlong(), RangeError);
  }
});

interface Written {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, Buffer])[];
}

const NAMES = ['input', 'received', '', 'ü', '__proto__', 'constructor', 'toString', 'x'.repeat(300)];

function recordsOf(random: Random, first: number): readonly Written[] {
  const maybe = (): Buffer | null => (random(5) === 0 ? null : bytesOf(random, random(200)));
  let offset = first;
  return Array.from({ length: 1 + random(30) }, () => {
    const names = NAMES.filter(() => random(4) === 0);
    const record = {
      offset,
      timestamp: 1_700_000_000_000 + random(2000) - 1000,
      key: maybe(),
      value: maybe(),
      headers: names.map((name) => [name, Buffer.from(`${name}=${random(1000)}`)] as const),
    };
    offset += 1 + (random(4) === 0 ? random(50) : 0);
    return record;
  });
}

function sized(bytes: Buffer | null): Buffer {
  return bytes === null ? Buffer.from(zigzag(-1)) : Buffer.concat([Buffer.from(zigzag(bytes.length)), bytes]);
}

const FIRST_MS = 1_700_000_000_000;

function recordBytes({ offset, timestamp, key, value, headers }: Written, first: number): Buffer {
  return Buffer.concat([
    Buffer.from([0, ...zigzag(timestamp - FIRST_MS), ...zigzag(offset - first)]),
    sized(key),
    sized(value),
    Buffer.from(zigzag(headers.length)),
    ...headers.flatMap(([name, text]) => [sized(Buffer.from(name)), sized(text)]),
  ]);
}

const COMPRESSIONS = [
  (bytes: Buffer): Buffer => bytes,
  (bytes: Buffer): Buffer => gzipSync(bytes),
  snappy,
  lz4,
] as const;

/** A whole batch of format 2. */
function batchOf(records: readonly Buffer[], last: number, first: number, random: Random): Buffer {
  const codec = random(COMPRESSIONS.length);
  const body = COMPRESSIONS[codec]?.(Buffer.concat(records.map(sized)), random) ?? assert.fail();
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(first), 0);
  head.writeInt32BE(49 + body.length, 8);
  head[16] = 2;
  head.writeInt16BE(codec, 21);
  head.writeInt32BE(last - first, 23);
  head.writeBigInt64BE(BigInt(FIRST_MS), 27);
  head.writeBigInt64BE(BigInt(FIRST_MS + 1000), 35);
  head.writeBigInt64BE(-1n, 43);
  head.writeInt32BE(records.length, 57);
  const batch = Buffer.concat([head, body]);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

const noOlder = async (): Promise<never> => await Promise.reject(new Error('no message of an older format was sent'));

test('random records of random batches are read as they were written; a malformed one spares the others', async () => {
  const random = randomOf(309);
  for (let turn = 0; turn < 60; turn += 1) {
    const batches: Buffer[] = [];
    const expected: (Written | 'undecodable')[] = [];
    let next = random(1000);
    for (let count = 1 + random(4); count > 0; count -= 1) {
      const records = recordsOf(random, next);
      const spoilt = random(3) === 0 ? random(records.length) : -1;
      const bytes = records.map((record, index) => {
        const whole = recordBytes(record, next);
        return index === spoilt ? whole.subarray(0, whole.length - 1) : whole;
      });
      expected.push(...records.map((record, index) => (index === spoilt ? 'undecodable' : record)));
      const last = records.at(-1)?.offset ?? next;
      batches.push(batchOf(bytes, last, next, random));
      next = last + 1;
    }
    const read = (await readRecordSet(Buffer.concat(batches), noOlder)) as readonly KafkaMessage[];
    // Beside the records stand the markers of what compaction took out of the end of a batch.
    const records = read.filter((one) => !('isControlRecord' in one && one.isControlRecord));
    assert.equal(records.length, expected.length, `turn ${turn}`);
    for (const [index, record] of records.entries()) {
      const written = expected[index];
      if (written === 'undecodable' || written === undefined) assert.ok('undecodable' in record);
      else {
        assert.equal(record.offset, String(written.offset));
        const { key, value, timestampMs, headers } = toInRecord(record);
        assert.deepEqual([key, value, timestampMs], [written.key, written.value, written.timestamp]);
        assert.deepEqual(
          Object.entries(headers).sort(),
          written.headers.map(([name, text]) => [name, text.toString()]).sort(),
        );
      }
    }
  }
});
