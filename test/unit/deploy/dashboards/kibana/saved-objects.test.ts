// The file that Kibana imports, as far as it can be checked without Kibana: current, closed,
// parseable, without overlaps, of fields that exist.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  AGE_FIELDS,
  kql,
  LINK_FIELDS,
  type Panel,
  type View,
  type ViewName,
  VIEWS,
} from '../../../../../deploy/dashboards/kibana/panel.ts';
import { isCounted, LINKS_PLACE } from '../../../../../deploy/dashboards/kibana/dashboard-object.ts';
import {
  CONSOLE_ADDRESS,
  DASHBOARDS,
  fieldFormats,
  ndjson,
  savedObjects,
} from '../../../../../deploy/dashboards/kibana/saved-objects.ts';
import { elasticsearchSettings } from '../../../../../shared/elasticsearch/client.ts';
import { type FieldUse, fieldsOf, fieldsOfList } from '../../../../support/panel-fields.ts';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';
import { placedTemplates } from '../../../../../services/indexer/templates/all.ts';

type Json = Readonly<Record<string, unknown>>;
const objects = savedObjects();
const panels = DASHBOARDS.flatMap((dashboard) => dashboard.panels.map((panel) => ({ dashboard, panel })));

test('the file is what npm run kibana writes', () => {
  assert.equal(readFileSync(packagePath('deploy', 'dashboards', 'kibana', 'foghorn.ndjson'), 'utf8'), ndjson());
});

test('every reference leads to an object of the file, and every id is there once', () => {
  const ids = objects.map(({ type, id }) => `${type}:${id}`);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, references } of objects)
    for (const reference of references)
      assert.ok(ids.includes(`${reference.type}:${reference.id}`), `${id}: ${reference.id}`);
});

/** A panel as a dashboard keeps it. */
interface SavedPanel {
  readonly type: string;
  readonly panelIndex: string;
  readonly panelRefName?: string;
  readonly embeddableConfig: {
    readonly attributes?: {
      readonly references?: readonly { name: string; id: string }[];
      readonly links?: readonly { readonly destinationRefName?: string }[];
      readonly state?: LensState;
    };
    readonly enhancements: { readonly dynamicActions?: { readonly events: readonly Json[] } };
  };
}

const saved = objects
  .filter(({ type }) => type === 'dashboard')
  .map(({ attributes, references }) => ({
    references,
    panels: JSON.parse(attributes['panelsJSON'] as string) as readonly SavedPanel[],
  }));

test('each panel refers to what its dashboard lists under the panel’s name, and nothing else is listed', () => {
  for (const { references, panels: own } of saved) {
    const wanted = own.flatMap(({ panelIndex, panelRefName, embeddableConfig }) =>
      [
        ...(embeddableConfig.attributes?.references ?? []).map(({ name }) => name),
        ...(embeddableConfig.attributes?.links ?? []).flatMap(({ destinationRefName: name }) => name ?? []),
        ...(panelRefName === undefined ? [] : [panelRefName]),
      ].map((name) => `${panelIndex}:${name}`),
    );
    assert.deepEqual(references.map(({ name }) => name).toSorted(), wanted.toSorted());
    for (const { panelIndex, embeddableConfig } of own)
      for (const { name, id } of embeddableConfig.attributes?.references ?? [])
        assert.equal(references.find((reference) => reference.name === `${panelIndex}:${name}`)?.id, id);
  }
});

