// A panel as the search that Kibana makes of it: aggregations over the same fields with the same
// conditions.
import {
  type Bucket,
  type Condition,
  type List,
  type Measure,
  type Panel,
  VIEWS,
  type View,
} from '../../deploy/dashboards/kibana/panel.ts';

type Json = Readonly<Record<string, unknown>>;

/** How Kibana's own requests name the documents that lack the field. */
export const MISSING = '__missing__';
/** What it shows instead. */
export const MISSING_SHOWN = '(missing value)';

/** A time range in epoch milliseconds, and the width of a bar. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** The body of the search; `size` is 0. */
export function searchOf(panel: Panel, range: Range): Json {
  return {
    size: 0,
    track_total_hits: true,
    query: queryOf(panel, range),
    aggs: aggregations(panel.buckets, panel.measures, range),
  };
}

/** The body of the search that shows the first documents of a list, without their sources. */
export function listSearchOf(list: List, range: Range, size: number): Json {
  const [field, order] = list.sort;
  const sort = [{ [field]: { order } }];
  return { size, query: queryOf(list, range), sort, fields: list.columns, _source: false };
}

function queryOf({ view, where, since }: Pick<Panel, 'view' | 'where' | 'since'>, range: Range): Json {
  const { time }: View = VIEWS[view];
  const own = since === undefined ? {} : { since };
  const filter = [...where.map(asQuery), ...(time === undefined ? [] : [rangeQuery(time, { ...range, ...own })])];
  return { bool: { filter } };
}

/** Conditions as a query. */
function asQuery(condition: Condition): Json {
  const { field } = condition;
  if ('isMissing' in condition)
    return condition.isMissing ? { bool: { must_not: { exists: { field } } } } : { exists: { field } };
  if ('is' in condition) return { terms: { [field]: condition.is } };
  if ('isNot' in condition) return { bool: { must_not: { terms: { [field]: condition.isNot } } } };
  if ('atLeast' in condition) return { range: { [field]: { gte: condition.atLeast } } };
  const { before, since } = condition;
  return { range: { [field]: { lt: `now-${before}`, ...(since === undefined ? {} : { gte: `now-${since}` }) } } };
}

function rangeQuery(field: string, { fromMs, toMs, since }: Range & { readonly since?: string }): Json {
  if (since !== undefined) return { range: { [field]: { gte: `now-${since}`, lte: 'now' } } };
  return { range: { [field]: { gte: fromMs, lte: toMs, format: 'epoch_millis' } } };
}

function aggregations(buckets: readonly Bucket[], measures: readonly Measure[], range: Range): Json {
  const [bucket, ...rest] = buckets;
  const inner =
    bucket === undefined
      ? Object.fromEntries(measures.map((measure, index) => [`m${index}`, measureAggregation(measure)]))
      : { b: { ...bucketAggregation(bucket, measures, range), aggs: aggregations(rest, measures, range) } };
  // Terms are ordered by the first measure, which therefore has to be there beside a further split.
  if (bucket?.kind !== 'terms' || rest.length === 0) return inner;
  const { b } = inner as { readonly b: Json };
  return { b: { ...b, aggs: { ...(b['aggs'] as Json), m0: measureAggregation(measures[0] as Measure) } } };
}

function bucketAggregation(bucket: Bucket, measures: readonly Measure[], { fromMs, stepMs }: Range): Json {
  if (bucket.kind === 'time') {
    const { field, every } = bucket;
    const width =
      every === undefined
        ? { fixed_interval: `${stepMs}ms`, offset: `+${fromMs % stepMs}ms` }
        : { fixed_interval: every };
    return { date_histogram: { field, ...width, min_doc_count: 0 } };
  }
  if (bucket.kind === 'filters')
    return {
      filters: {
        filters: Object.fromEntries(
          bucket.filters.map(({ label, where }) => [label, { bool: { filter: where.map(asQuery) } }]),
        ),
      },
    };
  const order = { [orderOf(measures[0])]: bucket.order ?? 'desc' };
  const missing = bucket.adds === 'up' ? { missing: MISSING } : {};
  return { terms: { field: bucket.field, size: bucket.size, order, ...missing } };
}

