// What Kibana's Dashboards API takes, written down strictly for the parts that we use: whatever is
// not named here is refused, as the API refuses it. Facts: the OpenAPI at
// https://github.com/elastic/dashboards-api-spec (openapi/kibana-openapi.yaml), its components
// kbn-dashboard-data, kbn-dashboard-panel-grid,
// kbn-dashboard-panel-type-{links,discover_session,vis}, kbn-link-*,
// kbn-data-view-reference-schema, metricNoESQLByValuePanel, metric{Primary,Secondary,Breakdown}*,
// datatableNoESQLByValuePanel, dateHistogramOperation, kbn-es-query-server-timeRangeSchema,
// datatable{Metric,Row}*, datatableStyling, xyChartNoESQLByValuePanel, xyLayerNoESQL,
// xyLegendOutsideVertical, vis_api_xy_axis_config, termsRankByMetric, filterSimple,
// filterWithLabel, durationFormat, categoricalColorMapping, color_code.
import { z } from 'zod';

const query = z.strictObject({ expression: z.string(), language: z.literal('kql') });
const dataSource = z.strictObject({ type: z.literal('data_view_reference'), ref_id: z.string().min(1) });
const labelledFilter = z.strictObject({ label: z.string().min(1), filter: query });

const grid = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  w: z.int().min(1).max(48),
  h: z.int().min(1),
});

const drillDown = z.strictObject({
  type: z.literal('discover_drilldown'),
  trigger: z.literal('on_apply_filter'),
  label: z.string().min(1),
  open_in_new_tab: z.boolean(),
});

/** What every measure has; `own` is what a kind of chart adds. */
function measures<T extends z.ZodRawShape>(own: T) {
  const shared = { ...own, label: z.string().min(1), filter: query.optional() };
  const duration = z.strictObject({
    type: z.literal('duration'),
    from: z.literal('ms'),
    to: z.literal('auto-approximate'),
  });
  return z.discriminatedUnion('operation', [
    z.strictObject({ ...shared, operation: z.literal('count') }),
    z.strictObject({ ...shared, operation: z.literal('unique_count'), field: z.string() }),
    z.strictObject({ ...shared, operation: z.enum(['min', 'max']), field: z.string() }),
    z.strictObject({
      ...shared,
      operation: z.literal('percentile'),
      field: z.string(),
      percentile: z.number().min(1).max(99),
      format: duration.optional(),
    }),
  ]);
}

