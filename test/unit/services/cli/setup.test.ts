// `foghorn setup elasticsearch` against a cluster with everything: made once, the same the second
// time, upgraded from older, careful with what is another's.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setupCommand } from '../../../../services/cli/commands/setup.ts';
import { UsageError } from '../../../../services/cli/command.ts';
import { definitionFiles } from '../../../../services/cli/setup/export.ts';
import { differences } from '../../../../services/indexer/setup/differences.ts';
import { lifecycleResources } from '../../../../services/indexer/setup/lifecycle.ts';
import { installTemplates } from '../../../../services/indexer/template-installer.ts';
import { placedTemplates } from '../../../../services/indexer/templates/all.ts';
import { createElasticsearch, elasticsearchSettings } from '../../../../shared/elasticsearch/client.ts';
import { lacksApi } from '../../../../shared/elasticsearch/lacks-api.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { quietLog } from '../../../support/log.ts';
import { fakeElasticsearch } from '../../../support/fake-elasticsearch.ts';

async function setup(t: TestContext, url: string, ...args: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-setup-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'foghorn.yaml');
  writeFileSync(config, '{}');
  // The environment is stronger than the file, and may name a real cluster.
  process.env['ELASTICSEARCH_URL'] = url;
  const lines: string[] = [];
  const { signal } = new AbortController();
  const io = {
    out: (line: string) => void lines.push(line),
    err: (line: string) => void lines.push(line),
    isTerminal: false,
    signal,
  };
  assert.equal(await setupCommand.run(['elasticsearch', '--config', config, ...args], io), 0);
  return lines;
}

test('looks without touching, makes everything once, then finds nothing to do', async (t) => {
  const { url, store, changes } = await fakeElasticsearch(t);
  const plan = await setup(t, url, '--diff');
  assert.deepEqual(changes, []);
  assert.ok(
    plan.some((line) => line.includes('+ policy.phases.delete.min_age = 90d')),
    plan.join('\n'),
  );
  await setup(t, url);
  for (const path of [
    '/_ilm/policy/logs-foghorn.dead_letters@foghorn',
    '/_component_template/logs-windows.forwarded.foghorn@lifecycle',
    '/_index_template/foghorn-incidents',
    '/_security/role/foghorn_indexer',
    '/_data_stream/logs-foghorn.actions-default',
    '/foghorn-incidents',
    '/foghorn-catalog',
  ])
    assert.ok(store.has(path), path);
  assert.ok([...store.keys()].some((path) => path.startsWith('/foghorn-catalog/_doc/')));
  const before = changes.length;
  assert.equal((await setup(t, url)).at(-1), 'Nothing to change.');
  assert.equal(changes.length, before);
});

test('upgrades its own, and leaves what is another’s or of a later version as it is', async (t) => {
  const { url, store, changes } = await fakeElasticsearch(t);
  await setup(t, url);
  const older = '/_ilm/policy/logs-foghorn.actions@foghorn';
  store.set(older, { policy: { _meta: { managed_by: 'foghorn', version: 0 }, phases: {} } });
  const foreign = { policy: { _meta: { managed_by: 'somebody', version: 0 }, phases: {} } };
  store.set('/_ilm/policy/logs-foghorn.dead_letters@foghorn', foreign);
  const later = { cluster: [], indices: [], metadata: { managed_by: 'foghorn', version: 99 } };
  store.set('/_security/role/foghorn_reader', later);
  const unmarked = { cluster: [], indices: [] };
  store.set('/_security/role/foghorn_indexer', unmarked);
  const [stale] = [...store.keys()].filter((path) => path.startsWith('/foghorn-catalog/_doc/'));
  store.set(stale ?? '', { old: true });
  store.set('/foghorn-catalog/_doc/gone', { old: true });
  const before = changes.length;
  const lines = await setup(t, url);
  assert.deepEqual(changes.slice(before), [`PUT ${older}`, 'POST /foghorn-catalog/_bulk']);
  assert.equal(store.get('/_ilm/policy/logs-foghorn.dead_letters@foghorn'), foreign);
  assert.equal(store.get('/_security/role/foghorn_reader'), later);
  assert.equal(store.get('/_security/role/foghorn_indexer'), unmarked);
  assert.ok(!store.has('/foghorn-catalog/_doc/gone'));
  assert.notDeepEqual(store.get(stale ?? ''), { old: true });
  const said = lines.join('\n');
  for (const part of ['belongs to somebody', 'version 99 of a later Foghorn', 'does not say that it is Foghorn’s'])
    assert.ok(said.includes(part), `${part} in ${said}`);
});