/** The path of the first measure, by which terms are ordered. */
function orderOf(measure: Measure | undefined): string {
  if (measure === undefined) return '_count';
  const inner = measure.kind === 'percentile' ? `.${measure.percent}` : '';
  if (measure.where !== undefined) return measure.kind === 'count' ? 'm0' : `m0>v${inner}`;
  return measure.kind === 'count' ? '_count' : `m0${inner}`;
}

function measureAggregation(measure: Measure): Json {
  const own = plainAggregation(measure);
  if (measure.where === undefined) return own ?? { filter: { match_all: {} } };
  return {
    filter: { bool: { filter: measure.where.map(asQuery) } },
    ...(own === undefined ? {} : { aggs: { v: own } }),
  };
}

/** Undefined for a count, which every bucket has by itself. */
function plainAggregation(measure: Measure): Json | undefined {
  if (measure.kind === 'count') return undefined;
  const { field } = measure;
  if (measure.kind === 'percentile') return { percentiles: { field, percents: [measure.percent] } };
  return measure.kind === 'unique' ? { cardinality: { field } } : { [measure.kind]: { field } };
}

/**
 * One row of an answer: the names of its buckets, then the measures; a measure without documents is
 * undefined.
 */
export interface Row {
  readonly names: readonly (string | number)[];
  readonly values: readonly (string | number | undefined)[];
}

/** The rows of an answer to `searchOf`. Empty bars over time are rows too. */
export function rowsOf(panel: Panel, answer: unknown): readonly Row[] {
  const { hits, aggregations: found } = answer as {
    readonly hits: { readonly total: { readonly value: number } };
    readonly aggregations: Aggregation;
  };
  return rowsUnder({ ...found, doc_count: hits.total.value }, panel.buckets, { measures: panel.measures, names: [] });
}

/** A node of an answer: `b` are the buckets of the next level, by key for filters. */
export interface Aggregation {
  readonly doc_count: number;
  readonly b?: {
    readonly buckets: readonly KeyedBucket[] | Readonly<Record<string, Aggregation>>;
    readonly sum_other_doc_count?: number;
  };
  readonly [name: string]: unknown;
}
/** A bucket of terms or of time. */
export type KeyedBucket = Aggregation & { readonly key: string | number };

function rowsUnder(
  node: Aggregation,
  buckets: readonly Bucket[],
  { measures, names }: { readonly measures: readonly Measure[]; readonly names: readonly (string | number)[] },
): readonly Row[] {
  const [, ...rest] = buckets;
  if (buckets.length === 0)
    return [{ names, values: measures.map((measure, index) => valueOf(measure, node[`m${index}`], node.doc_count)) }];
  const list = bucketsOf(node);
  return list.flatMap((child) =>
    rowsUnder(child, rest, {
      measures,
      names: [...names, child.key === MISSING ? MISSING_SHOWN : child.key],
    }),
  );
}

/** The rows of an answer to `listSearchOf`: a value for each column, several joined by a comma. */
export function listRowsOf({ columns }: List, answer: unknown): readonly (readonly string[])[] {
  const { hits } = answer as {
    readonly hits: { readonly hits: readonly { readonly fields?: Readonly<Record<string, readonly unknown[]>> }[] };
  };
  return hits.hits.map(({ fields = {} }) => columns.map((column) => (fields[column] ?? []).map(String).join(', ')));
}

/** The buckets below a node, each with its key. */
export function bucketsOf({ b }: Aggregation): readonly KeyedBucket[] {
  const children = b?.buckets ?? [];
  if (Array.isArray(children)) return children as readonly KeyedBucket[];
  return Object.entries(children as Readonly<Record<string, Aggregation>>).map(([key, child]) => ({ ...child, key }));
}

function valueOf(measure: Measure, found: unknown, count: number): string | number | undefined {
  const { doc_count: own = count, v } = Object(found) as { readonly doc_count?: number; readonly v?: unknown };
  if (measure.kind === 'count') return own;
  const answer = Object(measure.where === undefined ? found : v) as {
    readonly value?: number | null;
    readonly values?: Readonly<Record<string, number | null>>;
  };
  if (measure.kind === 'percentile') return answer.values?.[measure.percent.toFixed(1)] ?? undefined;
  return answer.value ?? undefined;
}