const colors = z.strictObject({
  mode: z.literal('categorical'),
  palette: z.string(),
  mapping: z
    .array(
      z.strictObject({
        values: z.array(z.string()).max(1000),
        color: z.strictObject({ type: z.literal('color_code'), value: z.string().regex(/^#[\da-f]{6}$/u) }),
      }),
    )
    .max(1000),
});

/** What rows and bars are; `own` is what a kind of chart adds. */
function buckets<T extends z.ZodRawShape>(own: T) {
  return z.discriminatedUnion('operation', [
    z.strictObject({
      ...own,
      operation: z.literal('date_histogram'),
      field: z.string(),
      suggested_interval: z
        .string()
        .regex(/^\d+[smhdw]$/u)
        .optional(),
      include_empty_rows: z.boolean(),
    }),
    z.strictObject({
      ...own,
      operation: z.literal('terms'),
      label: z.string(),
      fields: z.array(z.string()).min(1).max(4),
      color: colors.optional(),
      limit: z.int().min(1),
      rank_by: z.strictObject({
        type: z.literal('metric'),
        metric_index: z.int().min(0),
        direction: z.enum(['asc', 'desc']),
      }),
      other_bucket: z.strictObject({ include_documents_without_field: z.boolean() }).optional(),
    }),
    z.strictObject({
      ...own,
      operation: z.literal('filters'),
      label: z.string(),
      filters: z.array(labelledFilter).min(1).max(100),
    }),
  ]);
}

const timeRange = z.strictObject({ from: z.string(), to: z.string() });

const shared = {
  title: z.string(),
  query: query.optional(),
  time_range: timeRange.optional(),
  drilldowns: z.array(drillDown).max(100).optional(),
};

const metricChart = z.strictObject({
  ...shared,
  type: z.literal('metric'),
  hide_title: z.boolean(),
  data_source: dataSource,
  metrics: z.union([
    z.tuple([measures({ type: z.literal('primary') })]),
    z.tuple([measures({ type: z.literal('primary') }), measures({ type: z.literal('secondary') })]),
  ]),
  breakdown_by: z.strictObject({
    operation: z.literal('filters'),
    filters: z.array(labelledFilter).length(1),
    columns: z.literal(1),
  }),
});

const tableChart = z.strictObject({
  ...shared,
  type: z.literal('data_table'),
  data_source: dataSource,
  metrics: z.array(measures({})).min(1).max(1000),
  rows: z
    .array(buckets({ click_filter: z.boolean() }))
    .min(1)
    .max(50),
  styling: z.strictObject({
    density: z.strictObject({
      mode: z.enum(['compact', 'default', 'expanded']),
      height: z.strictObject({ value: z.strictObject({ type: z.literal('auto') }) }),
    }),
  }),
});

const untitled = z.strictObject({ visible: z.boolean() });

const xyChart = z.strictObject({
  ...shared,
  type: z.literal('xy'),
  layers: z
    .array(
      z.strictObject({
        type: z.enum(['bar_stacked', 'line']),
        data_source: dataSource,
        x: buckets({}),
        y: z.array(measures({})).min(1).max(100),
        breakdown_by: buckets({}).optional(),
      }),
    )
    .length(1),
  legend: z.strictObject({
    placement: z.literal('outside'),
    position: z.enum(['left', 'right']),
    visibility: z.enum(['auto', 'visible', 'hidden']),
  }),
  axis: z.strictObject({
    x: z.strictObject({ title: untitled }),
    y: z.strictObject({ title: untitled, domain: z.strictObject({ type: z.literal('full') }) }),
  }),
});

const link = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('dashboardLink'),
    destination: z.string(),
    label: z.string(),
    options: z.strictObject({ open_in_new_tab: z.boolean(), use_filters: z.boolean(), use_time_range: z.boolean() }),
  }),
  z.strictObject({
    type: z.literal('externalLink'),
    destination: z.url({ protocol: /^https$/u }),
    label: z.string(),
    options: z.strictObject({ open_in_new_tab: z.boolean(), encode_url: z.boolean() }),
  }),
]);

const discoverTab = z.strictObject({
  data_source: dataSource,
  query,
  column_order: z.array(z.string()).min(1).max(100),
  sort: z.array(z.strictObject({ name: z.string(), direction: z.enum(['asc', 'desc']) })).max(100),
});

const placed = { id: z.string().min(1), grid };

const panel = z.discriminatedUnion('type', [
  z.strictObject({
    ...placed,
    type: z.literal('vis'),
    config: z.discriminatedUnion('type', [metricChart, tableChart, xyChart]),
  }),
  z.strictObject({
    ...placed,
    type: z.literal('links'),
    config: z.strictObject({
      title: z.string(),
      hide_title: z.boolean(),
      layout: z.enum(['horizontal', 'vertical']),
      links: z.array(link).max(100),
    }),
  }),
  z.strictObject({
    ...placed,
    type: z.literal('discover_session'),
    config: z.strictObject({ title: z.string(), tabs: z.tuple([discoverTab]) }),
  }),
]);

/** The body of `PUT /api/dashboards/<id>`. */
export const apiDashboardSchema = z.strictObject({
  title: z.string().min(1),
  description: z.string(),
  time_range: timeRange,
  refresh_interval: z.strictObject({ pause: z.boolean(), value: z.int() }),
  options: z.strictObject({
    use_margins: z.boolean(),
    sync_colors: z.boolean(),
    sync_cursor: z.boolean(),
    sync_tooltips: z.boolean(),
    hide_panel_titles: z.boolean(),
  }),
  panels: z.array(panel).min(1).max(1000),
});

/** A body that the schema has taken. */
export type ApiDashboard = z.infer<typeof apiDashboardSchema>;
