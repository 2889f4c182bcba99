// The Grafana dashboard: PromQL that parses, metrics and labels that our services have, panels that
// do not overlap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboardText } from '../../../../../deploy/dashboards/grafana/dashboard.ts';
import { ROWS } from '../../../../../deploy/dashboards/grafana/panels.ts';
import { exposedMetrics } from '../../../../support/declared-metrics.ts';
import { namesIn } from '../../../../support/promql.ts';

const panels = ROWS.flatMap((row) => row.panels);

/** What Grafana puts in before it asks Prometheus. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '5m').replaceAll('$service', '.*');

test('every panel asks for metrics and labels that our services have [issue 15]', async () => {
  const known = await exposedMetrics();
  assert.ok(panels.length >= 15);
  for (const { title, queries } of panels)
    for (const { expr, legend } of queries) {
      const { metrics, labels } = namesIn(filledIn(expr));
      assert.ok(metrics.length > 0, title);
      for (const metric of metrics) assert.ok(known.has(metric), `${title}: no service has ${metric}`);
      const carried = new Set(metrics.flatMap((metric) => [...(known.get(metric) ?? [])]));
      const shown = [...legend.matchAll(/\{\{(?<name>\w+)\}\}/gu)].map(({ groups }) => groups?.['name'] ?? '');
      for (const label of [...labels, ...shown]) assert.ok(carried.has(label), `${title}: ${label} of ${expr}`);
      for (const label of shown) assert.ok(labels.includes(label), `${title}: ${label} is summed away`);
    }
});

test('each service, and what the alert rules look at, has a panel', () => {
  const metrics = new Set(
    panels.flatMap(({ queries }) => queries.flatMap(({ expr }) => namesIn(filledIn(expr)).metrics)),
  );
  for (const name of ['foghorn_stage_stalled_seconds', 'foghorn_lag_records', 'foghorn_dead_letters_total'])
    assert.ok(metrics.has(name), name);
});

test('the file is a dashboard whose panels have an id each and do not overlap', () => {
  interface Placed {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  }
  const { panels: placed } = JSON.parse(dashboardText()) as { readonly panels: readonly Placed[] };
  assert.equal(placed.length, panels.length + ROWS.length);
  assert.equal(new Set(placed.map(({ id }) => id)).size, placed.length);
  const cells = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  assert.equal(new Set(cells).size, cells.length);
  assert.ok(placed.every(({ gridPos: { x, w } }) => x + w <= 24));
});
