// `foghorn setup elasticsearch` on a real server that lacks what comes with a licence: said, not
// failed on; once makes, twice changes nothing, older is brought up.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setupCommand } from '../../services/cli/commands/setup.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';

test('makes what the server can, says what it cannot, and is brought up from an older version', async (t) => {
  const { elasticsearch, settings, names } = await testElasticsearch(t);
  const { namespace, incidentIndex, nodes } = settings;
  const own = { nodes, namespace, incidentIndex, dataset: `setup.${namespace}`, catalogIndex: `catalog-${namespace}` };
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-setup-'));
  const config = join(folder, 'foghorn.yaml');
  writeFileSync(config, JSON.stringify({ elasticsearch: own }));
  t.after(() => rmSync(folder, { recursive: true }));
  const setup = async (...args: readonly string[]): Promise<readonly string[]> => {
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const io = { out: say, err: say, isTerminal: false, signal: new AbortController().signal };
    assert.equal(await setupCommand.run(['elasticsearch', '--config', config, ...args], io), 0);
    return lines;
  };
  const about = (lines: readonly string[], title: string): string => lines.find((line) => line.includes(title)) ?? '';

  assert.match(about(await setup('--dry-run'), `lookup index catalog-${namespace}`), /^would create/u);
  assert.equal((await elasticsearch.request({ method: 'GET', path: `/catalog-${namespace}` })).status, 404);
  const first = await setup();
  for (const title of ['lifecycle policy', 'role foghorn_indexer', `data stream logs-setup.${namespace}-${namespace}`])
    assert.match(about(first, title), /^not available/u, title);
  for (const title of [`index template logs-setup.${namespace}`, `index ${names.incidents}`, `catalogue in`])
    assert.match(about(first, title), /^created/u, title);
  assert.equal((await setup()).at(-1), 'Nothing to change.');

  // Joined on provider and id, and of the mode that joins need.
  const lookup = await elasticsearch.request({ method: 'GET', path: `/catalog-${namespace}` });
  assert.match(JSON.stringify(lookup.body), /"mode":"lookup"/u);
  const query = { bool: { filter: [{ term: { 'event.provider': 'WMServer' } }, { term: { 'event.code': '309' } }] } };
  const path = `/catalog-${namespace}/_search`;
  const found = await elasticsearch.request({ method: 'POST', path, body: { query } });
  assert.match(JSON.stringify(found.body), /wmserver-309/u);

  // As an older version left it: a component with less in it, an index with fewer fields.
  const component = `/_component_template/logs-setup.${namespace}@package`;
  const older = {
    version: 1,
    _meta: { managed_by: 'foghorn', version: 1 },
    template: { mappings: { properties: { '@timestamp': { type: 'date' } } } },
  };
  assert.equal((await elasticsearch.request({ method: 'PUT', path: component, body: older })).status, 200);
  const diff = await setup('--diff');
  assert.match(about(diff, `component template logs-setup.${namespace}@package`), /^would update/u);
  assert.ok(diff.includes('    + template.mappings.properties.winlog.properties.event_data.subobjects = false'));
  assert.match(about(await setup(), `component template logs-setup.${namespace}@package`), /^updated/u);
  assert.equal((await setup()).at(-1), 'Nothing to change.');
  await elasticsearch.request({ method: 'DELETE', path: `/catalog-${namespace}` });
});
