// All buckets of an aggregation by one field, page by page, so that no limit cuts any off.
import type { Json } from './incident-filter.ts';
import type { Found } from './search.ts';
import { type Doc, partOf } from './views.ts';

/** A search in one index. */
export type SearchIn = (body: Json) => Promise<Found>;

/** One value of the field, and the aggregations of its documents by their names. */
interface FieldBucket {
  readonly key: string;
  readonly parts: Doc;
}

/** An aggregation: the documents, the field, what to compute for each value. */
interface BucketsRequest {
  readonly query: Json;
  readonly field: string;
  readonly aggs: Json;
  readonly pageSize: number;
}

/**
 * The buckets, a page at a time.
 * https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-composite-aggregation
 */
export async function* bucketPages(
  search: SearchIn,
  { query, field, aggs, pageSize }: BucketsRequest,
): AsyncGenerator<readonly FieldBucket[]> {
  let after: unknown;
  do {
    const composite = {
      size: pageSize,
      sources: [{ value: { terms: { field } } }],
      ...(after === undefined ? {} : { after }),
    };
    const { aggregations } = await search({ size: 0, query, aggs: { values: { composite, aggs } } });
    const found = partOf(aggregations, 'values');
    const buckets = (found['buckets'] ?? []) as readonly (Doc & { readonly key: { readonly value: string } })[];
    if (buckets.length > 0) yield buckets.map((bucket) => ({ key: bucket.key.value, parts: bucket }));
    after = buckets.length < pageSize ? undefined : found['after_key'];
  } while (after !== undefined);
}
