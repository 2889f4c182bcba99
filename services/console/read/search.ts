// One search in Elasticsearch, and the console's answer when it is refused.
import type { Elasticsearch, ElasticsearchResponse } from '../../../shared/elasticsearch/client.ts';
import { reasonText } from '../../../shared/elasticsearch/client.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { Json } from './filter-fields.ts';
import type { Doc, Hit } from './views.ts';

/** What a search found. */
export interface Found {
  readonly total: number;
  readonly hits: Hit[];
  readonly aggregations: Doc;
  /** The id of the point in time that was searched, for the next request. */
  readonly pitId?: string;
}

interface SearchAnswer {
  readonly hits: { readonly total?: { readonly value: number }; readonly hits: Hit[] };
  readonly aggregations?: Doc;
  readonly pit_id?: string;
}

/**
 * A function that searches an index. Throws Unavailable, and Refusal 400 for what Elasticsearch
 * refuses.
 */
export function createSearch(elasticsearch: Elasticsearch) {
  return async (index: string, body: Json, signal?: AbortSignal): Promise<Found> => {
    const answer = await elasticsearch.request(
      {
        method: 'POST',
        path: `/${encodeURIComponent(index)}/_search`,
        // Half an answer would look like a whole one.
        query: { ignore_unavailable: 'true', allow_no_indices: 'true', allow_partial_search_results: 'false' },
        body,
      },
      signal,
    );
    return answer.status === 404 ? { total: 0, hits: [], aggregations: {} } : foundIn(answer);
  };
}

/** What an answer holds. Throws Refusal 400 where it is a refusal. */
export function foundIn({ status, body }: ElasticsearchResponse): Found {
  if (status !== 200)
    throw new Refusal(400, 'refused_search', `Elasticsearch refuses this search: ${reasonText(body)}`);
  const { hits: found, aggregations = {}, pit_id: pitId } = body as SearchAnswer;
  const total = found.total?.value ?? 0;
  return { total, hits: found.hits, aggregations, ...(pitId === undefined ? {} : { pitId }) };
}
