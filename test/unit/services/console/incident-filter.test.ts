// Filters into queries, order and cursors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { incidentFilter, incidentQuery } from '../../../../services/console/read/incident-filter.ts';
import { cursorOf, placeOf, sortOf } from '../../../../services/console/read/page.ts';

const clausesOf = (input: Readonly<Record<string, string>>): unknown => {
  const query = incidentQuery(incidentFilter.parse(input));
  return (query['bool'] as { readonly filter: unknown } | undefined)?.filter;
};

test('nothing asked is everything', () => {
  assert.deepEqual(incidentQuery(incidentFilter.parse({})), { match_all: {} });
});

test('each part of a filter is one condition, and all have to hold', () => {
  assert.deepEqual(clausesOf({ state: 'open, acknowledged', severity: 'critical', port: '80,8080' }), [
    { terms: { 'foghorn.incident.state': ['open', 'acknowledged'] } },
    { terms: { 'foghorn.incident.severity': ['critical'] } },
    { terms: { 'server.port': [80, 8080] } },
  ]);
  assert.deepEqual(clausesOf({ since: '2026-03-01T10:00:00Z', until: '2026-03-02T10:00:00+01:00' }), [
    { range: { 'foghorn.incident.updated': { gte: '2026-03-01T10:00:00Z', lt: '2026-03-02T10:00:00+01:00' } } },
  ]);
});

test('names are compared without case, stars stand for anything, and nothing else is a pattern', () => {
  assert.deepEqual(clausesOf({ host: 'Media01' }), [
    { term: { 'host.name': { value: 'Media01', case_insensitive: true } } },
  ]);
  assert.deepEqual(clausesOf({ host: String.raw`a?\*,b` }), [
    {
      bool: {
        should: [
          { wildcard: { 'host.name': { value: String.raw`a\?\\*`, case_insensitive: true } } },
          { term: { 'host.name': { value: 'b', case_insensitive: true } } },
        ],
        minimum_should_match: 1,
      },
    },
  ]);
});

test('an empty assignee is nobody', () => {
  const field = 'foghorn.incident.assignee';
  assert.deepEqual(clausesOf({ assignee: '' }), [{ bool: { must_not: [{ exists: { field } }] } }]);
});

test('words are searched as words: no field, range or regular expression can be asked for by them', () => {
  const [clause] = clausesOf({ text: 'host.name:* /a+/' }) as readonly Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >[];
  assert.equal(clause?.['simple_query_string']?.['flags'], 'AND|OR|NOT|PHRASE|WHITESPACE');
});

for (const bad of [
  { state: 'broken' },
  { severity: '' },
  { port: '80;81' },
  { since: 'yesterday' },
  { text: ' ' },
  { text: 'x'.repeat(501) },
  { host: Array.from({ length: 51 }, (_, index) => `h${index}`).join(',') },
  { colour: 'red' },
])
  test(`${JSON.stringify(bad).slice(0, 60)} is no filter`, () => {
    assert.equal(incidentFilter.safeParse(bad).success, false);
  });

test('a cursor says where its own order goes on, and in which point in time', () => {
  const place = { pit: 'pit', values: [1000, 'i1'] };
  const cursor = cursorOf('-updated', place);
  assert.deepEqual(placeOf('-updated', cursor), place);
  assert.throws(
    () => placeOf('host', cursor),
    (error) => error instanceof Refusal && error.status === 400,
  );
  for (const bad of [
    '',
    'x',
    '{}',
    cursorOf('host', { pit: 'pit', values: [1] }),
    cursorOf('host', { pit: '', values: ['a', 'b'] }),
    cursorOf('host', { pit: 'pit', values: [{}, 'a'] as never }),
    cursorOf('host', { pit: 'pit', values: ['a', 'b', 'c', 'd'] }),
  ])
    assert.throws(() => placeOf('host', bad), Refusal);
});

test('ids break ties in every order; the last event counts no later than it was received [issue 13]', () => {
  assert.deepEqual(sortOf('-last_seen'), [
    { 'foghorn.incident.last_seen_corrected': { order: 'desc', unmapped_type: 'date' } },
    { 'foghorn.incident.id': { order: 'asc', unmapped_type: 'keyword' } },
  ]);
});