test('every number, bar and table leads to the documents behind it', () => {
  for (const [place, { panels: own }] of saved.entries())
    for (const panel of DASHBOARDS[place]?.panels ?? []) {
      const { embeddableConfig } = own.find(({ panelIndex }) => panelIndex === panel.id) as SavedPanel;
      const events = embeddableConfig.enhancements.dynamicActions?.events ?? [];
      assert.equal(events.length, isCounted(panel) ? 1 : 0, panel.title);
      const state = embeddableConfig.attributes?.state;
      assert.ok(state !== undefined, panel.title);
      const { visualization, datasourceStates } = state;
      if (panel.shape === 'table')
        assert.ok(JSON.stringify(visualization).includes('"oneClickFilter":true'), `${panel.title}: nothing to click`);
      if (panel.shape !== 'number') continue;
      // The tile's own filter is the panel's query, so that the documents are the counted ones.
      const { b0 } = datasourceStates.formBased.layers.layer.columns as { readonly b0: { readonly params: Json } };
      const filters = [{ label: panel.title, input: { query: kql(panel.where), language: 'kuery' } }];
      assert.deepEqual([visualization['breakdownByAccessor'], b0.params], ['b0', { filters }], panel.title);
    }
});

test('incidents lead to the console and articles to the vendor, in every data view and by fields that are mapped', () => {
  const formats = fieldFormats(CONSOLE_ADDRESS);
  assert.deepEqual(Object.keys(formats), [...AGE_FIELDS, ...LINK_FIELDS]);
  const { params } = formats['foghorn.incident.id'] as { readonly params: Json };
  assert.equal(params['urlTemplate'], 'http://127.0.0.1:3090/incidents/{{value}}');
  for (const { attributes } of objects.filter(({ type }) => type === 'index-pattern'))
    assert.deepEqual(JSON.parse(attributes['fieldFormatMap'] as string), formats);
  const types = [typesOf('events'), typesOf('incidents')];
  for (const field of LINK_FIELDS)
    assert.ok(
      types.some((each) => each.get(field) === 'keyword'),
      field,
    );
});

interface LensState {
  readonly visualization: Json;
  readonly datasourceStates: {
    readonly formBased: {
      readonly layers: { readonly layer: { readonly columns: Json; readonly columnOrder: readonly string[] } };
    };
  };
}

test('the charts show columns that their layer has, and no bucket comes behind a measure', () => {
  const states = saved
    .flatMap((dashboard) => dashboard.panels)
    .flatMap(({ embeddableConfig }) => embeddableConfig.attributes?.state ?? []);
  assert.equal(states.length, panels.length);
  for (const { visualization, datasourceStates } of states) {
    const { columns, columnOrder } = datasourceStates.formBased.layers.layer;
    assert.deepEqual(columnOrder, Object.keys(columns));
    assert.deepEqual(columnOrder, columnOrder.toSorted(), 'buckets first');
    for (const column of JSON.stringify(visualization).match(/"[bm]\d"/gu) ?? [])
      assert.ok((JSON.parse(column) as string) in columns, column);
  }
});

test('panels lie inside the grid and do not overlap', () => {
  const cellsOf = (place: Panel['place']): readonly string[] =>
    Array.from(
      { length: place.w * place.h },
      (_, cell) => `${place.x + (cell % place.w)} ${place.y + Math.floor(cell / place.w)}`,
    );
  for (const { panels, lists, title } of DASHBOARDS) {
    const own = [...panels, ...lists];
    const cells = [LINKS_PLACE, ...own.map(({ place }) => place)].flatMap(cellsOf);
    assert.equal(new Set(cells).size, cells.length, `${title}: panels overlap`);
    assert.equal(new Set(own.map(({ id }) => id)).size, own.length, title);
    for (const { place, id } of own) assert.ok(place.x >= 0 && place.x + place.w <= 48, id);
  }
});

/** The type of each field that a template maps, by its dotted name. */
function typesOf(view: ViewName): ReadonlyMap<string, string> {
  const pattern: View = VIEWS[view];
  const placed = placedTemplates(elasticsearchSettings.parse({})).find(({ index }) => matches(pattern.title, index));
  assert.ok(placed !== undefined, pattern.title);
  const types = new Map<string, string>();
  const walk = (properties: Json, path: string): void => {
    for (const [name, mapping] of Object.entries(properties)) {
      const { type, properties: inner } = mapping as { readonly type?: string; readonly properties?: Json };
      if (inner === undefined) types.set(`${path}${name}`, type ?? 'object');
      else walk(inner, `${path}${name}.`);
    }
  };
  const { mappings } = placed.template.body.template as { readonly mappings: { readonly properties: Json } };
  walk(mappings.properties, '');
  return types;
}

