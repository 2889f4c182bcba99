// A whole Foghorn for cases alone, and how their documents are looked up.
import type { Elasticsearch } from '../../shared/elasticsearch/client.ts';
import type { Ending } from '../support/ending.ts';
import { startFleet } from '../support/fleet.ts';
import type { Target } from './live.ts';

/** Starts it on the servers that the environment names; it ends with `ending`. */
export async function startTarget(ending: Ending): Promise<Target> {
  const { eventsUrl, kafka, elasticsearch } = await startFleet(ending);
  const find: Target['find'] = async (ids) =>
    await findIn(elasticsearch.elasticsearch, elasticsearch.names.events, ids);
  return { eventsUrl, kafka, find };
}

interface Found {
  readonly hits: {
    readonly hits: readonly { readonly _id: string; readonly _source: Readonly<Record<string, unknown>> }[];
  };
}

/** The documents of a stream with these ids. */
export async function findIn(
  elasticsearch: Elasticsearch,
  stream: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  if (ids.length === 0) return new Map();
  await elasticsearch.request({ method: 'POST', path: `/${stream}/_refresh` });
  const body = { size: ids.length, query: { ids: { values: ids } } };
  const answer = await elasticsearch.request({ method: 'POST', path: `/${stream}/_search`, body });
  return new Map((answer.body as Found).hits.hits.map(({ _id, _source }) => [_id, _source]));
}
