// A test's own corner of the real Elasticsearch: random names, looking into them after a refresh,
// removed at the end where the server can.
import { randomBytes } from 'node:crypto';
import {
  createElasticsearch,
  type Elasticsearch,
  type ElasticsearchSettings,
  elasticsearchSettings,
} from '../../shared/elasticsearch/client.ts';
import { type IndexNames, indexNames } from '../../shared/elasticsearch/names.ts';
import type { Ending } from './ending.ts';
import { requiredEnv } from './servers.ts';

/** A document found; all of Foghorn's have these parts. */
export interface FoundDocument extends Readonly<Record<string, unknown>> {
  readonly event: Readonly<Record<string, unknown>>;
  readonly host: Readonly<Record<string, unknown>>;
  readonly foghorn: Readonly<Record<string, unknown>>;
}

/** A test's corner of Elasticsearch. */
export interface TestElasticsearch {
  readonly elasticsearch: Elasticsearch;
  readonly settings: ElasticsearchSettings;
  readonly names: IndexNames;
  /** What makes a service use this corner. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * How many documents match, in the events or another index; 0 where the index is not there yet.
   */
  count(query: Readonly<Record<string, unknown>>, index?: string): Promise<number>;
  /** The matching documents, at most `size`. */
  search(query: Readonly<Record<string, unknown>>, size: number, index?: string): Promise<readonly FoundDocument[]>;
}

interface SearchAnswer {
  readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly { _source: FoundDocument }[] };
}

/**
 * Names of this test's own, removed when the test ends; on servers of the test's own, which end
 * with it, at `ownUrls`.
 */
export async function testElasticsearch(t: Ending, ...ownUrls: readonly string[]): Promise<TestElasticsearch> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const settings: ElasticsearchSettings = {
    ...elasticsearchSettings.parse({}),
    nodes: ownUrls.length > 0 ? [...ownUrls] : [requiredEnv('ELASTICSEARCH_URL')],
    namespace: name,
    incidentIndex: `foghorn-incidents-${name}`,
    sourceIndex: `foghorn-sources-${name}`,
  };
  const elasticsearch = createElasticsearch(settings);
  const names = indexNames(settings);
  t.after(async () => {
    if (ownUrls.length > 0) {
      await elasticsearch.close();
      return;
    }
    // A server without the data stream API keeps the streams; it is thrown away after the tests.
    for (const path of [names.events, names.actions].map((stream) => `/_data_stream/${stream}`))
      await elasticsearch.request({ method: 'DELETE', path });
    for (const index of [names.incidents, names.sources]) {
      await elasticsearch.request({ method: 'DELETE', path: `/${index}` });
      await elasticsearch.request({ method: 'DELETE', path: `/_index_template/${index}` });
    }
    await elasticsearch.close();
  });
  const look = async (index: string, body: Readonly<Record<string, unknown>>): Promise<SearchAnswer['hits']> => {
    const query = { ignore_unavailable: 'true', allow_no_indices: 'true' };
    await elasticsearch.request({ method: 'POST', path: `/${index}/_refresh`, query });
    const { body: answer } = await elasticsearch.request({ method: 'POST', path: `/${index}/_search`, query, body });
    return (answer as SearchAnswer).hits;
  };
  return {
    elasticsearch,
    settings,
    names,
    env: {
      FOGHORN_ELASTICSEARCH_NAMESPACE: settings.namespace,
      FOGHORN_ELASTICSEARCH_INCIDENT_INDEX: settings.incidentIndex,
      FOGHORN_ELASTICSEARCH_SOURCE_INDEX: settings.sourceIndex,
    },
    count: async (query, index = names.events) =>
      (await look(index, { size: 0, track_total_hits: true, query })).total.value,
    search: async (query, size, index = names.events) =>
      (await look(index, { size, query })).hits.map((hit) => hit._source),
  };
}
