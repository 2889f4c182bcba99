// Splunk's text of an event: its fields, its time, and texts that only look like it. Whole events
// are in the cases (test/data/cases/101 and 102).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOfBody } from '../../../../services/collector/inputs/http/events-of-body.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';

const LINES = [
  '11/20/2026 12:00:07 AM',
  'LogName=System',
  'SourceName=Microsoft-Windows-Service Control Manager',
  'EventCode=7036',
  'EventType=4',
  'Type=Information',
  'ComputerName=m1.example.org',
  'User=EXAMPLE\\alice',
  'Sid=S-1-5-21-1-2-3-500',
  'SidType=1',
  'TaskCategory=103',
  'OpCode=Info',
  'RecordNumber=82996',
  'Keywords=Audit Success, Classic',
  'Message=The service ä stopped.',
];

function read(text: string) {
  const found = readEvent(Buffer.from(text), 'utf-8');
  assert.ok(found.kind === 'event', found.kind === 'bad' ? found.detail : '');
  return found.event;
}

test('each field has its place', () => {
  const event = read(LINES.join('\r\n'));
  assert.equal(event.form, 'splunk');
  assert.equal(event.providerName, 'Service Control Manager');
  assert.deepEqual([event.eventId, event.channel, event.computer], [7036, 'System', 'm1.example.org']);
  assert.deepEqual([event.level, event.task, event.opcodeName, event.recordId], [4, 103, 'Info', '82996']);
  assert.deepEqual(event.user, { identifier: 'S-1-5-21-1-2-3-500', domain: 'EXAMPLE', name: 'alice' });
  assert.deepEqual(event.keywordNames, ['Audit Success', 'Classic']);
  assert.equal(event.message, 'The service ä stopped.');
  assert.equal(event.localTime, '2026-11-20T00:00:07');
});

for (const [time, local] of [
  ['11/20/2026 12:30:00 PM', '2026-11-20T12:30:00'],
  ['01/02/2026 11:59:59.123 PM', '2026-01-02T23:59:59.123'],
  ['01/02/2026 01:00:00 AM', '2026-01-02T01:00:00'],
] as const)
  test(`${time} is ${local}`, () => {
    assert.equal(read([time, ...LINES.slice(1)].join('\n')).localTime, local);
  });

test('without a time, and with names inside the message', () => {
  const event = read([...LINES.slice(1, -1), 'Message=a', 'Type=Error', '', 'EventCode=1'].join('\n'));
  assert.deepEqual([event.eventId, event.level, event.localTime], [7036, 4, undefined]);
  assert.equal(event.message, 'a\nType=Error\n\nEventCode=1');
});

for (const { name, text } of [
  { name: 'no source', text: 'LogName=System\nEventCode=1\nMessage=a' },
  { name: 'no number', text: 'LogName=System\nSourceName=a\nEventCode=x' },
  { name: 'another text', text: 'EventCode=4624' },
  { name: 'a time alone', text: '11/20/2026 12:00:07 AM' },
])
  test(`${name}: no event`, () => {
    assert.equal(readEvent(Buffer.from(text), 'utf-8').kind, 'bad');
  });

test('a body of several is cut where each begins, byte for byte', () => {
  const first = LINES.join('\n');
  const second = [...LINES.slice(0, 4), 'Message=a', '', '11/20/2026 10:00:00 AM', 'b'].join('\n');
  const pieces = eventsOfBody(Buffer.from(`${first}\n${second}\n${first}\n`), {
    arrival: { input: 'http', sender: 's', receivedAtMs: 1 },
    charset: 'utf-8',
    maxEvents: 3,
    admit: (count) => assert.equal(count, 3),
  });
  assert.deepEqual(
    pieces.map((piece) => (piece.kind === 'event' ? String(piece.event.bytes) : piece.detail)),
    [first, second, first],
  );
  assert.deepEqual(
    pieces.map((piece) => (piece.kind === 'event' ? piece.event.computer : undefined)),
    ['m1.example.org', undefined, 'm1.example.org'],
  );
});