test('a cluster without lifecycle policies keeps documents by the streams’ own lifecycle', async (t) => {
  const { url, store } = await fakeElasticsearch(t, { isServerless: true });
  const lines = await setup(t, url);
  assert.match(lines[0] ?? '', /^not available/u);
  const component = store.get('/_component_template/logs-foghorn.actions@lifecycle');
  assert.deepEqual(component?.['template'], { lifecycle: { data_retention: '400d' } });
  assert.ok(![...store.keys()].some((path) => path.startsWith('/_ilm/')));
});

/**
 * As the indexer leaves a cluster that nobody set up: its templates, and streams made by their
 * first documents.
 */
async function asTheIndexerLeavesIt(url: string): Promise<void> {
  const settings = { ...elasticsearchSettings.parse({}), nodes: [url] };
  const elasticsearch = createElasticsearch(settings);
  const placed = placedTemplates(settings);
  await installTemplates(elasticsearch, placed, quietLog);
  for (const { index } of placed.filter(({ kind }) => kind === 'data stream'))
    await elasticsearch.request({ method: 'PUT', path: `/_data_stream/${index}` });
  await elasticsearch.close();
}

const EVENTS = 'logs-windows.forwarded.foghorn';

test('streams that the indexer made first come under the lifecycle too, and under a later change of it', async (t) => {
  const { url, store, changes } = await fakeElasticsearch(t);
  await asTheIndexerLeavesIt(url);
  const indices = (): readonly unknown[] =>
    [...store].filter(([path]) => path.startsWith(`/.ds-${EVENTS}`)).map(([, { settings }]) => settings);
  assert.doesNotMatch(JSON.stringify(indices()), /lifecycle/u);
  assert.ok((await setup(t, url, '--diff')).some((line) => line.includes(`index.lifecycle.name = ${EVENTS}@foghorn`)));
  await setup(t, url);
  assert.match(JSON.stringify(indices()), new RegExp(`"lifecycle":\\{"name":"${EVENTS}@foghorn"\\}`, 'u'));
  const next = store.get(`/_component_template/${EVENTS}@lifecycle`);
  assert.match(JSON.stringify(next), /"codec":"best_compression"/u);
  const before = changes.length;
  assert.equal((await setup(t, url)).at(-1), 'Nothing to change.');
  assert.equal(changes.length, before);
});

test('so do they where the streams have lifecycles of their own', async (t) => {
  const { url, store, changes } = await fakeElasticsearch(t, { isServerless: true });
  await asTheIndexerLeavesIt(url);
  const lifecycle = `/_data_stream/${EVENTS}-default/_lifecycle`;
  assert.equal(store.get(lifecycle), undefined);
  await setup(t, url);
  assert.deepEqual(store.get(lifecycle), { data_retention: '90d' });
  const before = changes.length;
  assert.equal((await setup(t, url)).at(-1), 'Nothing to change.');
  assert.equal(changes.length, before);
  t.after(() => delete process.env['FOGHORN_ELASTICSEARCH_EVENTS_RETENTION_DAYS']);
  for (const [days, wanted] of [
    ['7', { data_retention: '7d' }],
    ['0', {}],
  ] as const) {
    process.env['FOGHORN_ELASTICSEARCH_EVENTS_RETENTION_DAYS'] = days;
    await setup(t, url);
    assert.deepEqual(store.get(lifecycle), wanted);
  }
});

