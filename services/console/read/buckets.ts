// All buckets of an aggregation by one or more fields, page by page, so that no limit cuts any off.
import type { Json } from './filter-fields.ts';
import type { Found } from './search.ts';
import { type Doc, partOf } from './views.ts';

/** A search in one index. */
export type SearchIn = (body: Json) => Promise<Found>;

/** One value of each source, and the aggregations of their documents by their names. */
export interface Bucket {
  readonly key: Readonly<Record<string, string | number | null>>;
  readonly parts: Doc;
}

/** An aggregation: the documents, what to group them by, what to compute for each group. */
interface BucketsRequest {
  readonly query: Json;
  /** By their names. */
  readonly sources: Readonly<Record<string, Json>>;
  readonly aggs: Json;
  readonly pageSize: number;
}

/**
 * The buckets, a page at a time.
 * https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-composite-aggregation
 */
export async function* bucketPages(
  search: SearchIn,
  { query, sources, aggs, pageSize }: BucketsRequest,
): AsyncGenerator<readonly Bucket[]> {
  let after: unknown;
  do {
    const composite = {
      size: pageSize,
      sources: Object.entries(sources).map(([name, source]) => ({ [name]: source })),
      ...(after === undefined ? {} : { after }),
    };
    const { aggregations } = await search({ size: 0, query, aggs: { values: { composite, aggs } } });
    const found = partOf(aggregations, 'values');
    const buckets = (found['buckets'] ?? []) as readonly (Doc & Pick<Bucket, 'key'>)[];
    if (buckets.length > 0) yield buckets.map((bucket) => ({ key: bucket.key, parts: bucket }));
    after = buckets.length < pageSize ? undefined : found['after_key'];
  } while (after !== undefined);
}
