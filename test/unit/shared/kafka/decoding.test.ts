// Record batches of another client (test/data/kafka-batches) and broken ones: whatever comes, no
// record is lost, none is invented, and nothing takes long.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { crc32c } from '../../../../shared/kafka/crc32c.ts';
import { CODECS } from '../../../../shared/kafka/decoding/codecs.ts';
import { decompressLz4 } from '../../../../shared/kafka/decoding/lz4.ts';
import type { DecodedRecord } from '../../../../shared/kafka/decoding/record.ts';
import { readRecordBatch } from '../../../../shared/kafka/decoding/record-batch.ts';
import { ENOUGH_BYTES, readRecordSet } from '../../../../shared/kafka/decoding/record-set.ts';
import { reasonAgainst, whyNotInstalled } from '../../../../shared/kafka/decoding/install.ts';
import { decompressSnappy } from '../../../../shared/kafka/decoding/snappy.ts';
import { toInRecord } from '../../../../shared/kafka/in-record.ts';
import { kafkajs } from '../../../../shared/kafka/kafkajs.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

const file = (name: string): Buffer => readFileSync(packagePath('test', 'data', 'kafka-batches', `${name}.bin`));
const noOlder = async (): Promise<never> => await Promise.reject(new Error('no message of an older format was sent'));
const read = async (...batches: readonly Buffer[]): Promise<readonly DecodedRecord[]> =>
  (await readRecordSet(Buffer.concat(batches), noOlder)) as readonly DecodedRecord[];
/** After a change, so that only the change is wrong. */
function withCrc(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
/** The header of a batch of the golden file, with other records. */
function batchOf(body: Buffer, { count, codec }: { readonly count: number; readonly codec: number }): Buffer {
  const head = Buffer.from(file('none').subarray(0, 61));
  head.writeInt32BE(49 + body.length, 8);
  head.writeInt16BE(codec, 21);
  head.writeInt32BE(count - 1, 23);
  head.writeInt32BE(count, 57);
  return withCrc(Buffer.concat([head, body]));
}

test('our decoder is in place behind the kafkajs that is installed, and stays away from any other [security M6]', () => {
  assert.equal(whyNotInstalled(), undefined);
  assert.match(reasonAgainst('2.2.5', false) ?? '', /kafkajs 2\.2\.5 .* was made for 2\.2\.4/u);
  assert.match(reasonAgainst('2.2.4', true) ?? '', /in use/u);
  assert.equal(reasonAgainst('2.2.4', false), undefined);
});

for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
  test(`a batch that the Java client wrote with compression ${codec} is read record by record [issue 13 item 1]`, async () => {
    const records = await read(file(codec));
    assert.equal(records.length, 300);
    const [first, last] = [records[0], records[299]];
    assert.deepEqual([first?.offset, last?.offset], ['500', '799']);
    assert.deepEqual([first?.timestamp, last?.timestamp], ['1700000000000', '1700000000299']);
    assert.deepEqual(first?.batchContext, {
      firstOffset: '500',
      firstTimestamp: '1700000000000',
      maxTimestamp: '1700000000299',
      lastOffsetDelta: 299,
      producerId: '-1',
      inTransaction: false,
      isControlBatch: false,
      isLogAppendTime: false,
      magicByte: 2,
    });
    assert.equal(String(last?.key), 'key 5');
    assert.match(String(last?.value), /^<Event number="299">(?:Der Port 1755 ist belegt; ){11}[0-9a-f]+<\/Event>$/u);
    assert.deepEqual({ ...toInRecord(last as never).headers }, { input: 'java', twice: '1' });
    const plain = await read(file('none'));
    assert.deepEqual(
      records.map(({ key, value }) => [String(key), String(value)]),
      plain.map(({ key, value }) => [String(key), String(value)]),
    );
  });

/** What kafkajs itself decodes the answer to a fetch with: ours. */
function answerOf(size: number, set: Buffer): Promise<readonly DecodedRecord[]> {
  const require = createRequire(import.meta.url);
  const path = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages';
  const decode = require(path) as (decoder: object) => Promise<readonly DecodedRecord[]>;
  const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
  const head = Buffer.alloc(4);
  head.writeInt32BE(size);
  return decode(new Decoder(Buffer.concat([head, set])));
}

test('messages of format 1, which brokers before Kafka 4 may still hold, are read too, beside batches and broken ones [issue 13 item 1]', async () => {
  const broken = Buffer.from(file('v1-lz4'));
  broken.fill(0xff, 40, 60);
  for (const codec of ['v1-lz4', 'v1-snappy']) {
    const set = Buffer.concat([file(codec), broken, file('zstd')]);
    const records = await answerOf(set.length, set);
    assert.equal(records.length, 601);
    assert.deepEqual([records[0]?.offset, records[299]?.offset], ['500', '799']);
    assert.match(String(records[299]?.value), /^<Event number="299">/u);
    assert.match(records[300]?.undecodable ?? '', /format 1 cannot be decoded/u);
    assert.deepEqual(records[300]?.value, broken);
    assert.match(String(records[600]?.value), /^<Event number="299">/u);
  }
});

test('an answer without records, or one that is cut off, has none', async () => {
  const one = file('empty');
  assert.equal((await answerOf(one.length, one)).length, 1);
  for (const size of [-1, 0, one.length + 1]) assert.deepEqual(await answerOf(size, one), []);
});

test('kafkajs decompresses by our codecs, and writes gzip alone', async () => {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const codecOf = (type: 'GZIP' | 'Snappy' | 'LZ4' | 'ZSTD') =>
    CompressionCodecs[CompressionTypes[type]]() as {
      compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
      decompress(bytes: Buffer): Promise<Buffer>;
    };
  const buffer = Buffer.from('x');
  const gzip = codecOf('GZIP');
  assert.deepEqual(await gzip.decompress(await gzip.compress({ buffer })), buffer);
  for (const type of ['Snappy', 'LZ4', 'ZSTD'] as const)
    await assert.rejects(
      codecOf(type).compress({ buffer }),
      new RegExp(`^Error: ${type} is read and not written`, 'iu'),
    );
});

test('the checksum of a batch is CRC-32C', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(0)), 0);
});