test('a lifecycle of the operator’s own component stays', async (t) => {
  const { url, store, changes } = await fakeElasticsearch(t);
  const template = { settings: { index: { lifecycle: { name: 'theirs' } } } };
  store.set(`/_component_template/${EVENTS}@custom`, { template });
  await asTheIndexerLeavesIt(url);
  await setup(t, url);
  const before = changes.length;
  const lines = await setup(t, url);
  assert.equal(changes.length, before);
  assert.match(JSON.stringify([...store].filter(([path]) => path.startsWith(`/.ds-${EVENTS}`))), /"name":"theirs"/u);
  assert.ok(lines.some((line) => line.startsWith('not ours, left') && line.includes(`lifecycle of ${EVENTS}-default`)));
});

test('a stream under a template that outranks ours is neither rolled over nor changed, however often', async (t) => {
  const { url, store, changes } = await fakeElasticsearch(t);
  store.set('/_index_template/theirs', { index_patterns: ['logs-*'], priority: 500, template: { mappings: {} } });
  await asTheIndexerLeavesIt(url);
  await setup(t, url);
  await setup(t, url);
  await asTheIndexerLeavesIt(url);
  const touched = changes.filter((change) => /rollover|settings|_lifecycle$/u.test(change));
  assert.deepEqual(touched, []);
  const said = (await setup(t, url)).find((line) => line.includes(`data stream ${EVENTS}-default`)) ?? '';
  assert.match(said, /^not ours, left .*another template is in effect/u);
});

test('an index is so young when the next begins that documents stay a seventh longer at the most, or a month', () => {
  const phases = (eventsRetentionDays: number): unknown => {
    const settings = { ...elasticsearchSettings.parse({}), dataset: 'windows.actions', eventsRetentionDays };
    const [policy] = lifecycleResources(settings, 'policy');
    assert.ok(policy !== undefined);
    return (policy.body['policy'] as { readonly phases: unknown }).phases;
  };
  const hot = (max_age: string) => ({
    min_age: '0ms',
    actions: { rollover: { max_primary_shard_size: '50gb', max_age } },
  });
  const gone = (min_age: string) => ({ min_age, actions: { delete: {} } });
  assert.deepEqual(phases(1), { hot: hot('1d'), delete: gone('1d') });
  assert.deepEqual(phases(7), { hot: hot('1d'), delete: gone('7d') });
  assert.deepEqual(phases(90), { hot: hot('13d'), delete: gone('90d') });
  assert.deepEqual(phases(3650), { hot: hot('30d'), delete: gone('3650d') });
  assert.deepEqual(phases(0), { hot: hot('30d') });
});

test('credentials that may not see or make roles hold up nothing else', async (t) => {
  for (const refused of ['GET', 'PUT']) {
    const { url, store } = await fakeElasticsearch(t, {
      refuse: (method, path) =>
        method === refused && path.startsWith('/_security/role/')
          ? [403, { type: 'security_exception', reason: 'action is unauthorized for user [setup]' }]
          : undefined,
    });
    const role = (await setup(t, url)).find((line) => line.includes('role foghorn_reader')) ?? '';
    assert.match(role, /manage_security/u, refused);
    assert.ok(store.has(`/_data_stream/${EVENTS}-default`) && store.has('/foghorn-catalog'));
  }
});

test('what an older version of the cluster lacked is tried again when it has another', async (t) => {
  let isOld = true;
  const { url, store, changes } = await fakeElasticsearch(t, {
    refuse: (method, _, text) => {
      if (!isOld || method !== 'PUT') return undefined;
      if (text.includes('"mode":"lookup"')) return [400, { reason: '[lookup] is an invalid index mode' }];
      return text.includes('"type":"match_only_text"') ? [400, { reason: 'mapper type [match_only_text]' }] : undefined;
    },
  });
  const made = (): string =>
    ['/foghorn-catalog', `/_component_template/${EVENTS}@package`]
      .map((path) => JSON.stringify(store.get(path)))
      .join(' ');
  await setup(t, url);
  assert.match(made(), /"unsupported":\["match_only_text"\],"unsupported_in":"9\.1\.0"/u);
  isOld = false;
  const before = changes.length;
  assert.equal((await setup(t, url)).at(-1), 'Nothing to change.');
  assert.equal(changes.length, before);
  store.set('/', { version: { number: '9.2.0' } });
  await setup(t, url);
  assert.match(made(), /"mode":"lookup".*"type":"match_only_text"/u);
  assert.doesNotMatch(made(), /unsupported/u);
  assert.ok([...store.keys()].some((path) => path.startsWith('/foghorn-catalog/_doc/')));
  assert.equal((await setup(t, url)).at(-1), 'Nothing to change.');
});

