// Filters into queries, order and cursors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../../../shared/http/refusal.ts';
import type { FilterContext, Json } from '../../../../services/console/read/filter-fields.ts';
import { incidentFilter, incidentQuery } from '../../../../services/console/read/incident-filter.ts';
import { cursorOf, placeOf, sortOf } from '../../../../services/console/read/page.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const context: FilterContext = {
  nowMs: NOW_MS,
  actor: 'kim',
  silencedIds: ['i1'],
  idsOfGroup: new Map([['g1', ['i2', 'i3']]]),
};
const queryOf = (input: Readonly<Record<string, unknown>>): Json => incidentQuery(incidentFilter.parse(input), context);

const clausesOf = (input: Readonly<Record<string, unknown>>): unknown => {
  const query = queryOf(input);
  return (query['bool'] as { readonly filter: unknown } | undefined)?.filter;
};

test('nothing asked is everything', () => {
  assert.deepEqual(queryOf({}), { match_all: {} });
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

test('what people type is the same filter, and what they type wrong is named', () => {
  const typed = 'state:open,acknowledged HOST:Media* -assignee:kim,nobody port: "no answer" -quiet age:1h..4h';
  assert.deepEqual(clausesOf({ q: typed }), [
    { terms: { 'foghorn.incident.state': ['open', 'acknowledged'] } },
    { wildcard: { 'host.name': { value: 'Media*', case_insensitive: true } } },
    {
      bool: {
        must_not: [
          {
            bool: {
              should: [
                { term: { 'foghorn.incident.assignee': 'kim' } },
                { bool: { must_not: [{ exists: { field: 'foghorn.incident.assignee' } }] } },
              ],
              minimum_should_match: 1,
            },
          },
        ],
      },
    },
    { bool: { must_not: [{ exists: { field: 'server.port' } }] } },
    { range: { 'foghorn.incident.opened': { lte: '2026-03-01T11:00:00.000Z', gt: '2026-03-01T08:00:00.000Z' } } },
    wordsClause('"no answer" -quiet'),
  ]);
  assert.deepEqual(clausesOf({ q: String.raw`holder:"a, \"b\"",c rule:x,y` }), [
    anyOf('foghorn.incident.likely_holder', ['a, "b"', 'c']),
    anyOf('rule.id', ['x', 'y']),
  ]);
  assert.deepEqual(clausesOf({ q: 'assignee:me,,lee is:silenced group:g1 id:i9 episodes:>2 events:5' }), [
    {
      bool: {
        should: [
          { term: { 'foghorn.incident.assignee': 'kim' } },
          { bool: { must_not: [{ exists: { field: 'foghorn.incident.assignee' } }] } },
          { term: { 'foghorn.incident.assignee': 'lee' } },
        ],
        minimum_should_match: 1,
      },
    },
    { terms: { 'foghorn.incident.id': ['i1'] } },
    { terms: { 'foghorn.incident.id': ['i2', 'i3'] } },
    { terms: { 'foghorn.incident.id': ['i9'] } },
    { range: { 'foghorn.incident.episode': { gt: 2 } } },
    { term: { 'foghorn.incident.total_count': 5 } },
  ]);
  assert.deepEqual(clausesOf({ q: 'opened:>=2026-03-01T10:00+01:00' }), [
    { range: { 'foghorn.incident.opened': { gte: '2026-03-01T09:00:00.000Z' } } },
  ]);
});

for (const [q, said] of [
  ['hots:media01', /hots:media01: there is no hots: to filter by\. Did you mean host\?/u],
  ['state:opne host:a', /state:opne: state: takes one of open, .* Did you mean open\?/u],
  ['age:4h', /age:4h: age: takes such as >4h/u],
  ['age:4h..x', /age: takes/u],
  ['opened:>yesterday', /with the zone/u],
  ['port:65536', /a port number/u],
  ['is:nice', /is: takes one of snoozed/u],
  ['host:"media', /": the quotation mark has no second one/u],
  [`host:${Array.from({ length: 51 }, (_, index) => `h${index}`).join(',')}`, /at most 50 values/u],
] as const)
  test(`the filter ${q.slice(0, 30)} is refused by its bad word`, () => {
    assert.throws(
      () => queryOf({ q }),
      (error) => error instanceof Refusal && error.status === 400 && said.test(error.message),
    );
  });

test('every bad word is named at once, for programs too', () => {
  assert.throws(
    () => queryOf({ q: 'a:1 state:open b:2' }),
    (error) => {
      assert.ok(error instanceof Refusal);
      const errors = error.more['errors'] as readonly { readonly word: string }[];
      assert.deepEqual(
        errors.map(({ word }) => word),
        ['a:1', 'b:2'],
      );
      return true;
    },
  );
});

function wordsClause(query: string): unknown {
  const fields = [
    'message',
    'foghorn.remediation.title.text',
    'foghorn.remediation.summary',
    'foghorn.incident.notes.text',
  ];
  const flags = 'AND|OR|NOT|PHRASE|WHITESPACE';
  return { simple_query_string: { query, fields, default_operator: 'and', flags, lenient: true } };
}

function anyOf(field: string, values: readonly string[]): unknown {
  const should = values.map((value) => ({ term: { [field]: { value, case_insensitive: true } } }));
  return { bool: { should, minimum_should_match: 1 } };
}

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
    cursorOf('host', { pit: 'pit', values: ['a', 'b', 'c', 'd', 'e'] }),
  ])
    assert.throws(() => placeOf('host', bad), Refusal);
});

test('severities are ordered by how bad they are, and of one the oldest comes first', () => {
  assert.deepEqual(sortOf('-severity').slice(0, 2), [
    { 'foghorn.incident.severity_rank': { order: 'desc', unmapped_type: 'long' } },
    { 'foghorn.incident.opened': { order: 'asc', unmapped_type: 'date' } },
  ]);
});

test('ids break ties in every order; the last event counts no later than it was received [issue 13]', () => {
  assert.deepEqual(sortOf('-last_seen'), [
    { 'foghorn.incident.last_seen_corrected': { order: 'desc', unmapped_type: 'date' } },
    { 'foghorn.incident.id': { order: 'asc', unmapped_type: 'keyword' } },
  ]);
});