function matches(pattern: string, index: string): boolean {
  return index.startsWith(pattern.replace(/\*$/u, ''));
}

const FITTING: Readonly<Record<FieldUse['use'], readonly string[]>> = {
  terms: ['keyword', 'constant_keyword', 'long'],
  date: ['date'],
  number: ['long'],
  any: ['keyword', 'constant_keyword', 'long', 'date'],
  shown: ['keyword', 'constant_keyword', 'long', 'date', 'match_only_text'],
};

const uses = [
  ...panels.map(({ dashboard, panel }) => ({ dashboard, part: panel, fields: fieldsOf(panel) })),
  ...DASHBOARDS.flatMap((dashboard) =>
    dashboard.lists.map((list) => ({ dashboard, part: list, fields: fieldsOfList(list) })),
  ),
];

for (const { dashboard, part, fields } of uses)
  test(`${dashboard.title}, ${part.title}: its fields are mapped, as types that fit`, () => {
    const types = typesOf(part.view);
    for (const { field, use } of fields) {
      const type = types.get(field);
      assert.ok(
        type !== undefined && FITTING[use].includes(type),
        `${field} is ${type ?? 'not mapped'}, used for ${use}`,
      );
    }
  });

test('rows that have to add up are of texts: Kibana shows numbers that are missing nowhere', () => {
  const buckets = panels.flatMap(({ panel }) =>
    panel.buckets.flatMap((bucket) => (bucket.kind === 'terms' && bucket.adds === 'up' ? [{ panel, bucket }] : [])),
  );
  assert.ok(buckets.length > 5);
  for (const { panel, bucket } of buckets)
    assert.match(typesOf(panel.view).get(bucket.field) ?? '', /keyword/u, `${panel.title}: ${bucket.field}`);
});

test('a panel with a time range of its own and bars with a width of their own say so to Kibana', () => {
  const panelsById = new Map(saved.flatMap((dashboard) => dashboard.panels.map((panel) => [panel.panelIndex, panel])));
  const silent = panelsById.get('silent-hosts')?.embeddableConfig as { readonly timeRange?: unknown } | undefined;
  assert.deepEqual(silent?.timeRange, { from: 'now-30d', to: 'now' });
  const state = panelsById.get('opened-over-time')?.embeddableConfig.attributes?.state;
  assert.ok(state !== undefined);
  const { b1 } = state.datasourceStates.formBased.layers.layer.columns as { readonly b1: { readonly params: Json } };
  assert.equal(b1.params['interval'], '3h');
  const [layer] = state.visualization['layers'] as readonly Json[];
  assert.deepEqual([layer?.['xAccessor'], layer?.['splitAccessor']], ['b1', 'b0']);
});

test('texts in conditions cannot break out of their quotes', () => {
  const panel = { where: [{ field: 'rule.id', is: ['a" or b: "c\\'] }] } satisfies Pick<Panel, 'where'>;
  assert.equal(kql(panel.where), String.raw`rule.id: ("a\" or b: \"c\\")`);
});

test('each kind of condition is said in Kibana’s query language', () => {
  const where = [
    { field: 'server.port', isMissing: true },
    { field: 'event.action', is: ['notified', 'unrouted'] },
    { field: 'log.level', isNot: ['information'] },
    { field: 'foghorn.incident.episode', atLeast: 2 },
    { field: 'foghorn.incident.opened', before: '4h', since: '1d' },
  ] satisfies Panel['where'];
  assert.equal(
    kql(where),
    'not server.port: * and event.action: ("notified" or "unrouted") and not log.level: ("information")' +
      ' and foghorn.incident.episode >= 2 and foghorn.incident.opened < "now-4h" and foghorn.incident.opened >= "now-1d"',
  );
});
