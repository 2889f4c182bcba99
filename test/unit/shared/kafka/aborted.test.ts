// Records of aborted transactions are shown to nobody, and no others are hidden; through kafkajs'
// own batch, in front of whose filter ours stands.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { type Fetched, withoutAborted } from '../../../../shared/kafka/decoding/aborted.ts';
import { whyNotInstalled } from '../../../../shared/kafka/decoding/install.ts';

const require = createRequire(import.meta.url);
type Messages = readonly { readonly offset: string }[];
const Batch = require('kafkajs/src/consumer/batch') as new (
  topic: string,
  offset: string,
  partition: object,
) => { readonly messages: Messages; lastOffset(): string };
const Broker = require('kafkajs/src/broker') as { readonly prototype: { fetch(request: object): Promise<unknown> } };

const ABORT = Buffer.from([0, 0, 0, 0]);
const COMMIT = Buffer.from([0, 0, 0, 1]);
const record = (offset: number, producerId: string, key: Buffer | null = null) => ({
  offset: String(offset),
  key,
  isControlRecord: false,
  batchContext: { producerId, inTransaction: producerId !== '-1' },
});
const marker = (offset: number, producerId: string, key: Buffer) => ({
  ...record(offset, producerId, key),
  isControlRecord: true,
});
const shown = (fetched: Fetched): { readonly offsets: readonly string[]; readonly last: string } => {
  const batch = new Batch('topic', '0', { partition: 0, highWatermark: '100', ...withoutAborted(fetched) });
  return { offsets: batch.messages.map(({ offset }) => offset), last: batch.lastOffset() };
};

test('of several transactions that were open before the fetch none is shown, whatever the order they are named in [issue 13 item 1]', () => {
  const fetched = {
    messages: [
      record(10, '3'),
      record(11, '-1'),
      record(12, '2'),
      record(13, '4'),
      marker(14, '2', ABORT),
      record(15, '2'),
      marker(16, '3', ABORT),
      marker(17, '4', COMMIT),
    ],
    abortedTransactions: [
      { producerId: '2', firstOffset: '7' },
      { producerId: '3', firstOffset: '5' },
    ],
  };
  assert.deepEqual(shown(fetched), { offsets: ['11', '13', '15'], last: '17' });
});

test('a record with the key of a marker ends no transaction, and hides nothing [issue 13 item 1]', () => {
  const messages = [record(1, '2', ABORT), record(2, '2'), record(3, '-1', ABORT), marker(4, '2', ABORT)];
  assert.deepEqual(shown({ messages, abortedTransactions: [{ producerId: '2', firstOffset: '1' }] }), {
    offsets: ['3'],
    last: '4',
  });
});

test('offsets without records, which our decoder makes a control record without a key, end no transaction', () => {
  const gap = { ...record(2, '2'), isControlRecord: true };
  const messages = [record(1, '2'), gap, record(3, '2'), marker(4, '2', ABORT), record(5, '2')];
  assert.deepEqual(shown({ messages, abortedTransactions: [{ producerId: '2', firstOffset: '1' }] }).offsets, ['5']);
});

test('a producer that aborts twice and commits between loses nothing of what it committed [issue 13 item 1]', () => {
  const messages = [
    record(1, '2'),
    marker(2, '2', ABORT),
    record(3, '2'),
    marker(4, '2', COMMIT),
    record(5, '2'),
    marker(6, '2', ABORT),
  ];
  const abortedTransactions = [
    { producerId: '2', firstOffset: '5' },
    { producerId: '2', firstOffset: '1' },
  ];
  assert.deepEqual(shown({ messages, abortedTransactions }), { offsets: ['3'], last: '6' });
});

test('messages of older formats, which know no transactions, pass; without aborted ones nothing is touched', () => {
  const older = { messages: [{ offset: '1' }], abortedTransactions: [{ producerId: '2', firstOffset: '0' }] };
  assert.deepEqual(withoutAborted(older).messages, older.messages);
  const messages = [record(1, '2')];
  const untouched: readonly Fetched[] = [
    { messages },
    { messages, abortedTransactions: null },
    { messages, abortedTransactions: [] },
  ];
  for (const fetched of untouched) assert.equal(withoutAborted(fetched), fetched);
});

test('what kafkajs fetches passes through it', () => {
  assert.equal(whyNotInstalled(), undefined);
  assert.equal(Broker.prototype.fetch.name, 'fetchCommitted');
});
