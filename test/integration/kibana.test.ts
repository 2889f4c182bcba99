// Every panel's query on the real Elasticsearch, over documents whose answers are known: the
// numbers are right.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import type { Panel } from '../../deploy/dashboards/kibana/panel.ts';
import { listRowsOf, listSearchOf, type Range, type Row } from '../pictures/query.ts';
import { DASHBOARDS } from '../../deploy/dashboards/kibana/saved-objects.ts';
import { wholeRows } from '../pictures/whole-rows.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import { placedTemplates } from '../../services/indexer/templates/all.ts';
import { ACTIONS, DEAD_LETTERS, EVENTS, INCIDENTS, OPENED_MS, SET_START_MS, SILENT_MS } from '../support/kibana-set.ts';
import { esQueryRule } from '../support/kibana-rule-schemas.ts';
import { type TestElasticsearch, testElasticsearch } from '../support/elasticsearch.ts';
import { quietLog } from '../support/log.ts';

const HOUR_MS = 3_600_000;
const RANGE: Range = { fromMs: SET_START_MS, toMs: SET_START_MS + 5 * HOUR_MS, stepMs: HOUR_MS };

async function filled(t: TestContext): Promise<TestElasticsearch> {
  const corner = await testElasticsearch(t);
  const { elasticsearch, names, settings } = corner;
  await installTemplates(elasticsearch, placedTemplates(settings), quietLog);
  for (const [index, documents, action] of [
    [names.events, EVENTS, 'create'],
    [names.actions, ACTIONS, 'create'],
    [names.deadLetters, DEAD_LETTERS, 'create'],
    [names.incidents, INCIDENTS, 'index'],
  ] as const) {
    const lines = documents.flatMap((document) => [JSON.stringify({ [action]: {} }), JSON.stringify(document)]);
    const { body } = await elasticsearch.request({
      method: 'POST',
      path: `/${index}/_bulk`,
      query: { refresh: 'true' },
      body: Buffer.from(`${lines.join('\n')}\n`),
    });
    assert.equal((body as { errors: boolean }).errors, false, JSON.stringify(body).slice(0, 500));
  }
  return corner;
}

function panelOf(dashboard: string, id: string): Panel {
  const panel = DASHBOARDS.find((each) => each.id === `foghorn-${dashboard}`)?.panels.find((each) => each.id === id);
  assert.ok(panel !== undefined, `${dashboard} has no panel ${id}`);
  return panel;
}

async function ask({ elasticsearch, names }: TestElasticsearch, panel: Panel): Promise<readonly Row[]> {
  const indices = { ...names, standing: names.incidents };
  return await wholeRows(panel, RANGE, async (search) => {
    const path = `/${indices[panel.view]}/_search`;
    const { status, body } = await elasticsearch.request({ method: 'POST', path, body: search });
    assert.equal(status, 200, `${panel.id}: ${JSON.stringify(body).slice(0, 500)}`);
    return body;
  });
}

type Flat = readonly (string | number | undefined)[];