test('a batch that cannot be decoded stands there whole, at its last offset, and the batch behind it is read [issue 13 item 1]', async () => {
  const flipped = Buffer.from(file('lz4'));
  flipped[200] = (flipped[200] ?? 0) ^ 1;
  const unknown = Buffer.from(file('none'));
  unknown.writeInt16BE(7, 21);
  const many = Buffer.from(file('none'));
  many.writeInt32BE(2_000_000_000, 57);
  const more = Buffer.from(file('none'));
  more.writeInt32BE(262_145, 57);
  const negative = Buffer.from(file('none'));
  negative.writeInt32BE(-1, 57);
  const torn = ['gzip', 'snappy', 'lz4', 'zstd'].map((codec) => {
    const batch = Buffer.from(file(codec));
    batch.fill(0xff, 61, 90);
    return [withCrc(batch), new RegExp(`the batch cannot be decoded: ${codec}: `, 'u'), '799'] as const;
  });
  const most = Buffer.from(file('none'));
  most.writeInt32BE(262_144, 57);
  const short = Buffer.from(file('none'));
  short.writeInt32BE(301, 57);
  const future = Buffer.from(file('none'));
  future[16] = 3;
  for (const [broken, detail, offset] of [
    [flipped, /its CRC differs/u, '799'],
    [withCrc(unknown), /the number 7, which is not known/u, '799'],
    [withCrc(many), /2000000000 records/u, '799'],
    [withCrc(most), /it ends too early/u, '799'],
    [withCrc(more), /it says that it has 262145 records/u, '799'],
    [withCrc(negative), /-1 records/u, '799'],
    ...torn,
    [withCrc(short), /cannot be decoded/u, '799'],
    [future, /format 3/u, '500'],
  ] as const) {
    const records = await read(broken, file('gzip'));
    assert.equal(records.length, 301);
    assert.match(records[0]?.undecodable ?? '', detail);
    assert.match(records[0]?.undecodable ?? '', /whole batch as Kafka has it, from offset 500 on/u);
    assert.equal(records[0]?.offset, offset);
    assert.deepEqual(records[0]?.value, broken);
    assert.ok(!records[0].isControlRecord, 'kafkajs would hide it');
  }
});

