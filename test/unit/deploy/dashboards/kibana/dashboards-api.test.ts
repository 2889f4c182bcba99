// The form for the Dashboards API: what the published OpenAPI takes, and the same panels as in the
// saved objects.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { isCounted } from '../../../../../deploy/dashboards/kibana/dashboard-object.ts';
import { kibanaFiles } from '../../../../../deploy/dashboards/kibana/files.ts';
import { type Dashboard, VIEWS } from '../../../../../deploy/dashboards/kibana/panel.ts';
import { DASHBOARDS } from '../../../../../deploy/dashboards/kibana/saved-objects.ts';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';
import { type ApiDashboard, apiDashboardSchema } from '../../../../support/dashboards-api-schemas.ts';

const folder = packagePath('deploy', 'dashboards', 'kibana', 'dashboards-api');
const read = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');
const bodyOf = ({ id }: Dashboard): ApiDashboard => apiDashboardSchema.parse(JSON.parse(read(`${id}.json`)));

test('the files are what npm run kibana writes, and there are no others', () => {
  const written = kibanaFiles().filter(({ path }) => path[0] === 'dashboards-api');
  assert.deepEqual(readdirSync(folder).toSorted(), written.map(({ path }) => path[1] ?? '').toSorted());
  for (const { path, text } of written) assert.equal(read(path[1] ?? ''), text, path[1]);
});

for (const { id, title } of DASHBOARDS)
  test(`${title} is what the API takes`, () => {
    const { error } = apiDashboardSchema.safeParse(JSON.parse(read(`${id}.json`)));
    assert.equal(error === undefined ? '' : z.prettifyError(error), '');
  });

test('each dashboard has the panels of the saved object, in their places, and over data views that are imported', () => {
  const views = Object.values(VIEWS).map(({ id }) => id as string);
  for (const dashboard of DASHBOARDS) {
    const { panels } = bodyOf(dashboard);
    assert.deepEqual(
      panels.slice(1).map(({ id, grid }) => ({ id, grid })),
      [...dashboard.panels, ...dashboard.lists].map(({ id, place }) => ({ id, grid: place })),
    );
    const sources = JSON.stringify(panels).matchAll(/"ref_id":"(?<id>[^"]+)"/gu);
    for (const { groups } of sources) assert.ok(views.includes(groups?.['id'] ?? ''), groups?.['id']);
    assert.equal(JSON.stringify(panels).match(/"ref_id"/gu)?.length, dashboard.panels.length + dashboard.lists.length);
  }
});

test('what can be clicked leads to its documents here too, and links lead to dashboards that are there', () => {
  for (const dashboard of DASHBOARDS) {
    const { panels } = bodyOf(dashboard);
    const links = panels.flatMap((panel) => (panel.type === 'links' ? panel.config.links : []));
    assert.equal(links.length, DASHBOARDS.length + 1);
    for (const { type, destination } of links)
      assert.ok(type === 'externalLink' || DASHBOARDS.some(({ id }) => id === destination), destination);
    for (const panel of panels) {
      if (panel.type !== 'vis') continue;
      const source = dashboard.panels.find(({ id }) => id === panel.id);
      assert.ok(source !== undefined, panel.id);
      assert.equal(panel.config.drilldowns?.length ?? 0, isCounted(source) ? 1 : 0, panel.id);
    }
  }
});

test('a panel with a time range of its own and bars with a width of their own say so here too', () => {
  const panels = DASHBOARDS.flatMap((dashboard) => bodyOf(dashboard).panels);
  const configOf = (wanted: string) =>
    panels.flatMap((panel) => (panel.type === 'vis' && panel.id === wanted ? [panel.config] : []))[0];
  assert.deepEqual(configOf('silent-hosts')?.time_range, { from: 'now-30d', to: 'now' });
  const bars = configOf('opened-over-time');
  assert.ok(bars?.type === 'xy' && bars.layers[0]?.x.operation === 'date_histogram');
  assert.equal(bars.layers[0].x.suggested_interval, '3h');
});

test('the schema refuses what the API would refuse', () => {
  const [first] = DASHBOARDS;
  assert.ok(first !== undefined);
  const body = bodyOf(first);
  const withGrid = (grid: object): object => ({ ...body, panels: body.panels.map((panel) => ({ ...panel, grid })) });
  for (const spoilt of [
    { ...body, title: '' },
    { ...body, panelsJSON: '[]' },
    { ...body, panels: body.panels.map((panel) => ({ ...panel, type: 'lens' })) },
    withGrid({ x: 0, y: 0, w: 49, h: 1 }),
    withGrid({ x: 0, y: 0, w: 48, h: 1, i: 'a' }),
  ])
    assert.equal(apiDashboardSchema.safeParse(spoilt).success, false, JSON.stringify(spoilt).slice(0, 100));
});
