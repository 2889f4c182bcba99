// What a stage's loop does without a broker: verdicts back in order, what is produced for each,
// requests of a size that a broker takes, and what may be a repeat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, KafkaMessage } from 'kafkajs';
import type { Verdict } from '../../../../shared/contracts/stage.ts';
import type { OutRecord } from '../../../../shared/contracts/record.ts';
import { Assignment, isMembershipLost } from '../../../../shared/kafka/assignment.ts';
import { KafkaJSProtocolError } from '../../../../shared/kafka/client.ts';
import { partitionOfKey } from '../../../../shared/kafka/encoding/murmur2.ts';
import { countBy, mergeVerdicts, outputsOf } from '../../../../shared/kafka/outcome.ts';
import { plannedPartition, planRequest, positionsOf } from '../../../../shared/kafka/produce-plan.ts';
import { isTooLarge, RecordsTooLarge, slicesOf } from '../../../../shared/kafka/record-size.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import { randomOf } from '../../../fuzz/mutate.ts';

function message(offset: number, more: Partial<KafkaMessage> = {}): KafkaMessage {
  const value = Buffer.from(`value ${offset}`);
  return {
    key: null,
    value,
    timestamp: '5',
    attributes: 0,
    offset: String(offset),
    size: 0,
    headers: {},
    ...more,
  } as KafkaMessage;
}

function batchOf(messages: KafkaMessage[]): Batch {
  return { topic: 'f.raw', partition: 3, messages } as unknown as Batch;
}

const skip: Verdict = { kind: 'skip', reason: 'x' };
const emit = (...keys: string[]): Verdict => ({
  kind: 'emit',
  records: keys.map((key): OutRecord => ({ topic: 'events', key, value: '{}' })),
});

test('each record has its verdict in its place: the stage’s, or why the stage did not see it', () => {
  const decoded = [
    { kind: 'value', value: 1 },
    { kind: 'bad', detail: 'no JSON' },
    { kind: 'none' },
    { kind: 'value', value: 2 },
  ] as const;
  assert.deepEqual(mergeVerdicts(decoded, [emit('a'), skip]), [
    emit('a'),
    { kind: 'dead', reason: 'undecodable', detail: 'no JSON' },
    { kind: 'skip', reason: 'tombstone' },
    skip,
  ]);
  for (const verdicts of [[skip], [skip, skip, skip], []])
    assert.throws(() => mergeVerdicts(decoded, verdicts), /gave \d verdicts for 2 records/u);
});

test('what is produced says of which record it was made; a dead letter has the record, and where it lay', () => {
  const headers = { input: Buffer.from('http') };
  const messages = [message(7), message(8), message(9, { headers, key: Buffer.from('k') })];
  const verdicts: Verdict[] = [emit('a', 'b'), skip, { kind: 'dead', reason: 'invalid_xml', detail: 'why' }];
  const outputs = outputsOf({ name: 'enricher' }, batchOf(messages), verdicts);
  assert.deepEqual(
    outputs.map(({ index, record: { topic, key } }) => [index, topic, String(key)]),
    [
      [0, 'events', 'a'],
      [0, 'events', 'b'],
      [2, 'deadLetters', 'k'],
    ],
  );
  const { value, headers: written = {} } = outputs[2]?.record ?? assert.fail();
  assert.deepEqual(value, messages[2]?.value);
  assert.deepEqual(written, {
    input: 'http',
    'dead-stage': 'enricher',
    'dead-reason': 'invalid_xml',
    'dead-detail': 'why',
    'dead-topic': 'f.raw',
    'dead-partition': '3',
    'dead-offset': '9',
  });
  assert.throws(
    () => outputsOf({ name: 'enricher' }, batchOf(messages), verdicts.slice(1)),
    /enricher gave 2 .* for 3/u,
  );
});

test('items are counted by their key, those without one not at all', () => {
  const counts = countBy(['a', 'b', 'a', ''], (item) => (item === '' ? undefined : item));
  assert.deepEqual(
    [...counts],
    [
      ['a', 2],
      ['b', 1],
    ],
  );
});

