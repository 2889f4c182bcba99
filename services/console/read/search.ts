// One search in Elasticsearch, and what its refusal means for who asked.
import type { Elasticsearch } from '../../../shared/elasticsearch/client.ts';
import { faultText } from '../../../shared/elasticsearch/client.ts';
import { Problem } from '../api/problem.ts';
import type { Json } from './incident-filter.ts';
import type { Doc, Hit } from './views.ts';

/** What a search found. */
export interface Found {
  readonly total: number;
  readonly hits: Hit[];
  readonly aggregations: Doc;
}

interface SearchAnswer {
  readonly hits: { readonly total?: { readonly value: number }; readonly hits: Hit[] };
  readonly aggregations?: Doc;
}

/** A way to search an index. Throws Unavailable, and Problem 400 for what Elasticsearch refuses. */
export function createSearch(elasticsearch: Elasticsearch) {
  return async (index: string, body: Json, signal: AbortSignal): Promise<Found> => {
    const { status, body: answer } = await elasticsearch.request(
      {
        method: 'POST',
        path: `/${encodeURIComponent(index)}/_search`,
        query: { ignore_unavailable: 'true', allow_no_indices: 'true' },
        body,
      },
      signal,
    );
    if (status === 404) return { total: 0, hits: [], aggregations: {} };
    if (status !== 200)
      throw new Problem(400, 'refused_search', `Elasticsearch refuses this search: ${faultText(answer)}`);
    const { hits: found, aggregations = {} } = answer as SearchAnswer;
    return { total: found.total?.value ?? 0, hits: found.hits, aggregations };
  };
}
