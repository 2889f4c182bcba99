// What Kibana 8.19 takes as saved objects, written down strictly: whatever is not named here is
// refused, though Kibana may ignore it. Facts: https://github.com/elastic/kibana/tree/8.19, the
// model versions and content schemas of
//   dashboard       src/platform/plugins/shared/dashboard/server (dashboard_saved_object/schema, content_management/v1/schema)
//   search          src/platform/plugins/shared/saved_search/server/saved_objects/schema.ts, model version 5
//   index-pattern   src/platform/plugins/shared/data_views/server/content_management/schema/v1
//   links           src/platform/plugins/private/links/common/content_management/v1 (by value: under `attributes`)
//   colours         src/platform/packages/shared/kbn-coloring (color_mapping/config), lens/public/runtime_state/converters
//   lens            x-pack/platform/plugins/shared/lens/public (visualizations/*/types.ts, datasources/form_based/operations)
//   drill-downs     x-pack/platform/plugins/shared/lens/public/trigger_actions/open_in_discover_drilldown.tsx
import { z } from 'zod';

/** A text that holds JSON of that form. */
function jsonText<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'no JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const ID = z.string().regex(/^[a-z0-9-]+$/u);
const reference = z.strictObject({ type: z.enum(['dashboard', 'index-pattern', 'search']), id: ID, name: z.string() });
const query = z.strictObject({ query: z.string(), language: z.literal('kuery') });

function searchSource(indexRefName?: string) {
  const index = indexRefName === undefined ? {} : { indexRefName: z.literal(indexRefName) };
  return z.strictObject({
    searchSourceJSON: jsonText(z.strictObject({ query, filter: z.array(z.never()), ...index })),
  });
}

/**
 * Field formats by field: of those that exist, the ones for links and for ages. `{{value}}` is the
 * value fit for an address.
 */
const fieldFormats = z.record(
  z.string(),
  z.discriminatedUnion('id', [
    z.strictObject({
      id: z.literal('url'),
      params: z.strictObject({
        type: z.enum(['a', 'img', 'audio']),
        urlTemplate: z
          .string()
          .regex(/^https?:\/\/.*\{\{(?:value|rawValue)\}\}/u)
          .optional(),
        labelTemplate: z.string().optional(),
      }),
    }),
    z.strictObject({ id: z.literal('relative_date'), params: z.strictObject({}) }),
  ]),
);

const dataViewAttributes = z.strictObject({
  title: z.string().min(1),
  name: z.string().min(1),
  timeFieldName: z.string().optional(),
  allowHidden: z.boolean(),
  fieldFormatMap: jsonText(fieldFormats),
  fieldAttrs: jsonText(z.record(z.string(), z.strictObject({ customLabel: z.string() }))),
});

const searchAttributes = z.strictObject({
  title: z.string(),
  description: z.string(),
  columns: z.array(z.string()).min(1),
  sort: z.array(z.tuple([z.string(), z.enum(['asc', 'desc'])])).length(1),
  grid: z.strictObject({}),
  hideChart: z.boolean(),
  isTextBasedQuery: z.literal(false),
  timeRestore: z.boolean(),
  kibanaSavedObjectMeta: searchSource('kibanaSavedObjectMeta.searchSourceJSON.index'),
});

const drillDown = z.strictObject({
  eventId: z.string().min(1),
  triggers: z.tuple([z.literal('FILTER_TRIGGER')]),
  action: z.strictObject({
    factoryId: z.literal('OPEN_IN_DISCOVER_DRILLDOWN'),
    name: z.string().min(1),
    config: z.strictObject({ openInNewTab: z.boolean() }),
  }),
});

const bucketColumn = { label: z.string(), customLabel: z.literal(true), isBucketed: z.literal(true) };
const measureColumn = {
  label: z.string(),
  customLabel: z.literal(true),
  isBucketed: z.literal(false),
  scale: z.literal('ratio'),
  filter: query.optional(),
};
const emptyParams = z.strictObject({ emptyAsNull: z.boolean() });

