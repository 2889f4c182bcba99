// `foghorn notify preview ID`: an incident as the indexer wrote it to Elasticsearch, shown as it
// would be notified.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { notifyCommand } from '../../services/cli/commands/notify.ts';
import { incidentDocument } from '../../services/indexer/incident-document.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { inState } from '../support/notifications.ts';

test('an incident is found by its id, and one that is not there is said to be missing', async (t) => {
  const { elasticsearch, names, settings } = await testElasticsearch(t);
  const path = `/${names.incidents}/_doc/abc`;
  const body = incidentDocument(inState({ episodeCount: 7 }));
  assert.equal((await elasticsearch.request({ method: 'PUT', path, body })).status, 201);
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-preview-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'foghorn.yaml');
  const section = { nodes: settings.nodes, incidentIndex: settings.incidentIndex };
  writeFileSync(config, JSON.stringify({ elasticsearch: section }));
  const out: string[] = [];
  const { signal } = new AbortController();
  const io = { out: (line: string) => void out.push(line), err: () => undefined, isTerminal: false, signal };
  assert.equal(await notifyCommand.run(['--config', config, 'preview', 'abc', '--as', 'text'], io), 0);
  assert.match(out[0] ?? '', /Port 80 is taken on media01/u);
  assert.match(out[0] ?? '', /7 times/u);
  await assert.rejects(notifyCommand.run(['--config', config, 'preview', 'def'], io), /There is no incident def in/u);
});
