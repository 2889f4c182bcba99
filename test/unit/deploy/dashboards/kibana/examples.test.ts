// The examples for Kibana's own alerting: what its APIs take, over fields that are mapped, and one
// belonging to the other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { VIEWS } from '../../../../../deploy/dashboards/kibana/panel.ts';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';
import { incidentIndexTemplate } from '../../../../../services/indexer/templates/incident-index.ts';
import { esQueryRule, indexConnector } from '../../../../support/kibana-rule-schemas.ts';

const read = (...path: readonly string[]): string => readFileSync(packagePath(...path), 'utf8');
const example = (name: string): unknown => JSON.parse(read('deploy', 'dashboards', 'kibana', 'examples', name));

/** The type of a field of the incident index. */
function typeOf(field: string): unknown {
  let node: unknown = incidentIndexTemplate('i').body.template['mappings'];
  for (const name of field.split('.')) node = Object(Object(node)['properties'])[name];
  return Object(node)['type'];
}

test('the rule is what the API takes, and its query and its group are of keywords', () => {
  const { params } = esQueryRule.parse(example('rule-open-port-conflict.json'));
  assert.deepEqual(params.index, [VIEWS.incidents.title]);
  const { filter } = params.esQuery.query.bool;
  const fields = filter.flatMap(({ term }) => Object.keys(term));
  assert.equal(fields.length, 2);
  for (const field of [...fields, params.termField]) assert.equal(typeOf(field), 'keyword', field);
  assert.equal(typeOf(params.timeField), 'date');
});

test('what the actions read from a hit is in an incident’s document', () => {
  const { actions } = esQueryRule.parse(example('rule-open-port-conflict.json'));
  const read = [...JSON.stringify(actions).matchAll(/\{\{_source\.(?<field>[\w.]+)\}\}/gu)];
  assert.equal(read.length, 3);
  for (const { groups } of read) assert.equal(typeOf(groups?.['field'] ?? ''), 'keyword', groups?.['field']);
});

test('the connector is what the API takes, and the rule’s actions go to the id it is put under', () => {
  indexConnector.parse(example('connector-kibana-alerts.json'));
  const { actions } = esQueryRule.parse(example('rule-open-port-conflict.json'));
  const page = read('docs', 'kibana.md');
  for (const { id } of actions) assert.ok(page.includes(`/api/actions/connector/${id}"`), id);
  assert.deepEqual(actions.map(({ group }) => group).toSorted(), ['query matched', 'recovered']);
});

test('the detection rule looks at fields that are mapped', () => {
  const rule = example('detection-rule-open-port-conflict.ndjson') as {
    readonly query: string;
    readonly index: readonly string[];
    readonly severity_mapping: readonly { readonly field: string }[];
    readonly alert_suppression: { readonly group_by: readonly string[] };
  };
  assert.deepEqual(rule.index, [VIEWS.incidents.title]);
  const fields = [...rule.query.matchAll(/(?<field>[\w.]+): "/gu)].map(({ groups }) => groups?.['field'] ?? '');
  assert.equal(fields.length, 4);
  const others = [...rule.severity_mapping.map(({ field }) => field), ...rule.alert_suppression.group_by];
  for (const field of [...fields, ...others]) assert.equal(typeOf(field), 'keyword', field);
});