test('two namespaces in a cluster have roles and keys of their own', () => {
  const namesOf = (namespace: string): readonly string[] =>
    definitionFiles({ ...elasticsearchSettings.parse({}), namespace }).map(({ name }) => name);
  assert.deepEqual(
    namesOf('prod')
      .filter((name) => !namesOf('default').includes(name))
      .sort(),
    ['api-key.foghorn_indexer_prod.json', 'role.foghorn_indexer_prod.json', 'role.foghorn_reader_prod.json'],
  );
});

test('a cluster that is too old is refused before anything is asked of it', async (t) => {
  const { url, changes } = await fakeElasticsearch(t, { version: '8.12.2' });
  await assert.rejects(setup(t, url), (error) => error instanceof ConfigError && error.message.includes('8.12.2'));
  assert.deepEqual(changes, []);
});

test('an API key is made when it is asked for, and shown alone on the output', async (t) => {
  const { url } = await fakeElasticsearch(t);
  assert.equal((await setup(t, url, '--api-key')).at(-1), 'a2V5');
});

test('the definitions in the repository are what setup puts', () => {
  const folder = packagePath('deploy', 'elasticsearch');
  const files = definitionFiles(elasticsearchSettings.parse({}));
  assert.deepEqual(readdirSync(folder).sort(), files.map(({ name }) => name).sort());
  for (const { name, text } of files)
    assert.equal(
      readFileSync(join(folder, name), 'utf8'),
      text,
      `${name}: foghorn setup elasticsearch --export ${folder}`,
    );
});

test('the indexer may write and not delete, and nobody may do everything', () => {
  const roles = definitionFiles(elasticsearchSettings.parse({})).filter(({ name }) => name.startsWith('role.'));
  assert.equal(roles.length, 2);
  for (const { text } of roles) assert.doesNotMatch(text, /"(?:all|manage|manage_\w+|delete|delete_index|write)"/u);
});

test('differences are of meaning, not of writing', () => {
  const found = { version: 1, data_stream: { hidden: false }, settings: { index: { number: '3' } }, old: { a: 1 } };
  assert.deepEqual(differences(found, { version: 2, data_stream: {}, settings: { index: { number: 3 } } }), [
    '- old.a = 1',
    '- version = 1',
    '+ version = 2',
  ]);
});

test('an API that is not there is distinguished from a name that is not there', () => {
  for (const [status, body] of [
    [400, { error: 'no handler found for uri [/_ilm/policy/x] and method [GET]' }],
    [405, { error: 'Incorrect HTTP method for uri [/_security/role/x] and method [PUT], allowed: [POST]' }],
    [410, { error: { type: 'api_not_available_exception', reason: 'x' } }],
    [
      400,
      {
        error: {
          type: 'invalid_index_name_exception',
          reason: "Invalid index name [_license], must not start with '_'.",
        },
      },
    ],
  ] as const)
    assert.equal(lacksApi({ status, body }), true, JSON.stringify(body));
  for (const [status, body] of [
    [404, { error: { type: 'resource_not_found_exception', reason: 'Lifecycle policy not found: foghorn' } }],
    [400, { error: { type: 'mapper_parsing_exception', reason: 'x' } }],
    [200, {}],
  ] as const)
    assert.equal(lacksApi({ status, body }), false, JSON.stringify(body));
});

test('arguments that make no sense', async () => {
  const io = { out: () => undefined, err: () => undefined, isTerminal: false, signal: new AbortController().signal };
  await assert.rejects(setupCommand.run([], io), UsageError);
  await assert.rejects(setupCommand.run(['postgres'], io), UsageError);
  await assert.rejects(setupCommand.run(['elasticsearch', 'extra'], io), UsageError);
});