const column = z.discriminatedUnion('operationType', [
  z.strictObject({
    ...bucketColumn,
    operationType: z.literal('date_histogram'),
    dataType: z.literal('date'),
    scale: z.literal('interval'),
    sourceField: z.string(),
    params: z.strictObject({
      interval: z.string().regex(/^(?:auto|\d+[smhdw])$/u),
      includeEmptyRows: z.boolean(),
      dropPartials: z.boolean(),
    }),
  }),
  z.strictObject({
    ...bucketColumn,
    operationType: z.literal('filters'),
    dataType: z.literal('string'),
    scale: z.literal('ordinal'),
    params: z.strictObject({ filters: z.array(z.strictObject({ label: z.string().min(1), input: query })).min(1) }),
  }),
  z.strictObject({
    ...bucketColumn,
    operationType: z.literal('terms'),
    dataType: z.enum(['string', 'number']),
    scale: z.literal('ordinal'),
    sourceField: z.string(),
    params: z
      .strictObject({
        size: z.int().min(1).max(1000),
        orderBy: z.strictObject({ type: z.literal('column'), columnId: z.string() }),
        orderDirection: z.enum(['asc', 'desc']),
        otherBucket: z.boolean(),
        missingBucket: z.boolean(),
        parentFormat: z.strictObject({ id: z.literal('terms') }),
        include: z.array(z.string()),
        exclude: z.array(z.string()),
        includeIsRegex: z.boolean(),
        excludeIsRegex: z.boolean(),
      })
      .refine(({ otherBucket, missingBucket }) => otherBucket || !missingBucket, 'missing needs other'),
  }),
  z.strictObject({
    ...measureColumn,
    operationType: z.literal('count'),
    dataType: z.literal('number'),
    sourceField: z.literal('___records___'),
    params: emptyParams,
  }),
  z.strictObject({
    ...measureColumn,
    operationType: z.literal('unique_count'),
    dataType: z.literal('number'),
    sourceField: z.string(),
    params: emptyParams,
  }),
  z.strictObject({
    ...measureColumn,
    operationType: z.enum(['max', 'min']),
    dataType: z.enum(['number', 'date']),
    sourceField: z.string(),
    params: emptyParams,
  }),
  z.strictObject({
    ...measureColumn,
    operationType: z.literal('percentile'),
    dataType: z.literal('number'),
    sourceField: z.string(),
    params: z.strictObject({
      percentile: z.number().min(1).max(99),
      format: z
        .strictObject({
          id: z.literal('duration'),
          params: z.strictObject({
            decimals: z.int(),
            fromUnit: z.literal('milliseconds'),
            toUnit: z.literal('humanize'),
            compact: z.boolean(),
          }),
        })
        .optional(),
    }),
  }),
]);

const layer = { layerId: z.literal('layer'), layerType: z.literal('data') };

const metric = z.strictObject({
  ...layer,
  metricAccessor: z.string(),
  secondaryMetricAccessor: z.string().optional(),
  breakdownByAccessor: z.string(),
  maxCols: z.int().min(1),
});

const datatable = z.strictObject({
  ...layer,
  columns: z.array(z.strictObject({ columnId: z.string(), oneClickFilter: z.boolean().optional() })).min(1),
  rowHeight: z.enum(['auto', 'single', 'custom']),
  density: z.enum(['compact', 'normal', 'expanded']),
});

const sides = z.strictObject({ x: z.boolean(), yLeft: z.boolean(), yRight: z.boolean() });
const seriesType = z.enum(['bar_stacked', 'line']);

