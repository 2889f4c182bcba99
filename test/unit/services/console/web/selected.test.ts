// What is selected as matchers of a silence, as a file and as a command; the columns of the list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  columnsIn,
  COLUMNS,
  exportedColumns,
  toggledColumn,
  tracksOf,
  usualColumns,
} from '../../../../../services/console/web/inbox/columns.ts';
import { commandOf, exportPath, silenceMatchersOf } from '../../../../../services/console/web/model/filter-address.ts';
import { matcherText } from '../../../../../services/console/web/model/silence-text.ts';
import { COLUMN_NAMES } from '../../../../../services/console/read/export.ts';
import { matchesAll, parseMatchers } from '../../../../../shared/matchers/matcher.ts';
import { anId } from '../../../../support/ids.ts';

function isMatched(text: string, labels: Readonly<Record<string, string>>): boolean {
  const parsed = parseMatchers(text);
  return parsed.kind === 'matchers' && matchesAll(parsed.matchers, labels);
}

for (const [values, matched, others] of [
  [['media01.example.org'], ['media01.example.org'], ['media01-example.org', 'media01.example.orgs']],
  [['media*'], ['media01', 'media'], ['edge01', 'multimedia']],
  [
    ['a.b', 'c*'],
    ['a.b', 'cd'],
    ['a-b', 'xc'],
  ],
  [['a"b\\c'], ['a"b\\c'], ['abc']],
  [
    ['(x)+', 'y'],
    ['(x)+', 'y'],
    ['x', 'xx'],
  ],
] as const)
  test(`a matcher for ${values.join(' or ')} matches that and nothing else`, () => {
    const text = matcherText('host', values);
    for (const host of matched) assert.ok(isMatched(text, { host }), `${text} and ${host}`);
    for (const host of others) assert.ok(!isMatched(text, { host }), `${text} and ${host}`);
    const not = matcherText('host', values, true);
    for (const host of matched) assert.ok(!isMatched(not, { host }), `${not} and ${host}`);
  });

test('a filter becomes the matchers of its fields that silences know; without any there is no silence', () => {
  const q = 'state:open rule:wmserver-309-port-in-use port:80 host:media* -severity:info age:>4h';
  assert.deepEqual(silenceMatchersOf([{ q }]), [
    'rule="wmserver-309-port-in-use"',
    'port="80"',
    'host=~"media.*"',
    'severity!="info"',
  ]);
  assert.equal(silenceMatchersOf([{ q: 'state:open' }]), undefined);
  assert.equal(silenceMatchersOf([{ q }, { q }]), undefined, 'two groups');
  const ids = [anId('a'), anId('b')];
  assert.deepEqual(silenceMatchersOf([{ id: ids }]), [`incident_id=~"${ids.join('|')}"`]);
  assert.equal(silenceMatchersOf([{ id: Array.from({ length: 61 }, (_, place) => anId(String(place))) }]), undefined);
});

test('a file has the columns of the list, by the names of the API', () => {
  const path = exportPath({ q: 'host:a&b' }, 'csv', exportedColumns(['host', 'owner']));
  assert.deepEqual(Object.fromEntries(new URL(path, 'http://x').searchParams), {
    q: 'host:a&b',
    format: 'csv',
    columns: 'id,severity,title,host,assignee',
  });
  assert.equal(new URL(exportPath({ id: ['a', 'b'] }, 'ndjson'), 'http://x').searchParams.get('id'), 'a,b');
  const known = new Set<string>(COLUMN_NAMES);
  for (const name of (exportedColumns(COLUMNS) ?? '').split(',')) assert.ok(known.has(name), name);
});

test('a command stays one word of the shell', () =>
  assert.equal(commandOf(`host:a "it's"`), String.raw`foghorn incidents list --all 'host:a "it'\''s"'`));

test('columns: all without an address, in their own order, and each has its track', () => {
  assert.equal(columnsIn(null), undefined);
  assert.deepEqual(columnsIn('owner,nonsense,host'), ['host', 'owner']);
  assert.deepEqual(toggledColumn(['host', 'owner'], 'owner', COLUMNS), ['host']);
  assert.deepEqual(toggledColumn(['host'], 'state', COLUMNS), ['state', 'host']);
  for (const usual of [usualColumns(false), usualColumns(true)]) {
    const without = toggledColumn(usual, 'port', usual) ?? [];
    assert.equal(without.length, usual.length - 1);
    assert.equal(toggledColumn(without, 'port', usual), undefined, 'back to the usual ones');
  }
  assert.deepEqual(columnsIn(COLUMNS.join()), COLUMNS, 'all can be chosen where fewer are usual');
  assert.equal(tracksOf([]), '36px 80px minmax(180px, 4fr)');
  const tracks = (columns: typeof COLUMNS): number => tracksOf(columns).match(/\d+px|minmax\([^)]*\)/gu)?.length ?? 0;
  const whole = tracksOf(COLUMNS)
    .replaceAll(/minmax\([^)]*\)/gu, 'x')
    .split(' ').length;
  assert.equal(whole, COLUMNS.length + 3, 'tick, severity and title beside them');
  assert.ok(tracks(['host']) > 0);
});
