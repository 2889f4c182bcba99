// ECS as a mapping: all objects are declared, each leaf has one type by its path, and it is the one
// that Elastic's own ecs@mappings gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventStreamTemplate } from '../../../../../services/indexer/templates/event-stream.ts';
import { EVENT_DATA_NAMES, USER_DATA_NAMES } from '../../../../../shared/ecs/event-data-names.ts';
import { eachField, FIELD_TREE } from '../../../../../shared/ecs/field-tree.ts';

interface Field {
  readonly type?: string;
  readonly dynamic?: boolean;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly fields?: object;
}

interface Rule {
  readonly path_match?: readonly string[];
  readonly match_mapping_type?: string;
  readonly mapping: Field;
}

const { settings, mappings } = eventStreamTemplate('a.b').body.template as {
  readonly settings: { readonly index: { readonly mapping: { readonly total_fields: { readonly limit: number } } } };
  readonly mappings: {
    readonly dynamic: boolean;
    readonly dynamic_templates: readonly Readonly<Record<string, Rule>>[];
    readonly properties: Readonly<Record<string, Field>>;
  };
};
const rules = mappings.dynamic_templates.flatMap((one) => Object.values(one));

function declaredAt(path: string): Field | undefined {
  let field: Field | undefined = { properties: mappings.properties };
  for (const name of path.split('.')) field = field?.properties?.[name];
  return field;
}

/** Declared, or by the rule for its path, or else by the rules for any value. */
function typeAt(path: string): string | undefined {
  const byPath = rules.find((rule) => rule.path_match?.includes(path) === true);
  return (declaredAt(path) ?? byPath?.mapping ?? rules.find((rule) => rule.path_match === undefined)?.mapping)?.type;
}

test('each object is declared, so that no document can map it otherwise [case 39] [security H9]', () => {
  eachField(FIELD_TREE, (path, field) => {
    if (typeof field === 'string') return;
    const found = declaredAt(path);
    assert.ok(found?.properties !== undefined && found.type === undefined, path);
  });
});

test('at the top and in Foghorn’s own objects nothing is mapped as it comes', () => {
  assert.equal(mappings.dynamic, false);
  for (const name of ['winlog', 'event', 'foghorn', 'rule'])
    assert.equal(mappings.properties[name]?.dynamic, undefined);
});

test('any value that no rule names is a keyword, whether a number or a text came first', () => {
  const general = rules.filter((rule) => rule.path_match === undefined);
  assert.deepEqual(general.map((rule) => rule.match_mapping_type).sort(), ['boolean', 'double', 'long', 'string']);
  for (const { mapping } of general) assert.equal(mapping.type, 'keyword');
  for (const { path_match: paths = [] } of rules) for (const path of paths) assert.ok(!path.includes('*'), path);
});

test('all known fields at once are well within the limit of fields', () => {
  let fields = EVENT_DATA_NAMES.length + USER_DATA_NAMES.length;
  eachField(FIELD_TREE, (_, field) => {
    fields += typeof field === 'string' && field.endsWith('+') ? 2 : 1;
  });
  assert.ok(fields + 500 < settings.index.mapping.total_fields.limit, String(fields));
});

test('each known name of event data is a field of its own, a name with a dot is a name, and none comes by itself', () => {
  for (const [section, names] of [
    ['event_data', EVENT_DATA_NAMES],
    ['user_data', USER_DATA_NAMES],
  ] as const) {
    const { type, dynamic, subobjects, properties } = declaredAt(`winlog.${section}`) as Field & {
      subobjects: boolean;
    };
    // EQL refuses what is below a flattened field.
    assert.deepEqual([type, dynamic, subobjects], [undefined, false, false]);
    assert.deepEqual(Object.keys(properties ?? {}).sort(), [...names].sort());
    assert.equal(new Set(names).size, names.length);
  }
  assert.equal(typeAt('winlog.event_data.Image'), 'keyword');
  assert.equal(typeAt('winlog.event_data.CommandLine'), 'wildcard');
});

/**
 * A few of the rules by which a full cluster maps ECS, for holding ours against: Elasticsearch,
 * x-pack/plugin/core/template-resources, ecs@mappings.json. A pattern is of the whole path; where
 * it begins with a star, of its end.
 */
const ELASTIC_RULES: readonly (readonly [string, string])[] = [
  ['*.ip', 'ip'],
  ['*_ip', 'ip'],
  ['*.message', 'match_only_text'],
  ['*command_line', 'wildcard'],
  ['*stack_trace', 'wildcard'],
  ['*registry.data.strings', 'wildcard'],
  ['*url.full', 'wildcard'],
  ['*url.path', 'wildcard'],
  ['*.name', 'keyword'],
  ['*.executable', 'keyword'],
  ['*file.path', 'keyword'],
  ['*.created', 'date'],
  ['*.ingested', 'date'],
  ['*.start', 'date'],
  ['*.not_after', 'date'],
  ['*_score', 'float'],
  ['*.usage', 'scaled_float'],
  ['*.location', 'geo_point'],
  ['*imports', 'flattened'],
  ['*structured_data', 'flattened'],
];

test('types are those that Elastic’s ecs@mappings gives the same names', () => {
  const used = new Set<string>();
  eachField(FIELD_TREE, (path, field) => {
    if (typeof field !== 'string') return;
    for (const [pattern, type] of ELASTIC_RULES) {
      if (!path.endsWith(pattern.slice(1))) continue;
      used.add(pattern);
      assert.equal(typeAt(path), type, path);
    }
  });
  assert.equal(used.size, ELASTIC_RULES.length);
});