test('what is larger than 65 MiB when decompressed is not decompressed [issue 13 item 1]', async () => {
  const zeros = gzipSync(Buffer.alloc(70 * 1024 * 1024));
  // Literals, then a match of 70 MiB one byte back: a length is 255 a byte.
  const match = Buffer.concat([Buffer.from([0x1f, 0x41, 1, 0]), Buffer.alloc(290_000, 255), Buffer.from([1])]);
  const frame = Buffer.concat([Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0]), sized(match), Buffer.alloc(4)]);
  const start = process.cpuUsage().user;
  for (const bomb of [
    file('bomb-zstd'),
    batchOf(zeros, { count: 1, codec: 1 }),
    batchOf(frame, { count: 1, codec: 3 }),
  ]) {
    const [record, ...others] = await read(bomb);
    assert.match(
      record?.undecodable ?? '',
      /more than 68157440 bytes|Cannot create a Buffer larger than 68157440 bytes/u,
    );
    assert.deepEqual([record?.value, others.length], [bomb, 0]);
  }
  assert.ok(process.cpuUsage().user - start < 5_000_000);
});

function sized(block: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return Buffer.concat([size, block]);
}

test('of many batches only so many are decoded at once that the memory bears it [issue 13 item 1]', async () => {
  const batch = batchOf(gzipSync(Buffer.alloc(ENOUGH_BYTES)), { count: 0, codec: 1 });
  assert.equal((await read(batch, batch, batch)).length, 3, 'an empty one is not decompressed at all');
  const body = (value: Buffer): Buffer => {
    const head = Buffer.from([0, 0, 0, 1, ...varint(value.length)]);
    const record = Buffer.concat([head, value, Buffer.from([0])]);
    return Buffer.concat([Buffer.from(varint(record.length)), record]);
  };
  // A record takes 11 bytes beside a value of this size.
  const large = (bytes: number) => batchOf(gzipSync(body(Buffer.alloc(bytes - 11))), { count: 1, codec: 1 });
  const [enough, fewer] = [large(ENOUGH_BYTES), large(ENOUGH_BYTES - 1)];
  assert.equal((await read(enough, enough)).length, 1);
  assert.equal((await read(fewer, fewer, fewer)).length, 2);
  // To half of its size: what is not compressed more than usual is not fetched twice.
  const usual = batchOf(gzipSync(body(Buffer.from(randomBytes(ENOUGH_BYTES / 4).toString('hex')))), {
    count: 1,
    codec: 1,
  });
  assert.equal((await read(usual, usual, usual, usual)).length, 4);
  const plain = batchOf(body(Buffer.alloc(ENOUGH_BYTES - 11)), { count: 1, codec: 0 });
  assert.equal((await read(plain, plain)).length, 2, 'as many as were fetched');
});

test('gzip is decompressed into one buffer of its size, also in several members', async () => {
  const { decompress } = CODECS[1] ?? {};
  for (const size of [0, 1, 1024, 16_384, 300_000]) {
    const plain = randomBytes(size);
    const read = await decompress?.(gzipSync(plain), size + 1);
    assert.deepEqual(read, plain);
    assert.ok(
      (read?.buffer.byteLength ?? 0) <= Math.max(Buffer.poolSize, size + 1),
      `${read?.buffer.byteLength} for ${size}`,
    );
    const members = await decompress?.(Buffer.concat([gzipSync(plain), gzipSync(Buffer.from('end'))]), size + 4);
    assert.deepEqual(members, Buffer.concat([plain, Buffer.from('end')]));
  }
});

