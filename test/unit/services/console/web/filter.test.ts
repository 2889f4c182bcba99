// The filter of the pages: typed, in the address, changed by facets, completed; all with the words
// of the API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveEntry } from '../../../../../services/console/web/api/types.ts';
import { queryOfView, viewOfQuery } from '../../../../../services/console/web/inbox/inbox-address.ts';
import { completionsAt, type KnownValue } from '../../../../../services/console/web/model/completion.ts';
import {
  conditionsIn,
  problemsIn,
  textIn,
  TO_DO,
  toggled,
  valuesOf,
  without,
  waysOut,
  withValues,
  wordsOf,
} from '../../../../../services/console/web/model/filter.ts';
import { isListed } from '../../../../../services/console/web/model/live-filter.ts';

const TYPED =
  'state:open,acknowledged host:media* -assignee:kim provider:"Service Control Manager" "0xC00D158B" -draft';

test('what is typed is read into conditions and words, and written as it was typed', () => {
  assert.equal(wordsOf(conditionsIn(TYPED), textIn(TYPED)), TYPED);
  assert.deepEqual(valuesOf(TYPED, 'state'), ['open', 'acknowledged']);
  assert.deepEqual(valuesOf(TYPED, 'assignee'), [], 'what is left out is not asked for');
  assert.deepEqual(valuesOf(TYPED, 'assignee', true), ['kim']);
  assert.equal(textIn(TYPED), '"0xC00D158B" -draft');
});

for (const value of ['a b', 'a,b', 'say "hi"', String.raw`back\slash`, 'plain'])
  test(`a value such as ${value} goes through the words unchanged`, () => {
    assert.deepEqual(valuesOf(withValues('', 'holder', [value, 'x']), 'holder'), [value, 'x']);
  });

test('a word that is none is said, and hides no other', () => {
  assert.match(problemsIn('stat:open severity:bad host:x').join('\n'), /^stat:open: .*state.*\nseverity:bad: /u);
  assert.deepEqual(problemsIn(TYPED), []);
});

test('a facet is chosen, widened, left out and dropped; the other conditions stay', () => {
  assert.equal(withValues(TO_DO, 'severity', ['error']), `${TO_DO} severity:error`);
  assert.equal(toggled('severity:error words', 'severity', 'critical'), 'severity:error,critical words');
  assert.equal(toggled('severity:error,critical', 'severity', 'error'), 'severity:critical');
  assert.equal(toggled('severity:error words', 'severity', 'error'), 'words');
  assert.equal(withValues('port:80', 'port', ['80'], true), '-port:80');
  assert.equal(withValues('', 'assignee', ['']), 'assignee:nobody');
  assert.equal(without('-port:80 port:554 host:a', 'port'), 'host:a');
});

test('the address keeps filter, grouping, order and the open incident', () => {
  const view = {
    filter: 'host:media* port:80',
    sort: 'host',
    group: 'rule',
    columns: ['host', 'owner'],
    open: 'abc',
  } as const;
  const query = queryOfView(view, TO_DO);
  assert.equal(query, '?q=host:media*+port:80&group=rule&sort=host&columns=host,owner&open=abc');
  assert.deepEqual(viewOfQuery(new URLSearchParams(query), TO_DO), view);
  const all = { filter: '', sort: '-severity', group: '', columns: undefined, open: undefined } as const;
  assert.deepEqual(
    viewOfQuery(new URLSearchParams(queryOfView(all, TO_DO)), TO_DO),
    all,
    'no condition is not the default',
  );
});

test('each condition can be dropped, those of one field together', () => {
  assert.deepEqual(waysOut('state:open -host:edge* "no answer" host:media*'), [
    { words: 'state:open', filter: '-host:edge* host:media* "no answer"' },
    { words: '-host:edge* host:media*', filter: 'state:open "no answer"' },
    { words: '"no answer"', filter: 'state:open -host:edge* host:media*' },
  ]);
  assert.deepEqual(waysOut(''), []);
});

test('a bare address shows the default, one with the parameters of the API their filter', () => {
  const bare = viewOfQuery(new URLSearchParams('open=abc&sort=nonsense&group=nonsense'), TO_DO);
  assert.deepEqual(bare, { filter: TO_DO, sort: '-severity', group: undefined, columns: undefined, open: 'abc' });
  assert.equal(queryOfView({ ...bare, open: undefined }, TO_DO), '');
  const named = viewOfQuery(new URLSearchParams('state=open,resolved&host=media*&text=no answer'), TO_DO);
  assert.equal(named.filter, 'state:open,resolved host:media* no answer');
});

const HOSTS: readonly KnownValue[] = [
  { value: 'edge*', count: 1 },
  { value: 'media01', count: 7 },
  { value: 'media02', count: 3 },
];
const RULES: readonly KnownValue[] = [{ value: 'wmserver-309', count: 5, name: 'Port in use' }];
const known = (field: string): readonly KnownValue[] => (field === 'host' ? HOSTS : field === 'rule' ? RULES : []);
const labels = (text: string, caret = text.length): readonly string[] =>
  completionsAt(text, caret, known).map(({ label }) => label);

test('a word is completed to a field, a value to one that is known', () => {
  assert.deepEqual(labels('state:open se'), ['severity:']);
  assert.deepEqual(labels('-ho'), ['host:', 'holder:']);
  assert.deepEqual(labels('host:media'), ['media01', 'media02']);
  assert.deepEqual(labels('host:media01,'), ['edge*', 'media02'], 'what is there is not offered again');
  assert.deepEqual(labels('rule:port'), ['Port in use'], 'found by its name');
  assert.deepEqual(labels('severity:'), ['critical', 'error', 'warning', 'info']);
  assert.deepEqual(labels('assignee:no'), ['nobody']);
  assert.deepEqual(labels('zzz'), []);
});

test('a completion is put in at the caret, and what stands behind the word stays', () => {
  const [first] = completionsAt('host:me port:80', 7, known);
  assert.deepEqual([first?.text, first?.caret], ['host:media01 port:80', 12]);
  const [rule] = completionsAt('-rule:in', 8, known);
  assert.deepEqual([rule?.text, rule?.caret], ['-rule:wmserver-309', 18]);
  const [field] = completionsAt('port:80 hos', 11, known);
  assert.deepEqual([field?.text, field?.caret], ['port:80 host:', 13]);
});

test('an incident that begins is counted as new where the list would show it', () => {
  const entry = { type: 'opened', severity: 'error', host: 'MEDIA01.example.org', ruleId: 'r1' } as LiveEntry;
  const listed = (typed: string, more: Partial<LiveEntry> = {}): boolean => isListed({ ...entry, ...more }, typed);
  assert.ok(listed('state:open,acknowledged'));
  assert.ok(listed('host:media*'));
  assert.ok(!listed('host:media1*'));
  assert.ok(!listed('-host:media*'));
  assert.ok(listed('-host:edge*'));
  assert.ok(!listed('host:media01.example?org'), 'only * stands for anything');
  assert.ok(!listed('state:resolved'));
  assert.ok(!listed('severity:critical'));
  assert.ok(listed('severity:critical,error rule:r*'));
  assert.ok(!listed('', { type: 'acknowledged' }));
});
