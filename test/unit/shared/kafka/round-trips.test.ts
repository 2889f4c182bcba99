// Random batches, written by the rules of the formats in every compression that can be written
// here, are read as they were written; hostile ones spare what lies beside them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { KafkaMessage } from 'kafkajs';
import { crc32c } from '../../../../shared/kafka/crc32c.ts';
import { decompressLz4 } from '../../../../shared/kafka/decoding/lz4.ts';
import { Reader } from '../../../../shared/kafka/decoding/reader.ts';
import { readRecordSet } from '../../../../shared/kafka/decoding/record-set.ts';
import { decompressSnappy } from '../../../../shared/kafka/decoding/snappy.ts';
import { toInRecord } from '../../../../shared/kafka/in-record.ts';
import { type Random, randomOf } from '../../../fuzz/mutate.ts';
import { bytesOf, lz4, snappy, unsignedVarint } from '../../../support/compressors.ts';

const MAX_BYTES = 1_000_000;

/** Runs from few symbols, so that much repeats, beside noise. */
function compressible(random: Random): Buffer {
  const pieces = Array.from({ length: random(40) }, () =>
    random(3) === 0 ? bytesOf(random, random(80)) : Buffer.alloc(random(300), random(4)),
  );
  return Buffer.concat(pieces);
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
  const wide = any.map((value, index) => BigInt.asIntN(64, value * ((any[index - 1] ?? 1n) + 3n) ** 2n));
  for (const value of [...edges, ...wide, 2n ** 63n - 1n, -(2n ** 63n)])
    assert.equal(new Reader(Buffer.from(zigzag(value))).varlong(), value);
  const endless = (count: number): Reader => new Reader(Buffer.from([...Buffer.alloc(count, 0x80), 1]));
  assert.throws(() => endless(5).varint(), /more than 32 bits/u);
  assert.throws(() => endless(10).varlong(), /more than 64 bits/u);
  assert.throws(() => new Reader(Buffer.alloc(3, 0x80)).varint(), /ends too early/u);
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