/** In zigzag form, of what is not negative. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value * 2;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return [...bytes, left];
}

test('a malformed record spares the others, and is kept as it lies there [issue 13 item 6]', async () => {
  const good = [0, 0, 0, 1, 2, 0x61, 0];
  const bad = [0, 0, 2, 1, 200, 1, 0x62];
  const body = Buffer.from([
    ...varint(good.length),
    ...good,
    ...varint(bad.length),
    ...bad,
    ...varint(good.length),
    ...good,
  ]);
  body[body.length - 5] = 4;
  const records = await read(batchOf(body, { count: 3, codec: 0 }));
  assert.deepEqual(
    records.map(({ offset, value, undecodable }) => [offset, value?.toString('latin1'), undecodable !== undefined]),
    [
      ['500', 'a', false],
      ['501', Buffer.from(bad).toString('latin1'), true],
      ['502', 'a', false],
    ],
  );
});

test('a record whose offset lies outside of its batch is malformed and leads the reader nowhere; the others pass [issue 13 item 4]', async () => {
  const record = (delta: number): number[] => {
    const bytes = [0, 0, ...varint(delta), 1, 2, 0x61, 0];
    return [...varint(bytes.length), ...bytes];
  };
  const negative = [...varint(7), 0, 0, 1, 1, 2, 0x61, 0];
  const records = await read(
    batchOf(Buffer.from([...record(0), ...record(100_000), ...negative, ...record(3)]), { count: 4, codec: 0 }),
  );
  assert.deepEqual(
    records.map(({ offset, undecodable }) => [offset, undecodable !== undefined]),
    [
      ['500', false],
      ['501', true],
      ['502', true],
      ['503', false],
    ],
  );
  assert.match(records[1]?.undecodable ?? '', /its offset is 100000 from the first of a batch that goes to 3/u);
});

const ofRecords = (count: number, ...records: readonly (readonly number[])[]): Buffer =>
  batchOf(Buffer.from(records.flatMap((bytes) => [...varint(bytes.length), ...bytes])), { count, codec: 0 });
/** Attributes, time and offset of 0, no key, the value `a`. */
const FIRST = [0, 0, 0, 1, 2, 0x61] as const;
/** -1 as a length. */
const NULL = 1;

test('of headers of one name the first counts, one without a value is left out, one without a name has none', async () => {
  const [h, n, x] = [0x68, 0x6e, 0x78];
  const three = ['1', '2', '3'].flatMap((value) => [2, h, 2, ...Buffer.from(value)]);
  const [record] = await read(ofRecords(1, [...FIRST, ...varint(5), ...three, 2, n, NULL, NULL, 2, x]));
  assert.deepEqual(record?.headers, { h: '1', '': 'x' });
});

test('headers that a record has in another order than the one before keep their own names', async () => {
  const header = (...texts: readonly string[]): readonly number[] =>
    texts.flatMap((text) => [...varint(Buffer.byteLength(text)), ...Buffer.from(text)]);
  const rows: readonly Readonly<Record<string, string>>[] = [
    { größe: '1', input: 'http', constructor: 'c' },
    { input: 'bulk', größe: 'ü', ['__proto__']: 'p' },
    { inpux: 'x', 'gro\u0308ße': '2' },
  ];
  const records = await read(
    ofRecords(
      rows.length,
      ...rows.map((row, index) => [
        0,
        0,
        2 * index,
        ...FIRST.slice(3),
        ...varint(Object.keys(row).length),
        ...Object.entries(row).flatMap(([name, value]) => header(name, value)),
      ]),
    ),
  );
  assert.deepEqual(
    records.map(({ headers }) => Object.entries(headers)),
    rows.map((row) => Object.entries(row)),
  );
});

test('one header beyond a hundred is left out and counted', async () => {
  for (const count of [100, 101]) {
    const headers = Array.from({ length: count }, (_, index) => [2, index, 2, 1]).flat();
    const [record] = await read(ofRecords(1, [...FIRST, ...varint(count), ...headers]));
    assert.deepEqual([Object.keys(record?.headers ?? {}).length, record?.droppedHeaders], [100, count - 100]);
  }
});

test('counts and lengths below none are malformed', async () => {
  const minusTwo = 3;
  const records = await read(
    ofRecords(3, [...FIRST, NULL], [0, 0, 2, minusTwo, 2, 0x61, 0], [0, 0, 4, ...FIRST.slice(3), 0]),
  );
  assert.match(records[0]?.undecodable ?? '', /-1 headers/u);
  assert.match(records[1]?.undecodable ?? '', /-2 bytes where 3 are left/u);
  assert.deepEqual([records.length, records[2]?.undecodable, String(records[2]?.value)], [3, undefined, 'a']);
});

