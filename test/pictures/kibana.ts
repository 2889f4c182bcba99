// `npm run kibana:pictures`, with ELASTICSEARCH_URL set: draws each dashboard into docs/pictures,
// from the panels' own queries over a made-up day.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { drawDashboard } from './draw.ts';
import type { Panel } from '../../deploy/dashboards/kibana/panel.ts';
import { listRowsOf, listSearchOf, type Range, type Row } from './query.ts';
import { DASHBOARDS } from '../../deploy/dashboards/kibana/saved-objects.ts';
import { wholeRows } from './whole-rows.ts';
import { createElasticsearch, type Elasticsearch, elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { indexNames } from '../../shared/elasticsearch/names.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import { placedTemplates } from '../../services/indexer/templates/all.ts';
import { quietLog } from '../support/log.ts';
import { requiredEnv } from '../support/servers.ts';
import { makeFleet } from './fleet.ts';

const HOUR_MS = 3_600_000;

const name = `pictures${randomBytes(4).toString('hex')}`;
const settings = elasticsearchSettings.parse({
  nodes: [requiredEnv('ELASTICSEARCH_URL')],
  namespace: name,
  incidentIndex: `foghorn-incidents-${name}`,
});
const names = { ...indexNames(settings), standing: settings.incidentIndex };
const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const range: Range = { fromMs: endMs - 24 * HOUR_MS, toMs: endMs, stepMs: HOUR_MS };

async function fill(elasticsearch: Elasticsearch): Promise<void> {
  await installTemplates(elasticsearch, placedTemplates(settings), quietLog);
  for (const [key, documents] of Object.entries(makeFleet(endMs, await loadCatalogFolders([])))) {
    const action = key === 'incidents' ? 'index' : 'create';
    const lines = documents.map((document: object) => `{"${action}":{}}\n${JSON.stringify(document)}\n`);
    const { body } = await elasticsearch.request({
      method: 'POST',
      path: `/${names[key as keyof typeof names]}/_bulk`,
      query: { refresh: 'true' },
      body: Buffer.from(lines.join('')),
    });
    if ((body as { readonly errors: boolean }).errors) throw new Error(JSON.stringify(body).slice(0, 1000));
  }
}

async function ask({ view }: Pick<Panel, 'view'>, search: Readonly<Record<string, unknown>>): Promise<unknown> {
  const path = `/${names[view]}/_search`;
  const { body } = await elasticsearch.request({ method: 'POST', path, body: search });
  return body;
}

const elasticsearch = createElasticsearch(settings);
await fill(elasticsearch);
for (const dashboard of DASHBOARDS) {
  const panels = new Map<string, readonly Row[]>();
  for (const panel of dashboard.panels)
    panels.set(panel.id, await wholeRows(panel, range, async (search) => await ask(panel, search)));
  const lists = new Map<string, readonly (readonly string[])[]>();
  for (const list of dashboard.lists)
    lists.set(list.id, listRowsOf(list, await ask(list, listSearchOf(list, range, 20))));
  const file = packagePath('docs', 'pictures', `${dashboard.id}.svg`);
  writeFileSync(file, drawDashboard(dashboard, DASHBOARDS, { range, panels, lists }));
  process.stdout.write(`written  ${file}\n`);
}
// A server without the data stream API keeps the streams, as after the tests.
for (const path of [names.events, names.actions, names.deadLetters].map((stream) => `/_data_stream/${stream}`))
  await elasticsearch.request({ method: 'DELETE', path });
for (const path of [`/${settings.incidentIndex}`, `/_index_template/${settings.incidentIndex}`])
  await elasticsearch.request({ method: 'DELETE', path });
await elasticsearch.close();
