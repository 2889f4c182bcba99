// Every object of the file against what Kibana 8.19 takes, and that what it would refuse is refused
// here too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';
import { savedObjectSchema } from '../../../../support/kibana-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const lines = readFileSync(packagePath('deploy', 'dashboards', 'kibana', 'foghorn.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');
const objects = lines.map((line) => JSON.parse(line) as Json & { readonly attributes: Json });

for (const object of objects)
  test(`${String(object['type'])} ${String(object['id'])} is what Kibana takes`, () => {
    const { error } = savedObjectSchema.safeParse(object);
    assert.equal(error === undefined ? '' : z.prettifyError(error), '');
  });

/** The first object of a type with a part of its attributes replaced. */
function spoilt(type: string, attributes: Json): Json {
  const object = objects.find((each) => each['type'] === type);
  assert.ok(object !== undefined, type);
  return { ...object, attributes: { ...object.attributes, ...attributes } };
}

/** The panels of the first dashboard, each changed. */
function withPanels(change: (panel: Json) => Json): Json {
  const { panelsJSON } = spoilt('dashboard', {})['attributes'] as { readonly panelsJSON: string };
  return spoilt('dashboard', { panelsJSON: JSON.stringify((JSON.parse(panelsJSON) as readonly Json[]).map(change)) });
}

test('the schemas refuse what Kibana would refuse or not understand', () => {
  assert.ok(savedObjectSchema.safeParse(withPanels((panel) => panel)).success);
  for (const object of [
    spoilt('dashboard', { panels: [] }),
    spoilt('dashboard', { panelsJSON: '[' }),
    spoilt('dashboard', { panelsJSON: [] }),
    spoilt('index-pattern', { fieldFormatMap: {} }),
    spoilt('index-pattern', { fieldFormatMap: '{"a":{"id":"link","params":{}}}' }),
    spoilt('search', { columns: 'host.name' }),
    withPanels((panel) => ({ ...panel, type: 'visualization' })),
    withPanels((panel) => ({ ...panel, version: '8.19.0' })),
    withPanels((panel) => ({ ...panel, panelIndex: 'another' })),
    { ...spoilt('dashboard', {}), typeMigrationVersion: '10.9.0' },
  ])
    assert.equal(savedObjectSchema.safeParse(object).success, false, JSON.stringify(object).slice(0, 200));
});
