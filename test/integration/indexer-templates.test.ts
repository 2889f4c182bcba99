// Installing index templates on a real cluster: idempotent, upwards only, never over somebody else's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import type { IndexTemplate } from '../../services/indexer/templates/field-types.ts';
import { incidentIndexTemplate } from '../../services/indexer/templates/incident-index.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { quietLog } from '../support/log.ts';

test('installs, upgrades, and leaves newer and foreign templates alone', async (t) => {
  const { elasticsearch, names } = await testElasticsearch(t);
  const ours = incidentIndexTemplate(names.incidents);
  const install = async (version: number): Promise<void> =>
    await installTemplates(elasticsearch, [{ ...ours, body: { ...ours.body, version } }], quietLog);
  const path = `/_index_template/${ours.name}`;
  const installed = async (): Promise<IndexTemplate['body']> => {
    const { body } = await elasticsearch.request({ method: 'GET', path });
    const [first] = (body as { index_templates: readonly { index_template: IndexTemplate['body'] }[] }).index_templates;
    assert.ok(first !== undefined);
    return first.index_template;
  };
  for (const [wanted, found] of [
    [1, 1],
    [3, 3],
    [2, 3],
    [3, 3],
  ] as const) {
    await install(wanted);
    assert.equal((await installed()).version, found);
  }
  const foreign = { index_patterns: [names.incidents], priority: 999, version: 1, _meta: { managed_by: 'somebody' } };
  assert.equal((await elasticsearch.request({ method: 'PUT', path, body: foreign })).status, 200);
  await install(9);
  assert.equal((await installed()).priority, 999);
});

test('a template that the cluster refuses stops the start with its reason', async (t) => {
  const { elasticsearch, names } = await testElasticsearch(t);
  const ours = incidentIndexTemplate(names.incidents);
  const broken: IndexTemplate = {
    ...ours,
    body: { ...ours.body, template: { mappings: { properties: { port: { type: 'long', no_such: true } } } } },
  };
  await assert.rejects(
    installTemplates(elasticsearch, [broken], quietLog),
    (error) => error instanceof ConfigError && error.message.includes('no_such') && error.message.includes(ours.name),
  );
});
