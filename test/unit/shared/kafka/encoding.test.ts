// Our encoder behind kafkajs writes what kafkajs itself writes, byte for byte; keys go where every
// client of Kafka sends them.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import { crc32c, portableCrc32c } from '../../../../shared/kafka/crc32c.ts';
import { Reader } from '../../../../shared/kafka/decoding/reader.ts';
import { readRecordSet } from '../../../../shared/kafka/decoding/record-set.ts';
import type { DecodedRecord } from '../../../../shared/kafka/decoding/record.ts';
import { reasonAgainst, whyNotInstalled } from '../../../../shared/kafka/encoding/install.ts';
import { partitionOfKey } from '../../../../shared/kafka/encoding/murmur2.ts';
import { encodeProduce, type ProduceRequest, ROOM } from '../../../../shared/kafka/encoding/produce-request.ts';
import { sizeOf, varintBytes, write, writeVarint } from '../../../../shared/kafka/encoding/varint.ts';
import '../../../../shared/kafka/kafkajs.ts';
import { toInRecord } from '../../../../shared/kafka/in-record.ts';
import { type Random, randomOf } from '../../../fuzz/mutate.ts';
import { bytesOf } from '../../../support/compressors.ts';

type Message = ProduceRequest['topicData'][number]['partitions'][number]['messages'][number];

interface Framing {
  (frame: { correlationId: number; clientId: string | null; request: object }): Promise<{ buffer: Buffer }>;
}
interface KafkaJs {
  readonly produce: (request: ProduceRequest) => { encode(): Promise<{ buffer: Buffer }> };
  readonly frame: Framing;
  readonly murmur2: (key: Buffer | string) => number;
  readonly group: (grouping: object) => Record<string, object[]>;
}

const PRODUCE = 'kafkajs/src/protocol/requests/produce/v7/request';
const FRAME = 'kafkajs/src/protocol/request';
const MURMUR2 = 'kafkajs/src/producer/partitioners/default/murmur2';
const GROUP = 'kafkajs/src/producer/groupMessagesPerPartition';
const require = createRequire(import.meta.url);
const patched = modules();
const original = modulesWithoutUs();
const NOW = 1_795_000_000_123;
const deflate = promisify(gzipWithCallback);
const gzip = async (_codec: number, records: Buffer): Promise<Buffer> => await deflate(records);

function modules(): KafkaJs {
  return {
    produce: require(PRODUCE) as KafkaJs['produce'],
    frame: require(FRAME) as Framing,
    murmur2: require(MURMUR2) as KafkaJs['murmur2'],
    group: require(GROUP) as KafkaJs['group'],
  };
}

/** kafkajs as it comes: its modules loaded once more, where nothing was replaced. */
function modulesWithoutUs(): KafkaJs {
  const kept = Object.entries(require.cache).filter(([path]) => path.includes('/kafkajs/'));
  for (const [path] of kept) Reflect.deleteProperty(require.cache, path);
  const found = modules();
  for (const [path, module] of kept) require.cache[path] = module;
  return found;
}

const TEXTS = [
  '',
  'a',
  'media-01.example.com',
  'Größe',
  '日本語',
  '😀 smile',
  'x'.repeat(48),
  'y'.repeat(49),
  '\ud800 alone',
];

function textOf(random: Random): string {
  return random(9) === 0 ? 'ü'.repeat(random(5000)) : (TEXTS[random(TEXTS.length)] ?? '');
}

function dataOf(random: Random): Buffer | string | null {
  const kind = random(5);
  if (kind === 0) return null;
  return kind === 1 ? textOf(random) : bytesOf(random, random(5) === 0 ? random(9000) : random(100));
}

function messageOf(random: Random): Message {
  const headers: Record<string, Buffer | string> = {};
  for (let left = random(6); left > 0; left -= 1)
    headers[`${textOf(random)}${left}`] = random(3) === 0 ? bytesOf(random, random(100)) : textOf(random);
  return { key: dataOf(random), value: dataOf(random), ...(random(3) === 0 ? {} : { headers }) };
}

function requestOf(random: Random, compression: number): ProduceRequest {
  return {
    acks: -1,
    timeout: random(100_000),
    ...(random(4) === 0 ? { transactionalId: textOf(random).slice(0, 200) } : {}),
    producerId: { toString: () => '9007199254740993', value: 9_007_199_254_740_993n } as never,
    producerEpoch: random(30_000),
    compression,
    topicData: Array.from({ length: random(3) + 1 }, (_, topic) => ({
      topic: `foghorn.${topic}`,
      partitions: Array.from({ length: random(4) + 1 }, (__, partition) => ({
        partition,
        firstSequence: random(2 ** 31),
        messages: Array.from({ length: random(90) + 1 }, () => messageOf(random)),
      })),
    })),
  };
}

test('a request has the bytes that kafkajs gives it, whatever its records, plain and compressed', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const random = randomOf(20_261_130);
  for (let turn = 0; turn < 40; turn += 1) {
    const request = requestOf(random, turn % 2);
    const expected = (await original.produce(request).encode()).buffer;
    const whole = await encodeProduce(request, gzip);
    assert.ok(whole?.subarray(ROOM).equals(expected), `turn ${turn}`);
    const frame = { correlationId: random(2 ** 31), clientId: turn % 5 === 0 ? null : textOf(random) };
    const own = await patched.frame({ ...frame, request: patched.produce(request) });
    const framed = await original.frame({ ...frame, request: original.produce(request) });
    assert.ok(own.buffer.equals(framed.buffer), `frame of turn ${turn}`);
  }
});

