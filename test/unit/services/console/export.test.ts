// Incidents as a file: whole, and harmless in a table program.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cell, COLUMN_NAMES, exported } from '../../../../services/console/read/export.ts';
import { viewOfDocument } from '../../../../services/console/read/views.ts';
import { toIncidentDocument } from '../../../../shared/contracts/incident-to-document.ts';
import { anIncident } from '../../../support/incidents.ts';

test('what a table program takes for a formula is text, and quotation marks keep a cell together', () => {
  for (const [value, expected] of [
    ['=cmd|calc', '"\'=cmd|calc"'],
    ['+1', '"\'+1"'],
    ['-1+1', '"\'-1+1"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    [' =1', '"\' =1"'],
    ['\t=1', '"\' =1"'],
    ['\n=1', '"\'\n=1"'],
    ['＝1', '"\'＝1"'],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['a\r\nb\u001b[31m', '"a\nb [31m"'],
    ['plain', 'plain'],
    [-5, '-5'],
    [undefined, ''],
    ['', ''],
  ] as const)
    assert.equal(cell(value), expected, JSON.stringify(value));
});

const view = viewOfDocument(
  toIncidentDocument({
    ...anIncident('i', 1),
    lastMessage: '=HYPERLINK("http://evil.example")\u009b31m',
    notes: [{ id: 'n', atMs: 0, author: '=kim', text: 'a\n=b' }],
  }),
);

async function textOf(format: 'csv' | 'ndjson', columns = COLUMN_NAMES): Promise<string> {
  async function* pages() {
    yield [view];
    yield [view, view];
  }
  let text = '';
  for await (const part of exported(pages(), { format, columns })) text += part;
  return text;
}

test('a table has a head and a row for each incident, with the columns that were asked for', async () => {
  const text = await textOf('csv', ['host', 'port', 'title']);
  assert.equal(text, `host,port,title\r\n${'media01,80,Port 80 is taken on media01\r\n'.repeat(3)}`);
  const all = await textOf('csv');
  assert.equal(all.split('\r\n').length, 5);
  assert.ok(!/(?:^|,)"?[=@]/mu.test(all.replaceAll(/"(?:[^"]|"")*"/gu, (quoted) => quoted.replaceAll('\n', ' '))));
});

test('NDJSON has all that a list shows, a line each, and steers no terminal', async () => {
  const lines = (await textOf('ndjson')).trimEnd().split('\n');
  assert.equal(lines.length, 3);
  for (const line of lines) {
    assert.deepEqual(JSON.parse(line), view);
    assert.doesNotMatch(line, /\p{Cc}/u);
  }
});
