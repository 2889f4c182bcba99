// A panel's rows with those that Kibana asks for in a second request: what is beyond the size of a
// table whose rows add up.
import type { Bucket, Condition, Panel } from '../../deploy/dashboards/kibana/panel.ts';
import {
  type Aggregation,
  bucketsOf,
  MISSING,
  MISSING_SHOWN,
  type Range,
  type Row,
  rowsOf,
  searchOf,
} from './query.ts';

const OTHER = 'Other';

/** Sends a search and gives the answer's body. */
export type Ask = (search: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The rows as Kibana shows them, the rows `Other` last. */
export async function wholeRows(panel: Panel, range: Range, ask: Ask): Promise<readonly Row[]> {
  const answer = await ask(searchOf(panel, range));
  const { aggregations } = answer as { readonly aggregations: Aggregation };
  const rows = [...rowsOf(panel, answer)];
  for (const { names, where, buckets } of beyond(aggregations, panel.buckets)) {
    const rest = await wholeRows({ ...panel, where: [...panel.where, ...where], buckets }, range, ask);
    rows.push(...rest.map((row) => ({ ...row, names: [...names, ...row.names] })));
  }
  return rows;
}

/**
 * Documents that are in no bucket: below which names, how they are found, and what splits them
 * further.
 */
interface Beyond {
  readonly names: readonly (string | number)[];
  readonly where: readonly Condition[];
  readonly buckets: readonly Bucket[];
}

function beyond(node: Aggregation, [bucket, ...rest]: readonly Bucket[]): readonly Beyond[] {
  if (bucket === undefined || bucket.kind === 'time') return [];
  const inner = bucketsOf(node).flatMap((child) =>
    beyond(child, rest).map((found) => ({
      ...found,
      names: [child.key === MISSING ? MISSING_SHOWN : child.key, ...found.names],
      where: [...conditionsOf(bucket, child.key), ...found.where],
    })),
  );
  const isMore = bucket.kind === 'terms' && bucket.adds === 'up' && (node.b?.sum_other_doc_count ?? 0) > 0;
  return isMore ? [...inner, { names: [OTHER], where: noneOf(node, bucket.field), buckets: rest }] : inner;
}

/** What the documents of a bucket have in common. */
function conditionsOf(bucket: Exclude<Bucket, { readonly kind: 'time' }>, key: string | number): readonly Condition[] {
  if (bucket.kind === 'filters') return bucket.filters.find(({ label }) => label === key)?.where ?? [];
  return [key === MISSING ? { field: bucket.field, isMissing: true } : { field: bucket.field, is: [key] }];
}

/** Documents without the field belong to `Other` as well, unless they are a row. */
function noneOf(node: Aggregation, field: string): readonly Condition[] {
  const keys = bucketsOf(node).map(({ key }) => key);
  const named = { field, isNot: keys.filter((key) => key !== MISSING) };
  return keys.includes(MISSING) ? [named, { field, isMissing: false }] : [named];
}
