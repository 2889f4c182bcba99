// The answer accounts for every piece of a body, also when there are more refusals than it lists.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from '../../../../services/collector/inputs/http/answer.ts';
import type { BodyPiece } from '../../../../services/collector/inputs/http/events-of-body.ts';
import type { Receipt } from '../../../../services/collector/inputs/input.ts';

const event: BodyPiece = {
  kind: 'event',
  event: { bytes: Buffer.from('{}'), encoding: 'utf-8', format: 'json', input: 'http', sender: 'me', receivedAtMs: 1 },
};
const bad: BodyPiece = { kind: 'bad', reason: 'invalid_json', detail: 'no' };
const at = (partition: number, offset: string): Receipt => ({ kind: 'stored', position: { partition, offset } });
const tooLarge: Receipt = { kind: 'refused', reason: 'too_large', detail: 'big' };

test('an index is the place in the body, whoever refused it', () => {
  const { answer } = outcomeOf([bad, event, event, bad, event], [at(0, '7'), tooLarge, at(0, '8')]);
  assert.deepEqual([answer.accepted, answer.rejected], [2, 3]);
  assert.deepEqual(
    answer.errors.map(({ index, reason }) => [index, reason]),
    [
      [0, 'invalid_json'],
      [2, 'too_large'],
      [3, 'invalid_json'],
    ],
  );
});

test('one range a partition, also beyond what a number holds and out of order', () => {
  const receipts = [at(1, '9007199254740994'), at(0, '9'), at(1, '9007199254740993'), at(0, '10')];
  const { answer } = outcomeOf([event, event, event, event], receipts);
  assert.deepEqual(answer.offsets, [
    { partition: 1, first: '9007199254740993', last: '9007199254740994' },
    { partition: 0, first: '9', last: '10' },
  ]);
});

test('a hundred errors are listed, all of them are counted by reason', () => {
  const pieces = Array.from({ length: 500 }, (_, index) => (index % 5 === 0 ? event : bad));
  const { answer, refusals } = outcomeOf(
    pieces,
    Array.from({ length: 100 }, () => tooLarge),
  );
  assert.deepEqual([answer.accepted, answer.rejected, answer.errors.length], [0, 500, 100]);
  assert.deepEqual(Object.fromEntries(refusals), { too_large: 100, invalid_json: 400 });
});
