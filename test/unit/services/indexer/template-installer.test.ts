// Making a template plainer for a cluster that lacks something, and what the templates promise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fallbackMapping as adapt } from '../../../../services/indexer/setup/fallback-mapping.ts';
import { templateResources } from '../../../../services/indexer/templates/all.ts';
import { activityStreamTemplate } from '../../../../services/indexer/templates/activity-stream.ts';
import { deadLetterStreamTemplate } from '../../../../services/indexer/templates/dead-letter-stream.ts';
import { eventStreamTemplate } from '../../../../services/indexer/templates/event-stream.ts';
import { incidentIndexTemplate } from '../../../../services/indexer/templates/incident-index.ts';

const { body } = eventStreamTemplate('windows.forwarded.foghorn');

test('a field type the cluster lacks is replaced wherever it stands, in the words of both generations', () => {
  for (const refusal of [
    '{"reason":"No handler for type [match_only_text] declared on field [message]"}',
    '{"reason":"The mapper type [match_only_text] declared on field [message] does not exist."}',
  ]) {
    const plainer = adapt(body, refusal);
    assert.equal(plainer?.instead, 'text');
    const text = JSON.stringify(plainer?.body);
    assert.ok(text.includes('"message":{"type":"text"}') && !text.includes('match_only_text'));
  }
  const constant = JSON.stringify(adapt(body, 'mapper type [constant_keyword]')?.body);
  assert.ok(constant.includes('"dataset":{"type":"keyword","ignore_above":1024}') && !constant.includes('"value"'));
});

test('a type that only the rules for fields to come name is replaced there, and what stands beside it stays', () => {
  const refusal = (type: string): string =>
    `dynamic template [a] has invalid content: No mapper found for type [${type}]`;
  const wildcards = JSON.stringify(adapt(body, refusal('wildcard'))?.body);
  assert.ok(!wildcards.includes('"type":"wildcard"'));
  // As long as a term may be, and with its words.
  assert.ok(wildcards.includes('{"ignore_above":8191,"type":"keyword","fields":{"text":{"type":"match_only_text"}}}'));
  const numbers = JSON.stringify(adapt(body, refusal('scaled_float'))?.body);
  assert.ok(numbers.includes('"mapping":{"type":"double"}') && !numbers.includes('"scaled_float"'));
});

test('a part the cluster does not know is left out; nothing else is', () => {
  const plainer = adapt(body, 'unknown field [data_stream_options]');
  assert.equal(plainer?.unsupported, 'data_stream_options');
  assert.ok(!JSON.stringify(plainer?.body).includes('failure_store'));
  assert.ok(JSON.stringify(plainer?.body).includes('ignore_malformed'));
});

test('any other refusal is not adapted to', () => {
  assert.equal(adapt(body, 'mapper type [date] is broken'), undefined);
  assert.equal(adapt(body, 'matching patterns from existing templates'), undefined);
});

test('the templates stand above the built-in ones and keep the mapping bounded', () => {
  for (const template of [
    eventStreamTemplate('a.b'),
    activityStreamTemplate(),
    deadLetterStreamTemplate(),
    incidentIndexTemplate('incidents'),
  ]) {
    assert.ok(template.body.priority > 200);
    const { mappings, settings } = template.body.template as {
      mappings: { dynamic?: boolean };
      settings?: { index: { mapping: { total_fields: { ignore_dynamic_beyond_limit: boolean } } } };
    };
    const isBounded =
      mappings.dynamic === false || settings?.index.mapping.total_fields.ignore_dynamic_beyond_limit === true;
    assert.ok(isBounded, template.name);
  }
  assert.deepEqual(eventStreamTemplate('a.b').body.index_patterns, ['logs-a.b-*']);
});

test('a template is put as a component and what composes it, with room for the operator’s own after ours', () => {
  const [component, template] = templateResources(eventStreamTemplate('a.b'));
  assert.equal(component?.name, 'logs-a.b@package');
  assert.deepEqual(template?.body['composed_of'], ['logs-a.b@package', 'logs-a.b@lifecycle', 'logs-a.b@custom']);
  assert.equal(template?.body['template'], undefined);
  const [other] = templateResources(eventStreamTemplate('a.b', 'synthetic_source'));
  assert.notEqual(other?.mark.digest, component?.mark.digest);
});
