// Which of some documents a data stream already has. An `_id` is unique within one backing index only: after a rollover, `create` would make a twin of a repeat.
import type { Elasticsearch } from '../../shared/elasticsearch/client.ts';
import { faultText } from '../../shared/elasticsearch/client.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';

/** Ids asked for at a time; a search gives back 10,000 hits at the most. */
const MAX_IDS = 5000;

/** The ids that are in any backing index of `dataStream`, just written ones included. Throws Unavailable when that cannot be told for sure. */
export async function findPresent(
  elasticsearch: Elasticsearch,
  dataStream: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  const missingIsEmpty = { ignore_unavailable: 'true', allow_no_indices: 'true' };
  const refreshed = await elasticsearch.request(
    { method: 'POST', path: `/${dataStream}/_refresh`, query: { ...missingIsEmpty, filter_path: '_shards.failed' } },
    signal,
  );
  if (refreshed.status === 404) return present;
  for (let from = 0; from < ids.length; from += MAX_IDS) {
    const values = ids.slice(from, from + MAX_IDS);
    const { status, body } = await elasticsearch.request(
      {
        method: 'POST',
        path: `/${dataStream}/_search`,
        query: { ...missingIsEmpty, allow_partial_search_results: 'false', filter_path: 'hits.hits._id,error' },
        body: { size: values.length * 2, _source: false, sort: ['_doc'], query: { ids: { values } } },
      },
      signal,
    );
    if (status !== 200) throw new Unavailable('Elasticsearch', `it cannot look up documents: ${faultText(body)}`);
    const hits = (body as { hits?: { hits?: readonly { _id: string }[] } }).hits?.hits ?? [];
    for (const hit of hits) present.add(hit._id);
  }
  return present;
}
