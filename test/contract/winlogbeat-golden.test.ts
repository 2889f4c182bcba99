// Every event of real log files as Winlogbeat wrote it, but for what a log file does not hold and what scripts add.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEvent } from '../../shared/windows/read-event.ts';
import { toEcs } from '../../shared/windows/to-ecs.ts';
import { compareGolden } from '../golden/compare.ts';
import { dataFolder, NO_DATA, realWinlogbeatDocuments } from '../support/data-folder.ts';

const folder = dataFolder();

test('Winlogbeat’s own documents', { skip: folder === undefined ? NO_DATA : false }, async () => {
  const { events, unmatched, fields, unexplained } = await compareGolden(join(folder ?? '', 'winlogbeat-golden'));
  assert.ok(events > 0);
  assert.equal(unmatched, 0);
  assert.deepEqual(unexplained, []);
  for (const field of ['event.code', 'event.provider', 'host.name', 'log.level', 'winlog.channel', 'winlog.record_id'])
    assert.equal(fields.get(field)?.equal, events, field);
});

test('a document of Winlogbeat’s, read again, says the same of the event', {
  skip: folder === undefined ? NO_DATA : false,
}, () => {
  const told = realWinlogbeatDocuments(folder ?? '');
  assert.ok(told.length > 200);
  for (const text of told) {
    const winlog = (JSON.parse(text) as { winlog: Record<string, unknown> }).winlog;
    const read = readEvent(Buffer.from(text), 'utf-8');
    assert.equal(read.kind, 'event');
    const document = read.kind === 'event' ? toEcs(read.event, { receivedAt: '2026-01-01T00:00:00.000Z' }) : {};
    assert.deepEqual(JSON.parse(JSON.stringify(document['winlog'])), winlog);
  }
});
