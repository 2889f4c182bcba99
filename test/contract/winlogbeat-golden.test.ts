// Every event of real log files as Winlogbeat wrote it, but for what a log file does not hold and
// what scripts add.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEvent } from '../../shared/windows/read-event.ts';
import { toEcs } from '../../shared/windows/to-ecs.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { compareGolden, comparisonTable } from '../golden/compare.ts';
import { reasonFor } from '../golden/reasons.ts';
import { dataFolder, NO_DATA, realWinlogbeatDocuments } from '../support/data-folder.ts';
import { skipWithout } from '../support/needs.ts';

const folder = dataFolder();
const skip = skipWithout('real-events', folder === undefined ? NO_DATA : undefined);

test('Winlogbeat’s own documents', { skip }, async () => {
  const comparison = await compareGolden(join(folder ?? '', 'winlogbeat-golden'));
  const { events, unmatched, fields, unexplained } = comparison;
  assert.ok(events > 0);
  assert.equal(unmatched, 0);
  assert.deepEqual(unexplained, []);
  for (const field of ['event.code', 'event.provider', 'host.name', 'log.level', 'winlog.channel', 'winlog.record_id'])
    assert.equal(fields.get(field)?.equal, events, field);
  const kept = await readFile(packagePath('docs', 'winlogbeat-comparison.md'), 'utf8');
  assert.ok(kept.endsWith(comparisonTable(comparison)), 'npm run golden prints another table than docs keeps');
});

test('an event of Sysmon has one id by its log file and by Winlogbeat’s module [14 §3]', {
  skip,
}, async () => {
  const { events, unequalIds } = await compareGolden(join(folder ?? '', 'winlogbeat-golden', 'sysmon'));
  assert.ok(events > 30);
  assert.deepEqual(unequalIds, []);
});

test('a document of Winlogbeat’s, read again, says the same of the event', {
  skip,
}, () => {
  const documents = realWinlogbeatDocuments(folder ?? '');
  assert.ok(documents.length > 200);
  for (const text of documents) {
    const winlog = (JSON.parse(text) as { winlog: Record<string, unknown> }).winlog;
    const read = readEvent(Buffer.from(text), 'utf-8');
    assert.equal(read.kind, 'event');
    const document = read.kind === 'event' ? toEcs(read.event, { receivedAt: '2026-01-01T00:00:00.000Z' }) : {};
    assert.deepEqual(JSON.parse(JSON.stringify(document['winlog'])), winlog);
  }
});

test('no reason covers what a log file states', () => {
  const event = { form: 'event-xml', providerName: 'p', eventId: 1, channel: 'Security' } as const;
  const unexplained = [
    [{ field: 'winlog.opcode', kind: 'missing', their: 'Info' }, { opcode: 0 }],
    [{ field: 'winlog.task', kind: 'missing', their: 'None' }, { task: 0 }],
    [{ field: 'winlog.user.name', kind: 'missing', their: 'SYSTEM' }, { user: { identifier: 'S-1-5-18' } }],
    [{ field: 'winlog.event_data.SubjectUserName', kind: 'extra', their: undefined }, {}],
    [{ field: 'winlog.event_data.Image', kind: 'extra', their: undefined }, {}],
    [{ field: 'winlog.event_data.PrivilegeList', kind: 'different', their: 'a' }, {}],
    [
      { field: '@timestamp', kind: 'different', their: '2026-03-01T10:00:00Z' },
      { eventData: { UtcTime: '2026-03-01 10:00:00.001' } },
    ],
    [{ field: 'event.code', kind: 'missing', their: '1' }, {}],
  ] as const;
  for (const [difference, over] of unexplained)
    assert.equal(reasonFor(difference, { ...event, ...over }), undefined, difference.field);
  assert.match(
    reasonFor({ field: 'winlog.opcode', kind: 'missing', their: 'x' }, { ...event, opcode: 15 }) ?? '',
    /own/u,
  );
});