test('requests hold every record once and in order, none more than a broker takes but what is larger by itself', () => {
  const random = randomOf(11);
  const maxBytes = 5000;
  const records = Array.from(
    { length: 400 },
    (_, index): OutRecord => ({
      topic: 'raw',
      key: random(2) === 0 ? null : 'k'.repeat(random(50)),
      value: Buffer.alloc(random(20) === 0 ? 6000 : random(800), index),
      headers: { name: 'ü'.repeat(random(40)) },
    }),
  );
  const bytesOf = ({ key, value, headers = {} }: OutRecord): number =>
    64 + Buffer.byteLength(key ?? '') + (value?.length ?? 0) + 4 + Buffer.byteLength(headers['name'] ?? '');
  const slices = [...slicesOf(records, maxBytes)];
  assert.deepEqual(slices.flat(), records);
  for (const [index, slice] of slices.entries()) {
    const bytes = slice.reduce((sum, record) => sum + bytesOf(record), 0);
    assert.ok(slice.length > 0 && (bytes <= maxBytes || slice.length === 1), `${bytes} bytes`);
    const [following] = slices[index + 1] ?? [];
    if (following !== undefined)
      assert.ok(bytes + bytesOf(following) > maxBytes, 'no request is smaller than it has to be');
  }
});

test('a request has two thousand records at most, and there is one even of nothing', () => {
  const small: OutRecord = { topic: 'raw', key: null, value: null };
  const lengths = (count: number) =>
    [
      ...slicesOf(
        Array.from({ length: count }, () => small),
        1e9,
      ),
    ].map((slice) => slice.length);
  assert.deepEqual(lengths(2000), [2000]);
  assert.deepEqual(lengths(4001), [2000, 2000, 1]);
  assert.deepEqual(lengths(0), [0]);
  const exact = [...slicesOf([small, small, small, small, small], 128)].map((slice) => slice.length);
  assert.deepEqual(exact, [2, 2, 1], 'a record takes 64 bytes beside what is in it');
  assert.deepEqual([...slicesOf([small], 1)], [[small]]);
});

function protocolError(type: string): Error {
  return new KafkaJSProtocolError({ type, code: 1, retriable: false, message: type } as never);
}

test('what a broker refuses for its size is distinguished, and named with its size', () => {
  for (const type of ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']) assert.ok(isTooLarge(protocolError(type)), type);
  assert.ok(!isTooLarge(protocolError('NOT_LEADER_FOR_PARTITION')));
  assert.ok(!isTooLarge(new Error('MESSAGE_TOO_LARGE')));
  const records = [100, 200, 300, 400, 500].map(
    (bytes): OutRecord => ({ topic: 'events', key: null, value: Buffer.alloc(bytes) }),
  );
  const position = { partition: 0, offset: '1' };
  const error = new RecordsTooLarge(records, [position, undefined, undefined, undefined, undefined]);
  assert.ok(error instanceof Unavailable);
  assert.deepEqual([error.code, error.dependency], ['too_large', 'Kafka']);
  assert.match(error.message, /refuses 4 records .*264 bytes for events, 364 bytes for events, 464 bytes for events$/u);
  assert.equal(error.positions[0], position);
});

const partitions = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }) as never);

