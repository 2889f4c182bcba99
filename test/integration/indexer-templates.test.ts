// Installing index templates on a real cluster: idempotent, upwards only, never over somebody
// else's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import type { PlacedTemplate } from '../../services/indexer/templates/all.ts';
import { eventStreamTemplate } from '../../services/indexer/templates/event-stream.ts';
import type { IndexTemplate } from '../../services/indexer/templates/field-types.ts';
import { incidentIndexTemplate } from '../../services/indexer/templates/incident-index.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { quietLog } from '../support/log.ts';

function placed(template: IndexTemplate, index: string): PlacedTemplate {
  return { template, kind: template.body['data_stream'] === undefined ? 'index' : 'data stream', index };
}

test('installs, upgrades, and leaves newer and foreign templates alone', async (t) => {
  const { elasticsearch, names } = await testElasticsearch(t);
  const ours = incidentIndexTemplate(names.incidents);
  const install = async (version: number): Promise<void> =>
    await installTemplates(
      elasticsearch,
      [placed({ ...ours, body: { ...ours.body, version } }, names.incidents)],
      quietLog,
    );
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
    installTemplates(elasticsearch, [placed(broken, names.incidents)], quietLog),
    (error) => error instanceof ConfigError && error.message.includes('no_such') && error.message.includes(ours.name),
  );
});

test('what an older template made is brought up: a stream is rolled over once, an index gets the new fields', async (t) => {
  const { elasticsearch, names } = await testElasticsearch(t);
  const dataset = `upgrade.${names.incidents.slice(-13)}`;
  const stream = `logs-${dataset}-default`;
  const old = eventStreamTemplate(dataset);
  // As the first version put it: one template without components, no mark in the mapping.
  const { composed_of: _, ignore_missing_component_templates: __, ...first } = old.body;
  const template = { mappings: { properties: { '@timestamp': { type: 'date' } } } };
  const body = { ...first, version: 1, template };
  const path = `/_index_template/${old.name}`;
  assert.equal((await elasticsearch.request({ method: 'PUT', path, body })).status, 200);
  const query = { refresh: 'true', op_type: 'create' };
  const document = { '@timestamp': '2026-03-01T10:00:00Z', winlog: { event_data: { Image: 'B.exe' } } };
  const write = async (id: string): Promise<number> =>
    (await elasticsearch.request({ method: 'PUT', path: `/${stream}/_doc/${id}`, query, body: document })).status;
  assert.equal(await write('before'), 201);
  const incidents = incidentIndexTemplate(names.incidents);
  const mappings = { _meta: { managed_by: 'foghorn', version: 1 }, properties: { message: { type: 'text' } } };
  assert.equal(
    (await elasticsearch.request({ method: 'PUT', path: `/${names.incidents}`, body: { mappings } })).status,
    200,
  );

  const all = [placed(old, stream), placed(incidents, names.incidents)];
  for (const repeat of [1, 2]) {
    await installTemplates(elasticsearch, all, quietLog);
    const { body: streams } = await elasticsearch.request({ method: 'GET', path: `/${stream}/_mapping` });
    assert.equal(Object.keys(streams as object).length, 2, `rolled over once, at start ${repeat}`);
  }
  assert.equal(await write('after'), 201);
  const found = await elasticsearch.request({
    method: 'POST',
    path: `/${stream}/_search`,
    // By the old mapping it is words without case.
    body: { query: { term: { 'winlog.event_data.Image': 'B.exe' } } },
  });
  const { hits } = found.body as { readonly hits: { readonly hits: readonly { readonly _id: string }[] } };
  assert.deepEqual(
    hits.hits.map(({ _id }) => _id),
    ['after'],
  );
  const { body: incidentMapping } = await elasticsearch.request({
    method: 'GET',
    path: `/${names.incidents}/_mapping`,
  });
  assert.match(JSON.stringify(incidentMapping), /time_to_resolve_ms/u);
});

test('a stream under a template that outranks ours is not rolled over, at no start', async (t) => {
  const { elasticsearch, names } = await testElasticsearch(t);
  const dataset = `outranked.${names.incidents.slice(-13)}`;
  const stream = `logs-${dataset}-default`;
  const theirs = `/_index_template/${dataset}`;
  const body = { index_patterns: [`logs-${dataset}-*`], priority: 9999, data_stream: {}, template: {} };
  assert.equal((await elasticsearch.request({ method: 'PUT', path: theirs, body })).status, 200);
  const document = { '@timestamp': '2026-03-01T10:00:00Z' };
  const query = { op_type: 'create' };
  await elasticsearch.request({ method: 'PUT', path: `/${stream}/_doc/a`, query, body: document });
  for (let start = 0; start < 2; start += 1)
    await installTemplates(elasticsearch, [placed(eventStreamTemplate(dataset), stream)], quietLog);
  const { body: indices } = await elasticsearch.request({ method: 'GET', path: `/${stream}/_mapping` });
  assert.equal(Object.keys(indices as object).length, 1);
});