test('what a request does not say is what kafkajs takes for it', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const topicData = [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'v' }] }] }];
  const request: ProduceRequest = { acks: 1, timeout: 1, topicData };
  const whole = await encodeProduce(request, () => assert.fail('nothing is compressed'));
  assert.deepEqual(whole?.subarray(ROOM), (await original.produce(request).encode()).buffer);
});

test('the size of a number is that of its bytes', () => {
  const target = Buffer.alloc(5);
  const sizes = [64, 8192, 1_048_576, 134_217_728].flatMap((limit) => [limit - 1, limit]);
  for (const value of [0, ...sizes, 2 ** 30 - 1]) {
    const end = writeVarint(target, 0, value);
    assert.equal(varintBytes(value), end);
    assert.equal(new Reader(target.subarray(0, end)).varint(), value);
  }
});

test('a text takes the bytes of its size and no more, wherever it leaves ASCII', () => {
  const long = 'x'.repeat(47);
  for (const text of ['', 'a', 'aü', 'üa', '\u007f', '\u0080', `${long}y`, `${long}ü`, `${long}yz`, `${long}yzü`]) {
    const target = Buffer.alloc(64, 0xff);
    const end = write(target, 0, text);
    assert.equal(end, sizeOf(text), text);
    assert.equal(String(new Reader(target.subarray(0, end)).varBytes()), text);
    assert.ok(target.subarray(end).every((byte) => byte === 0xff));
  }
});

test('the records of a large batch are read as they were sent', async () => {
  const messages = Array.from({ length: 9000 }, (_, index) => ({
    key: `key ${index}`,
    value: index % 7 === 0 ? null : `value ${index}`,
    ...(index % 3 === 0 ? {} : { headers: { größe: `${index}`, input: 'http' } }),
  }));
  const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
  const whole = await encodeProduce({ acks: -1, timeout: 1, topicData }, gzip);
  // In front of the batch: text of length -1, acks, time-out, two lengths, topic, partition, size.
  const batch = whole?.subarray(ROOM + 2 + 2 + 4 + 4 + 3 + 4 + 4 + 4) ?? Buffer.alloc(0);
  const records = (await readRecordSet(batch, () => assert.fail())) as readonly DecodedRecord[];
  assert.equal(records.length, messages.length);
  for (const [index, { key, value, headers = {} }] of messages.entries()) {
    const record = toInRecord(records[index] as never);
    assert.equal(String(record.key), key);
    assert.equal(record.value === null ? null : String(record.value), value);
    assert.deepEqual(record.headers, headers);
  }
});

test('records with a time of their own and repeated headers are left to kafkajs', async () => {
  for (const message of [
    { value: 'v', timestamp: '1700000000000' },
    { value: 'v', headers: { twice: ['one', 'two'] } as never },
  ]) {
    const request: ProduceRequest = {
      acks: -1,
      timeout: 1,
      topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'first' }, message] }] }],
    };
    assert.equal(await encodeProduce(request, gzip), undefined);
  }
  const timestamp = '1700000000000';
  const partitions = [{ partition: 0, messages: [{ value: 'v', timestamp }] }];
  const request: ProduceRequest = { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions }] };
  assert.deepEqual((await patched.produce(request).encode()).buffer, (await original.produce(request).encode()).buffer);
});

test('a key goes to the partition where every client of Kafka sends it', () => {
  const random = randomOf(11);
  for (let turn = 0; turn < 3000; turn += 1) {
    const key = random(2) === 0 ? textOf(random).slice(0, 40) : bytesOf(random, random(40));
    assert.equal(partitionOfKey(key, 12), (original.murmur2(key) & 0x7fffffff) % 12);
  }
});

test('records are grouped by partition in their order, as kafkajs groups them', () => {
  const messages = Array.from({ length: 500 }, (_, index) => ({ index, partition: (index * 7) % 5 }));
  const partitioner = ({ message }: { message: { partition: number } }): number => message.partition;
  for (const partitionMetadata of [[], [{}, {}, {}, {}, {}]]) {
    const grouping = { topic: 't', partitionMetadata, messages, partitioner };
    assert.deepEqual(patched.group(grouping), original.group(grouping));
  }
});

test('the checksum is the same with and without native code', () => {
  const random = randomOf(5);
  for (let length = 0; length < 300; length += 1) {
    const bytes = bytesOf(random, length);
    assert.equal(crc32c(bytes), portableCrc32c(bytes));
  }
});

test('our encoder is in place behind the kafkajs that is installed, and stays away from any other', async () => {
  assert.equal(whyNotInstalled(), undefined);
  assert.match(reasonAgainst('2.2.5', false) ?? '', /kafkajs 2\.2\.5 .* was made for 2\.2\.4/u);
  assert.match(reasonAgainst('2.2.4', true) ?? '', /loaded before/u);
  assert.equal(reasonAgainst('2.2.4', false), undefined);
  const request: ProduceRequest = { acks: -1, timeout: 1, topicData: [] };
  assert.equal((await patched.produce(request).encode()).constructor.name, 'Encoded');
  assert.equal((await original.produce(request).encode()).constructor.name, 'Encoder');
});