test('a request has each record in the partition of its key, those without one in turn; an answer gives each its offset', async () => {
  const looked: string[] = [];
  const keys = ['a', 'b', null, 'a', null, 'c', null, 'b'];
  const records = [
    ...keys.map((key): OutRecord => ({ topic: 'raw', key, value: key, headers: { name: 'x' } })),
    { topic: 'events', key: 'a', value: null } as const,
  ];
  const plan = await planRequest(records, 'f', async (topic) => {
    looked.push(topic);
    return await Promise.resolve(partitions(3));
  });
  assert.deepEqual(looked, ['f.raw', 'f.events']);
  const [raw, events] = plan.topicMessages;
  assert.deepEqual([raw?.topic, events?.topic], looked);
  const chosen = raw?.messages.map(({ partition }) => partition ?? assert.fail()) ?? [];
  assert.deepEqual(
    keys.map((key, index) => (key === null ? chosen[index] : partitionOfKey(key, 3))),
    chosen,
  );
  assert.deepEqual(new Set(chosen.filter((_, index) => keys[index] === null)), new Set([0, 1, 2]));
  const partition = partitionOfKey('a', 3);
  assert.deepEqual(raw?.messages[0], { key: 'a', value: 'a', headers: { name: 'x' }, partition });
  assert.deepEqual(events?.messages, [{ key: 'a', value: null, headers: {}, partition }]);
  assert.equal(plannedPartition({ message: raw?.messages[1] } as never), chosen[1]);
  const answers = [0, 1, 2].map((each) => ({ topicName: 'f.raw', partition: each, baseOffset: String(100 * each) }));
  const ownAnswer = { topicName: 'f.events', partition, offset: '7' };
  const positions = positionsOf(
    plan,
    [...answers, ownAnswer].map((answer) => ({ ...answer, errorCode: 0 })),
  );
  const offsets = chosen.map((each, index) => 100 * each + chosen.slice(0, index).filter((one) => one === each).length);
  assert.deepEqual(positions, [
    ...chosen.map((each, index) => ({ partition: each, offset: String(offsets[index]) })),
    { partition, offset: '7' },
  ]);
});

test('a record without an answer, or with an error in its place, has no position', async () => {
  const plan = await planRequest([{ topic: 'raw', key: 'a', value: null }], 'f', async () => partitions(1));
  const good = { topicName: 'f.raw', partition: 0, baseOffset: '0', errorCode: 0 };
  assert.deepEqual(positionsOf(plan, [good]), [{ partition: 0, offset: '0' }]);
  for (const answers of [
    [],
    [{ ...good, topicName: 'f.events' }],
    [{ ...good, partition: 1 }],
    [{ ...good, errorCode: 6 }],
    [{ ...good, baseOffset: '-1' }],
    [{ topicName: 'f.raw', partition: 0, errorCode: 0 }],
  ]) {
    const again = await planRequest([{ topic: 'raw', key: 'a', value: null }], 'f', async () => partitions(1));
    assert.deepEqual(positionsOf(again, answers), [undefined]);
  }
});

test('the first records of a partition may be repeats, four fetches long and 4 MiB at least; each partition counts by itself', () => {
  const MIB = 1024 * 1024;
  for (const [fetchMaxBytes, mayRepeatBytes] of [
    [1000, 4 * MIB],
    [1.5 * MIB, 6 * MIB],
  ] as const) {
    const assignment = new Assignment(fetchMaxBytes);
    const batch = (partition: number, ...sizes: number[]): Batch =>
      ({
        partition,
        messages: sizes.map((size, offset) => message(offset, { value: Buffer.alloc(size) })),
      }) as unknown as Batch;
    assignment.committed(batch(0, 3000, mayRepeatBytes - 3001));
    assignment.committed({ ...batch(0), messages: [message(9, { value: null })] });
    assert.ok(assignment.mayRepeat(0));
    assignment.committed(batch(0, 1));
    assert.ok(!assignment.mayRepeat(0));
    assert.ok(assignment.mayRepeat(1));
    assignment.committed(batch(1, mayRepeatBytes + 1));
    assert.ok(!assignment.mayRepeat(1));
  }
});

test('an assignment that ends lets go of waiting and of work', () => {
  const assignment = new Assignment(1);
  assert.ok(!assignment.waiting.signal.aborted && !assignment.work.signal.aborted);
  assignment.abort();
  assert.ok(assignment.waiting.signal.aborted && assignment.work.signal.aborted);
});

test('a heartbeat that fails because the group moves on is distinguished from one that fails otherwise', () => {
  for (const type of ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP'])
    assert.ok(isMembershipLost(protocolError(type)), type);
  assert.ok(!isMembershipLost(protocolError('COORDINATOR_LOAD_IN_PROGRESS')));
  assert.ok(!isMembershipLost(new Error('REBALANCE_IN_PROGRESS')));
});
