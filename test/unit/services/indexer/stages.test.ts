// What the stages ask of the writer, and what they make of its answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BulkItem } from '../../../../services/indexer/bulk-request.ts';
import type { WriteBulk } from '../../../../services/indexer/bulk-writer.ts';
import { deadLettersStage, eventsStage } from '../../../../services/indexer/stages.ts';
import type { Settled } from '../../../../services/indexer/verdict.ts';
import { deadLettersTopic, type ReadDeadLetter } from '../../../../shared/contracts/dead-letter.ts';

const NOW_MS = Date.UTC(2026, 2, 1);
const { signal } = new AbortController();

function writer(settled: Settled): { readonly write: WriteBulk; readonly written: BulkItem[] } {
  const written: BulkItem[] = [];
  return {
    written,
    write: async (_target, items) => {
      written.push(...items);
      return await Promise.resolve(items.map(() => settled));
    },
  };
}

test('an event may have been written when it came to be or was received, whichever is earlier; one without a time of its own, ever', async () => {
  const { write, written } = writer({ kind: 'exists' });
  const stage = eventsStage(write, 'events', () => assert.fail('it was there'));
  const event = { id: 'a', json: Buffer.from('{}'), receivedAtMs: NOW_MS };
  const batch = [{ ...event, createdAtMs: NOW_MS - 9 }, { ...event, createdAtMs: NOW_MS + 9 }, event];
  await stage.handle(batch, signal, { mayRepeat: false });
  assert.deepEqual(
    written.map(({ sinceMs }) => sinceMs),
    [NOW_MS - 9, NOW_MS, undefined],
  );
});

test('a dead letter that is refused makes no other dead letter', async () => {
  const { write } = writer({ kind: 'refused', detail: 'no' });
  const decoded = deadLettersTopic.decode({ key: null, value: Buffer.from('x'), headers: {}, timestampMs: NOW_MS });
  const letter = (decoded as { readonly value: ReadDeadLetter }).value;
  const verdicts = await deadLettersStage(write, 'dead').handle([letter], signal, { mayRepeat: false });
  assert.deepEqual(verdicts, [{ kind: 'skip', reason: 'index_refused' }]);
});
