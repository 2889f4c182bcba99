// `npm run cases` in its short form: every committed case through a whole Foghorn, found as its
// expectation says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCases } from '../cases/live.ts';
import { startTarget } from '../cases/own-target.ts';
import { CASES_FOLDER, readCases } from '../cases/read-cases.ts';

test('what senders are reported to send becomes what it should, in Elasticsearch, as alerts and as dead letters', async (t) => {
  const cases = readCases(CASES_FOLDER);
  const rows = await runCases(await startTarget(t), cases);
  assert.equal(rows.length, cases.length);
  assert.deepEqual(
    rows.filter(({ faults }) => faults?.length !== 0).map(({ name, faults }) => ({ name, faults })),
    [],
  );
});
