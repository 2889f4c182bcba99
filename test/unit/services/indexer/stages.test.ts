// What the stages ask of the writer, and what they make of its answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WriteBulk } from '../../../../services/indexer/bulk-writer.ts';
import { deadLettersStage, eventsStage } from '../../../../services/indexer/stages.ts';
import type { Settled } from '../../../../services/indexer/verdict.ts';
import { deadLettersTopic, type ReadDeadLetter } from '../../../../shared/contracts/dead-letter.ts';

const NOW_MS = Date.UTC(2026, 2, 1);
const { signal } = new AbortController();

function writer(settled: Settled): { readonly write: WriteBulk; readonly asked: boolean[] } {
  const asked: boolean[] = [];
  return {
    asked,
    write: async (_target, items, { mayRepeat }) => {
      asked.push(mayRepeat);
      return await Promise.resolve(items.map(() => settled));
    },
  };
}

test('an event that was received long ago may have been written before a rollover: it is looked up', async () => {
  const { write, asked } = writer({ kind: 'exists' });
  const stage = eventsStage(write, 'events', { onCreated: () => assert.fail('it was there'), now: () => NOW_MS });
  const event = (receivedAtMs: number) => ({ id: 'a', json: Buffer.from('{}'), receivedAtMs });
  for (const ageMs of [0, 60_000, 3_600_001]) await stage.handle([event(NOW_MS - ageMs)], signal, { mayRepeat: false });
  await stage.handle([event(NOW_MS)], signal, { mayRepeat: true });
  assert.deepEqual(asked, [false, false, true, true]);
});

test('a dead letter that is refused makes no other dead letter', async () => {
  const { write } = writer({ kind: 'refused', detail: 'no' });
  const decoded = deadLettersTopic.decode({ key: null, value: Buffer.from('x'), headers: {}, timestampMs: NOW_MS });
  const letter = (decoded as { readonly value: ReadDeadLetter }).value;
  const verdicts = await deadLettersStage(write, 'dead').handle([letter], signal, { mayRepeat: false });
  assert.deepEqual(verdicts, [{ kind: 'skip', reason: 'index_refused' }]);
});