test('a malformed record stands behind the one before it, at the last offset of its batch at most', async () => {
  const offsets = async (lastOffsetDelta: number, batch: Buffer) => {
    batch.writeInt32BE(lastOffsetDelta, 23);
    return (await read(withCrc(batch))).map(({ offset, undecodable }) => [offset, undecodable !== undefined]);
  };
  const second = [0, 0, 2, ...FIRST.slice(3), 0];
  assert.deepEqual(await offsets(1, ofRecords(2, second, [0])), [
    ['501', false],
    ['501', true],
  ]);
  assert.deepEqual(await offsets(0, ofRecords(2, [...FIRST, 0], [0])), [
    ['500', false],
    ['500', true],
  ]);
  assert.deepEqual(await offsets(-1, ofRecords(1, [...FIRST, 0])), [['500', true]]);
});

test('where the broker sets the time, all records of a batch have the latest', async () => {
  const stamped = Buffer.from(file('none'));
  stamped.writeInt16BE(0x08, 21);
  const times = new Set((await read(withCrc(stamped))).map(({ timestamp }) => timestamp));
  assert.deepEqual([...times], ['1700000000299']);
});

test('five thousand headers take no time to speak of; a hundred are read, the others counted [security M6]', async () => {
  const start = process.cpuUsage().user;
  for (let times = 0; times < 20; times += 1) await read(file('headers-5000'));
  assert.ok(process.cpuUsage().user - start < 1_000_000, `${process.cpuUsage().user - start} µs`);
  const [record] = await read(file('headers-5000'));
  const { headers, droppedHeaders } = toInRecord(record as never);
  assert.deepEqual([Object.keys(headers).length, droppedHeaders, headers['h99']], [100, 4900, 'v99']);
});

test('markers of transactions and what compaction has emptied are passed over to their last offset [issue 13 item 6]', async () => {
  const [marker, ...others] = await read(file('abort-marker'));
  assert.deepEqual([marker?.isControlRecord, marker?.offset, others.length], [true, '700', 0]);
  assert.deepEqual(marker?.key, Buffer.from([0, 0, 0, 0]));
  assert.deepEqual([marker.batchContext.inTransaction, marker.batchContext.producerId], [true, '9']);
  const [gap] = await read(file('empty'));
  assert.deepEqual([gap?.isControlRecord, gap?.offset, gap?.key], [true, '809', null]);
  const wider = Buffer.from(file('none'));
  wider.writeInt32BE(310, 23);
  const records = await read(withCrc(wider));
  assert.deepEqual([records.length, records[300]?.isControlRecord, records[300]?.offset], [301, true, '810']);
});

test('a set that is cut off gives what is whole; a length that makes no sense stands there [issue 13 item 6]', async () => {
  const whole = file('lz4');
  for (const cut of [1, 12, 17, 60, 61, whole.length - 1])
    assert.equal((await read(whole, whole.subarray(0, cut))).length, 300);
  assert.deepEqual(await read(whole.subarray(0, whole.length - 1)), []);
  for (const length of [-2_147_483_648, -1, 0, 4]) {
    const broken = Buffer.from(whole);
    broken.writeInt32BE(length, 8);
    assert.equal((await read(whole, broken)).length, 300, 'what comes before is handed on first');
    const [record] = await read(broken);
    assert.match(record?.undecodable ?? '', /length makes no sense/u);
    assert.deepEqual(record?.value, broken);
  }
  const headless = Buffer.from(whole.subarray(0, 40));
  headless.writeInt32BE(28, 8);
  const [record] = await read(headless);
  assert.match(record?.undecodable ?? '', /fewer than its header takes/u);
  assert.equal(record?.offset, '799');
  assert.deepEqual(await read(Buffer.alloc(16)), [], 'not even its format is there');
});

test('no change of any byte of a compressed batch makes the decoder throw or take long [issue 13 item 1]', async () => {
  const start = process.cpuUsage().user;
  for (const codec of ['snappy', 'lz4', 'zstd', 'gzip', 'none']) {
    const batch = file(codec).subarray(0);
    for (let at = 21; at < Math.min(batch.length, 900); at += 3) {
      const changed = Buffer.from(batch);
      changed[at] = (changed[at] ?? 0) ^ (1 + ((at * 73) % 255));
      const { records } = await readRecordBatch(withCrc(changed));
      assert.ok(records.length > 0);
    }
  }
  assert.ok(process.cpuUsage().user - start < 60_000_000, `${process.cpuUsage().user - start} µs`);
});

