// A dashboard as Kibana's Dashboards API takes it (9.5 on), made of the same panels as the saved
// object: `PUT /api/dashboards/<id>`.
// Source: https://www.elastic.co/docs/api/doc/kibana/group/endpoint-dashboards and the OpenAPI at
// https://github.com/elastic/dashboards-api-spec.
import { ARTICLE, isCounted, LINKS_PLACE, ownRange, SHOWN, shortTitle } from './dashboard-object.ts';
import {
  type Bucket,
  colorsOf,
  type Condition,
  type Dashboard,
  kql,
  LINK_FIELDS,
  type List,
  type Measure,
  type Panel,
  VIEWS,
} from './panel.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The body of the request. It refers to the data views by id, so they have to be there. `all` are
 * the dashboards it links to.
 */
export function apiDashboard(dashboard: Dashboard, all: readonly Dashboard[]): Json {
  return {
    title: dashboard.title,
    description: dashboard.description,
    time_range: { from: SHOWN.from, to: SHOWN.to },
    refresh_interval: { pause: false, value: SHOWN.refreshMs },
    options: {
      use_margins: true,
      sync_colors: true,
      sync_cursor: true,
      sync_tooltips: false,
      hide_panel_titles: false,
    },
    panels: [linksPanel(all), ...dashboard.panels.map(visPanel), ...dashboard.lists.map(listPanel)],
  };
}

function linksPanel(all: readonly Dashboard[]): Json {
  const dashboards = all.map(({ id, title }) => ({
    type: 'dashboardLink',
    destination: id,
    label: shortTitle(title),
    options: { open_in_new_tab: false, use_filters: true, use_time_range: true },
  }));
  const article = {
    type: 'externalLink',
    destination: ARTICLE,
    label: 'The vendor’s article on event 309',
    options: { open_in_new_tab: true, encode_url: false },
  };
  const config = { title: 'Links', hide_title: true, layout: 'horizontal', links: [...dashboards, article] };
  return { type: 'links', id: 'links', grid: LINKS_PLACE, config };
}

function listPanel({ id, title, view, where, columns, sort: [name, direction], place }: List): Json {
  const tab = {
    data_source: dataSource(view),
    query: expression(where),
    column_order: columns,
    sort: [{ name, direction }],
  };
  return { type: 'discover_session', id, grid: place, config: { title, tabs: [tab] } };
}

function visPanel(panel: Panel): Json {
  const config = {
    ...CHARTS[panel.shape](panel),
    title: panel.title,
    ...(panel.where.length === 0 ? {} : { query: expression(panel.where) }),
    ...(panel.since === undefined ? {} : { time_range: ownRange(panel.since) }),
    ...(isCounted(panel) ? { drilldowns: [DRILL_DOWN] } : {}),
  };
  return { type: 'vis', id: panel.id, grid: panel.place, config };
}

const DRILL_DOWN = {
  type: 'discover_drilldown',
  trigger: 'on_apply_filter',
  label: 'The documents behind it',
  open_in_new_tab: false,
};

const CHARTS: Readonly<Record<Panel['shape'], (panel: Panel) => Json>> = {
  number: metricChart,
  table: tableChart,
  bars: (panel) => xyChart(panel, 'bar_stacked'),
  lines: (panel) => xyChart(panel, 'line'),
};

/** A breakdown with one tile, as in the saved object: a number on its own cannot be clicked. */
function metricChart({ title, view, where, measures }: Panel): Json {
  const tile = { label: title, filter: expression(where) };
  return {
    type: 'metric',
    hide_title: true,
    data_source: dataSource(view),
    metrics: measures.map((measure, index) => ({ type: index === 0 ? 'primary' : 'secondary', ...metric(measure) })),
    breakdown_by: { operation: 'filters', filters: [tile], columns: 1 },
  };
}

function tableChart({ view, buckets, measures }: Panel): Json {
  const isLink = (bucket: Bucket): boolean => bucket.kind === 'terms' && LINK_FIELDS.includes(bucket.field);
  return {
    type: 'data_table',
    data_source: dataSource(view),
    metrics: measures.map(metric),
    rows: buckets.map((bucket) => ({ ...bucketOperation(bucket), click_filter: !isLink(bucket) })),
    styling: { density: { mode: 'compact', height: { value: { type: 'auto' } } } },
  };
}

function xyChart({ view, buckets, measures }: Panel, type: string): Json {
  const [x, split] = buckets.toReversed();
  const layer = {
    type,
    data_source: dataSource(view),
    ...(x === undefined ? {} : { x: bucketOperation(x) }),
    y: measures.map(metric),
    ...(split === undefined ? {} : { breakdown_by: { ...bucketOperation(split), ...colorMapping(split) } }),
  };
  const untitled = { title: { visible: false } };
  return {
    type: 'xy',
    layers: [layer],
    legend: { placement: 'outside', position: 'right', visibility: 'visible' },
    axis: { x: untitled, y: { ...untitled, domain: { type: 'full' } } },
  };
}

function colorMapping(split: Bucket): Json {
  const colors = colorsOf(split);
  if (colors === undefined) return {};
  const mapping = Object.entries(colors).map(([value, code]) => ({
    values: [value],
    color: { type: 'color_code', value: code },
  }));
  return { color: { mode: 'categorical', palette: 'default', mapping } };
}

function dataSource(view: Panel['view']): Json {
  return { type: 'data_view_reference', ref_id: VIEWS[view].id };
}

function expression(where: readonly Condition[]): Json {
  return { expression: kql(where), language: 'kql' };
}

function bucketOperation(bucket: Bucket): Json {
  if (bucket.kind === 'time') {
    const interval = bucket.every === undefined ? {} : { suggested_interval: bucket.every };
    return { operation: 'date_histogram', field: bucket.field, ...interval, include_empty_rows: true };
  }
  if (bucket.kind === 'filters') {
    const filters = bucket.filters.map(({ label, where }) => ({ label, filter: expression(where) }));
    return { operation: 'filters', label: bucket.label, filters };
  }
  return {
    operation: 'terms',
    label: bucket.label,
    fields: [bucket.field],
    limit: bucket.size,
    rank_by: { type: 'metric', metric_index: 0, direction: bucket.order ?? 'desc' },
    ...(bucket.adds === 'up' ? { other_bucket: { include_documents_without_field: true } } : {}),
  };
}

function metric(measure: Measure): Json {
  const common = {
    label: measure.label,
    ...(measure.where === undefined ? {} : { filter: expression(measure.where) }),
  };
  if (measure.kind === 'count') return { operation: 'count', ...common };
  const { field } = measure;
  if (measure.kind !== 'percentile')
    return { operation: measure.kind === 'unique' ? 'unique_count' : measure.kind, field, ...common };
  const format =
    measure.isDuration === true ? { format: { type: 'duration', from: 'ms', to: 'auto-approximate' } } : {};
  return { operation: 'percentile', field, percentile: measure.percent, ...common, ...format };
}