/**
 * What each panel has to show: rows of names and values; of bars over time the sum of each name, of
 * lines the values of each hour.
 */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, readonly Flat[]>>>> = {
  'fleet-overview': {
    events: [[11]],
    hosts: [[4]],
    'known-faults': [[6, 3]],
    errors: [[6, 3]],
    'levels-over-time': [
      ['error', 6],
      ['information', 4],
      ['(missing value)', 1],
    ],
    'loudest-hosts': [
      ['media01', 5, 4, 3, 3],
      ['media02', 2, 1, 1, 2],
      ['web01', 2, 1, 1, 2],
      ['quiet01', 1, 0, 0, 1],
      ['(missing value)', 1, 0, 1, 1],
    ],
    'silent-hosts': [
      ['gone01', SILENT_MS.gone01, 1],
      ['quiet01', SET_START_MS, 1],
      ['media02', SET_START_MS + HOUR_MS, 2],
      ['web01', SET_START_MS + 2 * HOUR_MS, 2],
      ['media01', SET_START_MS + 3 * HOUR_MS, 5],
    ],
    providers: [
      ['WMServer', '309', 4, 2],
      ['Service Control Manager', '7036', 4, 4],
      ['Microsoft-Windows-HttpEvent', '15005', 2, 1],
      ['Application Error', '1000', 1, 1],
    ],
  },
  'port-conflicts': {
    open: [[3, 3]],
    repaired: [[2, 900_000]],
    events: [[6, 3]],
    ports: [[2, 1]],
    'ports-over-time': [
      [80, 4],
      [554, 1],
    ],
    'hosts-over-time': [
      ['media01', 3],
      ['media02', 1],
    ],
    'by-port': [
      [80, 2, 1, 1, 2],
      [554, 1, 1, 0, 1],
    ],
    'by-host': [
      ['media01', 1, 1, 0],
      ['media02', 1, 1, 0],
      ['media03', 1, 0, 1],
      ['web01', 1, 1, 0],
    ],
    'likely-holders': [
      ['A web server.', 2, 1, 1, 2, 1],
      ['An RTSP server.', 1, 1, 0, 1, 1],
      ['(missing value)', 1, 1, 0, 1, 0],
    ],
    rules: [
      ['Port in use', 4, 2, SET_START_MS + 3 * HOUR_MS],
      ['HTTP.sys endpoint', 2, 1, SET_START_MS + 2 * HOUR_MS],
    ],
  },
  incidents: {
    open: [[3, OPENED_MS.media01]],
    acknowledged: [[1, OPENED_MS.media02]],
    'beyond-target': [[3, 3]],
    stale: [[1]],
    'time-to-acknowledge': [[180_000, 234_000]],
    'time-to-resolve': [[1_200_000, 1_740_000]],
    'severity-and-age': [
      ['error', 'below four hours', 1],
      ['error', 'four hours to a day', 1],
      ['error', 'one to seven days', 0],
      ['error', 'over seven days', 0],
      ['critical', 'below four hours', 0],
      ['critical', 'four hours to a day', 0],
      ['critical', 'one to seven days', 0],
      ['critical', 'over seven days', 1],
      ['warning', 'below four hours', 0],
      ['warning', 'four hours to a day', 0],
      ['warning', 'one to seven days', 1],
      ['warning', 'over seven days', 0],
    ],
    'opened-over-time': [
      ['error', 3],
      ['warning', 1],
    ],
    'states-over-time': [
      ['opened', 4],
      ['resolved', 3],
      ['acknowledged', 2],
      ['reopened', 1],
    ],
    'repeat-offenders': [['media01', 'Port in use', 3, 9]],
    'by-remedy': [
      ['Port in use', 2, 1, 2, 900_000],
      ['Disk low', 2, 1, 1, 1_800_000],
      ['(missing value)', 1, 0, 0, undefined],
    ],
  },
  'pipeline-health': {
    'time-to-alert': [[200, 396]],
    'nobody-notified': [[1, 1]],
    failed: [[2, 1]],
    'dead-letters': [[3]],
    'lag-over-time': [
      [0, 400, 54_040, 58_808],
      [1, 200, 200, 200],
      [3, 200, 200, 200],
    ],
    'lag-by-host': [
      ['media02', 57_010, 30_100, 2, SET_START_MS + HOUR_MS],
      ['media01', 370, 200, 4, SET_START_MS + 3 * HOUR_MS],
    ],
    'time-to-alert-over-time': [
      [0, 100, 100, 100],
      [1, 200, 200, 200],
      [2, 400, 400, 400],
    ],
    'outcomes-over-time': [
      ['notified', 3],
      ['delivery_failed', 2],
      ['suppressed', 1],
      ['unrouted', 1],
    ],
    receivers: [
      ['mail', 2, 0, 0, 1, 195],
      ['slack', 1, 2, 0, 0, 400],
    ],
    reasons: [
      ['suppressed', 'silenced by alice', 1, 1],
      ['unrouted', 'no route takes it', 1, 1],
    ],
    'dead-letters-by-reason': [
      ['enricher', 'invalid_xml', 2, 2, SET_START_MS + 2 * HOUR_MS],
      ['indexer', 'index_refused', 1, 1, SET_START_MS + HOUR_MS],
    ],
    'dead-letters-over-time': [
      ['invalid_xml', 2],
      ['index_refused', 1],
    ],
  },
};