/** As Lens kept it up to 8.18 and converts when it opens a panel. */
const colorMapping = z.strictObject({
  assignments: z
    .array(
      z.strictObject({
        rule: z.strictObject({ type: z.literal('matchExactly'), values: z.array(z.string()).min(1) }),
        color: z.strictObject({ type: z.literal('colorCode'), colorCode: z.string().regex(/^#[\da-f]{6}$/u) }),
        touched: z.boolean(),
      }),
    )
    .min(1),
  specialAssignments: z.tuple([
    z.strictObject({
      rule: z.strictObject({ type: z.literal('other') }),
      color: z.strictObject({ type: z.literal('loop') }),
      touched: z.boolean(),
    }),
  ]),
  paletteId: z.literal('default'),
  colorMode: z.strictObject({ type: z.literal('categorical') }),
});

const xy = z.strictObject({
  preferredSeriesType: seriesType,
  legend: z.strictObject({ isVisible: z.boolean(), position: z.enum(['top', 'right', 'bottom', 'left']) }),
  valueLabels: z.enum(['hide', 'show']),
  fittingFunction: z.literal('None'),
  axisTitlesVisibilitySettings: sides,
  layers: z.tuple([
    z.strictObject({
      ...layer,
      accessors: z.array(z.string()).min(1),
      xAccessor: z.string(),
      splitAccessor: z.string().optional(),
      colorMapping: colorMapping.optional(),
      seriesType,
      position: z.literal('top'),
      showGridlines: z.boolean(),
    }),
  ]),
});

function lensAttributes<T extends z.ZodType>(visualizationType: string, visualization: T) {
  const layers = z.strictObject({
    layer: z.strictObject({
      columns: z.record(z.string(), column),
      columnOrder: z.array(z.string()).min(1),
      incompleteColumns: z.strictObject({}),
      sampling: z.literal(1),
    }),
  });
  return z.strictObject({
    title: z.string().min(1),
    type: z.literal('lens'),
    visualizationType: z.literal(visualizationType),
    references: z.tuple([
      z.strictObject({
        type: z.literal('index-pattern'),
        id: ID,
        name: z.literal('indexpattern-datasource-layer-layer'),
      }),
    ]),
    state: z.strictObject({
      visualization,
      query,
      filters: z.array(z.never()),
      datasourceStates: z.strictObject({ formBased: z.strictObject({ layers }) }),
      internalReferences: z.array(z.never()),
      adHocDataViews: z.strictObject({}),
    }),
  });
}

const gridData = z.strictObject({
  x: z.int().min(0).max(47),
  y: z.int().min(0),
  w: z.int().min(1).max(48),
  h: z.int().min(1),
  i: z.string(),
});

const lensPanel = z.strictObject({
  type: z.literal('lens'),
  title: z.string(),
  panelIndex: z.string(),
  gridData,
  embeddableConfig: z.strictObject({
    attributes: z.union([
      lensAttributes('lnsMetric', metric),
      lensAttributes('lnsDatatable', datatable),
      lensAttributes('lnsXY', xy),
    ]),
    enhancements: z.strictObject({ dynamicActions: z.strictObject({ events: z.array(drillDown) }) }),
    timeRange: z.strictObject({ from: z.string(), to: z.string() }).optional(),
    hidePanelTitles: z.boolean().optional(),
  }),
});

const dashboardLink = z.strictObject({
  type: z.literal('dashboardLink'),
  id: z.string(),
  order: z.int(),
  label: z.string(),
  destinationRefName: z.string().regex(/^link_.+_dashboard$/u),
  options: z.strictObject({
    openInNewTab: z.boolean(),
    useCurrentDateRange: z.boolean(),
    useCurrentFilters: z.boolean(),
  }),
});

const externalLink = z.strictObject({
  type: z.literal('externalLink'),
  id: z.string(),
  order: z.int(),
  label: z.string(),
  destination: z.url({ protocol: /^https$/u }),
  options: z.strictObject({ openInNewTab: z.boolean(), encodeUrl: z.boolean() }),
});

const linksPanel = z.strictObject({
  type: z.literal('links'),
  title: z.string(),
  panelIndex: z.string(),
  gridData,
  embeddableConfig: z.strictObject({
    attributes: z.strictObject({
      layout: z.enum(['horizontal', 'vertical']),
      links: z.array(z.discriminatedUnion('type', [dashboardLink, externalLink])).max(100),
    }),
    enhancements: z.strictObject({}),
    hidePanelTitles: z.boolean(),
  }),
});

const searchPanel = z.strictObject({
  type: z.literal('search'),
  title: z.string(),
  panelIndex: z.string(),
  gridData,
  panelRefName: z.string().startsWith('panel_'),
  embeddableConfig: z.strictObject({ enhancements: z.strictObject({}) }),
});

const panel = z
  .discriminatedUnion('type', [lensPanel, linksPanel, searchPanel])
  .refine(({ panelIndex, gridData: { i } }) => panelIndex === i, 'the panel and its place are not of the same name');

const dashboardAttributes = z.strictObject({
  title: z.string(),
  description: z.string(),
  version: z.int(),
  timeRestore: z.literal(true),
  timeFrom: z.string(),
  timeTo: z.string(),
  refreshInterval: z.strictObject({ pause: z.boolean(), value: z.int() }),
  optionsJSON: jsonText(
    z.strictObject({
      useMargins: z.boolean(),
      syncColors: z.boolean(),
      syncCursor: z.boolean(),
      syncTooltips: z.boolean(),
      hidePanelTitles: z.boolean(),
    }),
  ),
  panelsJSON: jsonText(z.array(panel).min(1).max(100)),
  kibanaSavedObjectMeta: searchSource(),
});

function object<T extends z.ZodType>(type: string, typeMigrationVersion: string, attributes: T) {
  return z.strictObject({
    type: z.literal(type),
    id: ID,
    attributes,
    references: z.array(reference),
    coreMigrationVersion: z.literal('8.8.0'),
    typeMigrationVersion: z.literal(typeMigrationVersion),
  });
}

/** A line of the file that Kibana 8.19 imports. */
export const savedObjectSchema = z.union([
  object('index-pattern', '8.0.0', dataViewAttributes),
  object('search', '10.5.0', searchAttributes),
  object('dashboard', '10.2.0', dashboardAttributes),
]);
