// A panel as Lens keeps it: columns over a data view and the chart that shows them. The state is
// that of Kibana 8.19, which later ones migrate.
// Source: https://github.com/elastic/kibana/tree/8.19/x-pack/platform/plugins/shared/lens (its
// saved objects and form based data source).
import { type Bucket, colorsOf, type Condition, kql, LINK_FIELDS, type Measure, type Panel, VIEWS } from './panel.ts';

type Json = Readonly<Record<string, unknown>>;

/** A reference from one saved object to another. */
export interface Reference {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

const LAYER = 'layer';
const RECORDS = '___records___';
/** Fields that rows are named by and that hold numbers. */
const NUMERIC = new Set(['server.port']);

/** The Lens state of a panel, as a dashboard holds it by value, and what it refers to. */
export function lensOf(panel: Panel): { readonly attributes: Json; readonly references: readonly Reference[] } {
  const references = [
    { type: 'index-pattern', id: VIEWS[panel.view].id, name: `indexpattern-datasource-layer-${LAYER}` },
  ];
  const shown = panel.shape === 'number' ? asTile(panel) : panel;
  const columns = columnsOf(shown);
  const state = {
    visualization: visualizationOf(shown, Object.keys(columns)),
    query: { query: kql(panel.where), language: 'kuery' },
    filters: [],
    datasourceStates: {
      formBased: {
        layers: { [LAYER]: { columns, columnOrder: Object.keys(columns), incompleteColumns: {}, sampling: 1 } },
      },
    },
    internalReferences: [],
    adHocDataViews: {},
  };
  const attributes = { title: panel.title, type: 'lens', visualizationType: TYPES[panel.shape], references, state };
  return { attributes, references };
}

/**
 * A number on its own cannot be clicked in Kibana; the only tile of a breakdown can, and leads to
 * the documents that its filter finds.
 */
function asTile(panel: Panel): Panel {
  const tile: Bucket = { kind: 'filters', label: panel.title, filters: [{ label: panel.title, where: panel.where }] };
  return { ...panel, buckets: [tile] };
}

const TYPES = { number: 'lnsMetric', bars: 'lnsXY', lines: 'lnsXY', table: 'lnsDatatable' } as const;

/** Buckets first, as the order of the columns is the order of the aggregations. */
function columnsOf(panel: Panel): Readonly<Record<string, Json>> {
  return Object.fromEntries([
    ...panel.buckets.map((bucket, index) => [`b${index}`, bucketColumn(bucket)] as const),
    ...panel.measures.map((measure, index) => [`m${index}`, measureColumn(measure)] as const),
  ]);
}

function bucketColumn(bucket: Bucket): Json {
  if (bucket.kind === 'time')
    return {
      ...named(bucket.field, 'date', true),
      operationType: 'date_histogram',
      scale: 'interval',
      sourceField: bucket.field,
      params: { interval: bucket.every ?? 'auto', includeEmptyRows: true, dropPartials: false },
    };
  if (bucket.kind === 'filters')
    return {
      ...named(bucket.label, 'string', true),
      operationType: 'filters',
      scale: 'ordinal',
      params: { filters: bucket.filters.map(({ label, where }) => ({ label, input: query(where) })) },
    };
  return {
    ...named(bucket.label, NUMERIC.has(bucket.field) ? 'number' : 'string', true),
    operationType: 'terms',
    scale: 'ordinal',
    sourceField: bucket.field,
    params: {
      size: bucket.size,
      orderBy: { type: 'column', columnId: 'm0' },
      orderDirection: bucket.order ?? 'desc',
      // Kibana shows `(missing value)` only where it also shows `Other`.
      otherBucket: bucket.adds === 'up',
      missingBucket: bucket.adds === 'up',
      parentFormat: { id: 'terms' },
      include: [],
      exclude: [],
      includeIsRegex: false,
      excludeIsRegex: false,
    },
  };
}

function measureColumn(measure: Measure): Json {
  const filter = measure.where === undefined ? {} : { filter: query(measure.where) };
  const isDate = (measure.kind === 'max' || measure.kind === 'min') && measure.isDate === true;
  const common = { ...named(measure.label, isDate ? 'date' : 'number', false), scale: 'ratio', ...filter };
  if (measure.kind === 'count')
    return { ...common, operationType: 'count', sourceField: RECORDS, params: { emptyAsNull: false } };
  if (measure.kind === 'percentile')
    return {
      ...common,
      operationType: 'percentile',
      sourceField: measure.field,
      params: {
        percentile: measure.percent,
        ...(measure.isDuration === true
          ? {
              format: {
                id: 'duration',
                params: { decimals: 0, fromUnit: 'milliseconds', toUnit: 'humanize', compact: true },
              },
            }
          : {}),
      },
    };
  const operationType = measure.kind === 'unique' ? 'unique_count' : measure.kind;
  return { ...common, operationType, sourceField: measure.field, params: { emptyAsNull: false } };
}

function named(label: string, dataType: string, isBucketed: boolean): Json {
  return { label, customLabel: true, dataType, isBucketed };
}

function query(where: readonly Condition[]): Json {
  return { query: kql(where), language: 'kuery' };
}

function visualizationOf(panel: Panel, columns: readonly string[]): Json {
  const layer = { layerId: LAYER, layerType: 'data' };
  if (panel.shape === 'number')
    return {
      ...layer,
      metricAccessor: 'm0',
      ...(panel.measures.length > 1 ? { secondaryMetricAccessor: 'm1' } : {}),
      breakdownByAccessor: 'b0',
      maxCols: 1,
    };
  if (panel.shape === 'table')
    return {
      ...layer,
      columns: columns.map((columnId) => tableColumn(columnId, panel)),
      rowHeight: 'auto',
      density: 'compact',
    };
  const seriesType = panel.shape === 'bars' ? 'bar_stacked' : 'line';
  const [x, split] = panel.buckets.length > 1 ? ['b1', 'b0'] : ['b0', undefined];
  const measures = columns.filter((column) => column.startsWith('m'));
  return {
    preferredSeriesType: seriesType,
    legend: { isVisible: true, position: 'right' },
    valueLabels: 'hide',
    fittingFunction: 'None',
    axisTitlesVisibilitySettings: { x: false, yLeft: false, yRight: false },
    layers: [
      {
        ...layer,
        accessors: measures,
        xAccessor: x,
        ...(split === undefined ? {} : { splitAccessor: split, ...colorMapping(panel.buckets[0]) }),
        seriesType,
        position: 'top',
        showGridlines: false,
      },
    ],
  };
}

/** A fixed colour for each known value; others follow Kibana's palette. */
function colorMapping(split: Bucket | undefined): Json {
  const colors = colorsOf(split);
  if (colors === undefined) return {};
  const assignments = Object.entries(colors).map(([value, colorCode]) => ({
    rule: { type: 'matchExactly', values: [value] },
    color: { type: 'colorCode', colorCode },
    touched: true,
  }));
  const specialAssignments = [{ rule: { type: 'other' }, color: { type: 'loop' }, touched: false }];
  return {
    colorMapping: { assignments, specialAssignments, paletteId: 'default', colorMode: { type: 'categorical' } },
  };
}

/** What a row is named by can be clicked, except for links, which lead elsewhere. */
function tableColumn(columnId: string, { buckets }: Panel): Json {
  const bucket = columnId.startsWith('b') ? buckets[Number(columnId.slice(1))] : undefined;
  const isLink = bucket?.kind === 'terms' && LINK_FIELDS.includes(bucket.field);
  return bucket === undefined || isLink ? { columnId } : { columnId, oneClickFilter: true };
}
