// Which of some documents a data stream already has in an older backing index. An `_id` is unique within one backing index only: after a rollover, `create` would make a twin of a repeat.
import type { Elasticsearch } from '../../shared/elasticsearch/client.ts';
import { faultText } from '../../shared/elasticsearch/client.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';

/** Ids asked for at a time; a search gives back 10,000 hits at the most. */
const MAX_IDS = 5000;

/** The ids that are in a backing index other than the one written to, where `create` itself finds them. Throws Unavailable when that cannot be told for sure. */
export async function findPresent(
  elasticsearch: Elasticsearch,
  dataStream: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  const indices = await backingIndices(elasticsearch, dataStream, signal);
  const [previous, current] = indices.slice(-2);
  // Most streams have one, and asking it would take a refresh for each batch: many times what the writing costs.
  if (previous === undefined || current === undefined) return present;
  // What was written last before the rollover; the ones before have been searchable for long.
  await elasticsearch.request({ method: 'POST', path: `/${previous}/_refresh` }, signal);
  for (let from = 0; from < ids.length; from += MAX_IDS) {
    const values = ids.slice(from, from + MAX_IDS);
    const query = { bool: { filter: { ids: { values } }, must_not: { term: { _index: current } } } };
    const { status, body } = await elasticsearch.request(
      {
        method: 'POST',
        path: `/${dataStream}/_search`,
        query: { allow_partial_search_results: 'false', filter_path: 'hits.hits._id,error' },
        body: { size: values.length * 2, _source: false, sort: ['_doc'], query },
      },
      signal,
    );
    if (status !== 200) throw new Unavailable('Elasticsearch', `it cannot look up documents: ${faultText(body)}`);
    const hits = (body as { hits?: { hits?: readonly { _id: string }[] } }).hits?.hits ?? [];
    for (const hit of hits) present.add(hit._id);
  }
  return present;
}

/** Oldest first, the last is the one written to; empty when the stream is not there yet. */
async function backingIndices(
  elasticsearch: Elasticsearch,
  dataStream: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { status, body } = await elasticsearch.request(
    { method: 'GET', path: `/_resolve/index/${dataStream}`, query: { filter_path: 'data_streams.backing_indices' } },
    signal,
  );
  if (status === 404) return [];
  if (status !== 200)
    throw new Unavailable('Elasticsearch', `it cannot tell the indices of ${dataStream}: ${faultText(body)}`);
  const streams = (body as { data_streams?: readonly { backing_indices?: string | readonly string[] }[] }).data_streams;
  const indices = streams?.[0]?.backing_indices ?? [];
  return typeof indices === 'string' ? [indices] : indices;
}