/** A percentile between two values has a rounding error. */
const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toFixed(3)) : value);
const sorted = (rows: readonly Flat[]): readonly string[] => rows.map((row) => JSON.stringify(row, rounded)).toSorted();

/**
 * Bars over time are added up by their first name, lines are identified by the hour of the set.
 * Hours without documents are left out.
 */
function summed(panel: Panel, rows: readonly Row[]): readonly Flat[] {
  if (panel.buckets.at(-1)?.kind !== 'time') return rows.map(({ names, values }) => [...names, ...values]);
  if (panel.shape === 'lines')
    return rows
      .filter(({ values }) => values.some((value) => value !== undefined))
      .map(({ names, values }) => [(Number(names[0]) - SET_START_MS) / HOUR_MS, ...values]);
  const sums = new Map<string | number, number>();
  for (const { names, values } of rows)
    sums.set(names[0] ?? '', (sums.get(names[0] ?? '') ?? 0) + Number(values[0] ?? 0));
  return [...sums];
}

test('each panel of each dashboard answers what the documents say', async (t) => {
  const corner = await filled(t);
  for (const [dashboard, answers] of Object.entries(ANSWERS))
    for (const [id, expected] of Object.entries(answers)) {
      const panel = panelOf(dashboard, id);
      assert.ok(expected.length > 0, `${dashboard}: ${id} has an answer that says something`);
      assert.deepEqual(sorted(summed(panel, await ask(corner, panel))), sorted(expected), `${dashboard}: ${id}`);
    }
  const untested = DASHBOARDS.flatMap(({ id, panels }) =>
    panels
      .map((panel) => `${id}/${panel.id}`)
      .filter((name) => ANSWERS[id.replace('foghorn-', '')]?.[name.split('/')[1] ?? ''] === undefined),
  );
  assert.deepEqual(untested, []);
});

test('tables are ordered: the most, the longest silent and the youngest first', async (t) => {
  const corner = await filled(t);
  const firstNames = async (dashboard: string, id: string): Promise<readonly unknown[]> =>
    (await ask(corner, panelOf(dashboard, id))).map(({ names }) => names[0]);
  assert.equal((await firstNames('fleet-overview', 'loudest-hosts'))[0], 'media01');
  const silent = ['gone01', 'quiet01', 'media02', 'web01', 'media01'];
  assert.deepEqual(await firstNames('fleet-overview', 'silent-hosts'), silent);
  assert.equal((await firstNames('pipeline-health', 'lag-by-host'))[0], 'media02');
  const ages = (await ask(corner, panelOf('incidents', 'severity-and-age'))).map(({ names }) => names[1]);
  assert.deepEqual(ages.slice(0, 4), [
    'below four hours',
    'four hours to a day',
    'one to seven days',
    'over seven days',
  ]);
});

test('what was opened in seven days stands in bars of three hours, whatever the time range', async (t) => {
  const corner = await filled(t);
  const width = 3 * HOUR_MS;
  const bars = (await ask(corner, panelOf('incidents', 'opened-over-time'))).filter(({ values }) => values[0] !== 0);
  const { web01, media02, media03, disk01 } = OPENED_MS;
  const expected = [
    ...[web01, media02, media03].map((openedMs) => ['error', Math.floor(openedMs / width) * width]),
    ['warning', Math.floor(disk01 / width) * width],
  ];
  assert.deepEqual(
    sorted(bars.map(({ names }) => names)),
    sorted([...new Map(expected.map((bar) => [String(bar), bar])).values()]),
  );
});

/** The panel with room for one row a level only. */
function cramped(panel: Panel): Panel {
  return {
    ...panel,
    buckets: panel.buckets.map((bucket) => (bucket.kind === 'terms' ? { ...bucket, size: 1 } : bucket)),
  };
}