test('Snappy and LZ4 refuse what reaches beyond its block [issue 13 item 1]', () => {
  const refused = (read: typeof decompressLz4, bytes: Buffer, problem: RegExp): void =>
    assert.throws(
      () => read(bytes, 1000),
      (error) => error instanceof RangeError && problem.test(error.message),
      String(problem),
    );
  const xerial = [0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1];
  const snappy: readonly (readonly [RegExp, readonly number[]])[] = [
    // Of minus five bytes, which would be read for ever.
    [/a literal ends behind the block/u, [10, 0xfc, 0xfa, 0xff, 0xff, 0xff]],
    [/a literal ends behind the block/u, [2, 0x04, 0x61]],
    [/a match reaches back before the beginning/u, [4, 0x00, 0x61, 0x01, 9]],
    [/a match reaches back before the beginning/u, [5, 0x00, 0x61, 0x01, 0]],
    [/not as many bytes as the block says/u, [1, 0x04, 0x61, 0x62]],
    [/not as many bytes as the block says/u, [9, 0x00, 0x61]],
    [/the length of the block is no varint/u, [255, 255, 255, 255, 255, 1]],
    [/out of range|outside/u, [5, 0x00, 0x61, 0x02, 1]],
    [/a block ends behind the batch/u, [...xerial, 0, 0, 0, 4, 1, 0x00, 0x61]],
  ];
  for (const [problem, bytes] of snappy) refused(decompressSnappy, Buffer.from(bytes), problem);
  assert.equal(String(decompressSnappy(Buffer.from([5, 0x00, 0x61, 0x01, 1]), 1000)), 'aaaaa');
  const header = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0];
  const lz4 = (block: readonly number[]): Buffer =>
    Buffer.from([...header, block.length, 0, 0, 0, ...block, 0, 0, 0, 0]);
  const withFlags = (flags: number): Buffer => Buffer.from([...header.slice(0, 4), flags, 0x40, 0, 0, 0, 0, 0]);
  assert.equal(decompressLz4(withFlags(0x60), 1000).length, 0);
  const bad: readonly (readonly [RegExp, Buffer])[] = [
    [/a match reaches back before the beginning/u, lz4([0x10, 0x61, 9, 0, 0])],
    [/a match reaches back before the beginning/u, lz4([0x10, 0x61, 0, 0, 0])],
    [/literals end behind the block/u, lz4([0x50, 0x61])],
    [/a length ends behind the block/u, lz4([0xf0, 255])],
    [/a block ends behind the frame/u, Buffer.from([...header, 255, 255, 0, 0, 1])],
    [/out of range|outside/u, Buffer.from(header)],
    [/no frame begins here/u, Buffer.from('hello, this is no frame')],
    [/no frame$/u, Buffer.alloc(0)],
    [/a version of the frame format that is not known/u, withFlags(0x20)],
    [/a version of the frame format that is not known/u, withFlags(0xa0)],
    [/the frame needs a dictionary/u, withFlags(0x61)],
  ];
  for (const [problem, bytes] of bad) refused(decompressLz4, bytes, problem);
  assert.equal(String(decompressLz4(lz4([0x12, 0x61, 1, 0, 0x10, 0x62]), 1000)), 'aaaaaaab');
  assert.throws(() => decompressLz4(lz4([0x1f, 0x61, 1, 0, 255, 255, 255, 255, 0, 0]), 1000), /more than 1000 bytes/u);
});

test('a batch whose CRC differs says by its header no more where it ends: what follows is not passed over [issue 13]', async () => {
  const following = Buffer.from(file('none'));
  following.writeBigInt64BE(800n, 0);
  for (const [delta, last] of [
    [0x7f_ff_ff_ff, 500 + 262_143],
    [262_143, 500 + 262_143],
    [0, 500],
    [-1, 500],
  ] as const) {
    const broken = Buffer.from(file('none'));
    broken.writeInt32BE(delta, 23);
    const records = await read(broken, following);
    assert.match(records[0]?.undecodable ?? '', /its CRC differs/u);
    assert.deepEqual([records[0]?.offset, records[1]?.offset, records.at(-1)?.offset], ['799', '800', '1099']);
    // With nothing behind it, no further than any batch goes.
    assert.equal((await read(broken))[0]?.offset, String(last));
    // Nor where what is behind it begins no later.
    assert.equal((await read(broken, file('none')))[0]?.offset, String(last));
  }
});
