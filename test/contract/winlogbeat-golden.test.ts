// Every event of real log files as Winlogbeat wrote it, but for what a log file does not hold and what scripts add.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareGolden } from '../golden/compare.ts';
import { dataFolder, NO_DATA } from '../support/data-folder.ts';

const folder = dataFolder();

test('Winlogbeat’s own documents', { skip: folder === undefined ? NO_DATA : false }, async () => {
  const { events, unmatched, fields, unexplained } = await compareGolden(join(folder ?? '', 'winlogbeat-golden'));
  assert.ok(events > 0);
  assert.equal(unmatched, 0);
  assert.deepEqual(unexplained, []);
  for (const field of ['event.code', 'event.provider', 'host.name', 'log.level', 'winlog.channel', 'winlog.record_id'])
    assert.equal(fields.get(field)?.equal, events, field);
});
