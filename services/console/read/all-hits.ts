// Everything that a search finds, page by page, in the order of ids: for reading all of it, however
// much it is. What changes meanwhile is found once, because ids do not change.
import type { SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import type { Hit } from './views.ts';

const PAGE_SIZE = 2000;
const BY_ID = [{ 'foghorn.incident.id': { order: 'asc', unmapped_type: 'keyword' } }];

/** The hits of a query in the incident index, with these parts of their documents. */
export async function* allHits(
  search: SearchIn,
  query: Json,
  parts: readonly string[] | true,
): AsyncGenerator<readonly Hit[]> {
  let after: readonly unknown[] | undefined;
  do {
    const place = after === undefined ? {} : { search_after: after };
    const { hits } = await search({ size: PAGE_SIZE, query, sort: BY_ID, _source: parts, ...place });
    if (hits.length > 0) yield hits;
    after = hits.length < PAGE_SIZE ? undefined : hits.at(-1)?.sort;
  } while (after !== undefined);
}