test('rows add up: what is beyond a table is its row Other, at each level and with what names nothing', async (t) => {
  const corner = await filled(t);
  const flat = async (panel: Panel): Promise<readonly Flat[]> =>
    (await ask(corner, cramped(panel))).map(({ names, values }) => [...names, ...values]);
  assert.deepEqual(await flat(panelOf('fleet-overview', 'loudest-hosts')), [
    ['media01', 5, 4, 3, 3],
    ['Other', 6, 2, 3, 3],
  ]);
  assert.deepEqual(await flat(panelOf('fleet-overview', 'providers')), [
    ['Service Control Manager', '7036', 4, 4],
    ['Other', '309', 4, 2],
    ['Other', 'Other', 3, 2],
  ]);
  assert.deepEqual(await flat(panelOf('port-conflicts', 'likely-holders')), [
    ['A web server.', 2, 1, 1, 2, 1],
    ['Other', 2, 2, 0, 2, 1],
  ]);
  // Of bars the series that are the greatest in all of them, not in each.
  const bars = panelOf('port-conflicts', 'hosts-over-time');
  assert.deepEqual(summed(bars, await ask(corner, cramped(bars))), [
    ['media01', 3],
    ['Other', 1],
  ]);
  // Not a sum: the hosts that have been silent are hosts.
  assert.equal((await flat(panelOf('fleet-overview', 'silent-hosts'))).length, 1);
});

/** How many rows each list has and what the first of them says. */
const LISTS: Readonly<Record<string, { readonly count: number; readonly first: readonly string[] }>> = {
  'foghorn-fault-events': {
    count: 6,
    first: ['media01', 'WMServer', '309', '80', 'Port in use', 'https://vendor.example/article'],
  },
  'foghorn-conflict-events': {
    count: 6,
    first: ['media01', '80', 'WMServer', '309', '', 'https://vendor.example/article'],
  },
  'foghorn-open-conflicts': {
    count: 3,
    first: [
      new Date(OPENED_MS.media01).toISOString(),
      'media01',
      '80',
      'Port in use',
      'critical',
      '3',
      'A web server.',
      '',
      '',
      'incident-media01',
    ],
  },
  'foghorn-unresolved-incidents': {
    count: 4,
    first: [
      new Date(OPENED_MS.media01).toISOString(),
      'media01',
      'critical',
      'open',
      'Port 80 on media01',
      'Open the console.',
      '',
      'incident-media01',
      'https://vendor.example/article',
    ],
  },
  'foghorn-dead-letters-kept': { count: 3, first: ['enricher', 'invalid_xml', '', '192.0.2.2'] },
};

test('each list shows the documents that are counted above it, the newest or the oldest first', async (t) => {
  const { elasticsearch, names } = await filled(t);
  const indices = { ...names, standing: names.incidents };
  for (const list of DASHBOARDS.flatMap(({ lists }) => lists)) {
    const path = `/${indices[list.view]}/_search`;
    const { body } = await elasticsearch.request({ method: 'POST', path, body: listSearchOf(list, RANGE, 10) });
    const rows = listRowsOf(list, body);
    assert.deepEqual({ count: rows.length, first: rows[0] }, LISTS[list.id], list.title);
  }
});

test('the example of a rule alerts of each open conflict, once for each incident, and of nothing else', async (t) => {
  const { elasticsearch, names } = await filled(t);
  const file = packagePath('deploy', 'dashboards', 'kibana', 'examples', 'rule-open-port-conflict.json');
  const { params } = esQueryRule.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { timeField, timeWindowSize, timeWindowUnit, termField, termSize } = params;
  const window = { range: { [timeField]: { gte: `now-${timeWindowSize}${timeWindowUnit}`, lte: 'now' } } };
  const { body } = await elasticsearch.request({
    method: 'POST',
    path: `/${names.incidents}/_search`,
    // As Kibana asks it: the rule's query within the window, grouped.
    body: {
      size: 0,
      query: { bool: { filter: [params.esQuery.query, window] } },
      aggs: { group: { terms: { field: termField, size: termSize } } },
    },
  });
  const { aggregations } = body as {
    readonly aggregations: { readonly group: { readonly buckets: readonly { key: string; doc_count: number }[] } };
  };
  assert.deepEqual(aggregations.group.buckets.map(({ key, doc_count: count }) => [key, count]).toSorted(), [
    ['incident-media01', 1],
    ['incident-web01', 1],
  ]);
});
