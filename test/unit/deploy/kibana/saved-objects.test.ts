// The file that Kibana imports, as far as it can be checked without Kibana: current, closed, parseable, without overlaps, of fields that exist.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type FieldUse,
  fieldsOf,
  kql,
  type Panel,
  type View,
  type ViewName,
  VIEWS,
} from '../../../../deploy/kibana/panel.ts';
import { DASHBOARDS, ndjson, savedObjects } from '../../../../deploy/kibana/saved-objects.ts';
import { elasticsearchSettings } from '../../../../shared/elasticsearch/client.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { placedTemplates } from '../../../../services/indexer/templates/all.ts';

type Json = Readonly<Record<string, unknown>>;
const objects = savedObjects();
const panels = DASHBOARDS.flatMap((dashboard) => dashboard.panels.map((panel) => ({ dashboard, panel })));

test('the file is what npm run kibana writes', () => {
  assert.equal(readFileSync(packagePath('deploy', 'kibana', 'foghorn.ndjson'), 'utf8'), ndjson());
});

test('every reference leads to an object of the file, and every id is there once', () => {
  const ids = objects.map(({ type, id }) => `${type}:${id}`);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, references } of objects)
    for (const reference of references)
      assert.ok(ids.includes(`${reference.type}:${reference.id}`), `${id}: ${reference.id}`);
});

test('what is JSON inside a text parses, and each Lens panel refers to the view that its dashboard lists', () => {
  for (const { type, attributes, references } of objects.filter((object) => object.type === 'dashboard')) {
    assert.equal(type, 'dashboard');
    JSON.parse(attributes['optionsJSON'] as string);
    JSON.parse((attributes['kibanaSavedObjectMeta'] as { searchSourceJSON: string }).searchSourceJSON);
    const saved = JSON.parse(attributes['panelsJSON'] as string) as readonly {
      readonly type: string;
      readonly panelIndex: string;
      readonly embeddableConfig: {
        readonly attributes?: { readonly references: readonly { name: string; id: string }[]; readonly state: Json };
      };
    }[];
    const lenses = saved.filter((panel) => panel.type === 'lens');
    assert.equal(references.length, lenses.length);
    for (const { panelIndex, embeddableConfig } of lenses)
      for (const { name, id } of embeddableConfig.attributes?.references ?? [])
        assert.ok(
          references.some((reference) => reference.name === `${panelIndex}:${name}` && reference.id === id),
          panelIndex,
        );
  }
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
  const saved = objects
    .filter(({ type }) => type === 'dashboard')
    .flatMap(({ attributes }) => JSON.parse(attributes['panelsJSON'] as string) as readonly Json[]);
  const states = saved.flatMap((panel) => {
    const { attributes } = panel['embeddableConfig'] as { readonly attributes?: { readonly state: LensState } };
    return attributes === undefined ? [] : [attributes.state];
  });
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
  const cellsOf = ({ place }: Panel): readonly string[] =>
    Array.from(
      { length: place.w * place.h },
      (_, cell) => `${place.x + (cell % place.w)} ${place.y + Math.floor(cell / place.w)}`,
    );
  for (const { panels: own, title } of DASHBOARDS) {
    const cells = own.flatMap(cellsOf);
    assert.equal(new Set(cells).size, cells.length, `${title}: panels overlap`);
    assert.equal(new Set(own.map(({ id }) => id)).size, own.length, title);
    // The links have the first four rows.
    for (const { place, id } of own)
      assert.deepEqual([place.x >= 0, place.x + place.w <= 48, place.y >= 4], [true, true, true], id);
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
};

for (const { dashboard, panel } of panels)
  test(`${dashboard.title}, ${panel.title}: its fields are mapped, as types that fit`, () => {
    const types = typesOf(panel.view);
    for (const { field, use } of fieldsOf(panel)) {
      const type = types.get(field);
      assert.ok(
        type !== undefined && FITTING[use].includes(type),
        `${field} is ${type ?? 'not mapped'}, used for ${use}`,
      );
    }
  });

test('rules that the panels name are in the catalogue', () => {
  const named = panels.flatMap(
    ({ panel }) => JSON.stringify(panel).match(/(?:httpsys|w3svc|scm|wmserver)-[\w-]+/gu) ?? [],
  );
  assert.ok(named.length > 3);
  const catalog = readFileSync(packagePath('docs', 'catalog.md'), 'utf8');
  for (const id of named) assert.ok(catalog.includes(`#${id}`), id);
});

test('texts in conditions cannot break out of their quotes', () => {
  const panel = { where: [{ field: 'rule.id', is: ['a" or b: "c\\'] }] } satisfies Pick<Panel, 'where'>;
  assert.equal(kql(panel.where), String.raw`rule.id: ("a\" or b: \"c\\")`);
});

test('the examples parse and look at fields that are mapped', () => {
  const folder = packagePath('deploy', 'kibana', 'examples');
  const rule = JSON.parse(readFileSync(`${folder}/detection-rule-open-port-conflict.ndjson`, 'utf8')) as {
    readonly query: string;
    readonly index: readonly string[];
    readonly severity_mapping: readonly { readonly field: string }[];
  };
  assert.deepEqual(rule.index, [VIEWS.incidents.title]);
  const fields = [...rule.query.matchAll(/(?<field>[\w.]+): "/gu)].map(({ groups }) => groups?.['field'] ?? '');
  assert.ok(fields.length === 4);
  const types = typesOf('incidents');
  for (const field of [...fields, ...rule.severity_mapping.map((mapping) => mapping.field)])
    assert.equal(types.get(field), 'keyword', field);
  JSON.parse(readFileSync(`${folder}/index-connector.json`, 'utf8'));
});
