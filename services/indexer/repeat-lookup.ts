// Finds documents that a data stream already has in an older backing index. An `_id` is unique
// within one backing index only: after a rollover, `create` would make a twin of a repeat.
import type { Elasticsearch } from '../../shared/elasticsearch/client.ts';
import { reasonText } from '../../shared/elasticsearch/client.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import type { BulkItem } from './bulk-request.ts';

/**
 * The parts of a lookup; `onLookup` gets the number of documents looked up in a stream, `now` gives
 * epoch milliseconds.
 */
interface RepeatLookupOptions {
  readonly elasticsearch: Elasticsearch;
  readonly now: () => number;
  readonly onLookup: (dataStream: string, count: number) => void;
}

/**
 * The ids, each with its index, that are in a backing index other than the one written to, where
 * `create` itself finds them. Looked up are the documents that may be older than the index written
 * to; with `mayRepeat` the index written to is looked up anew, not taken from the last second.
 * Throws Unavailable when that is unknown.
 */
export type RepeatLookup = (
  dataStream: string,
  items: readonly BulkItem[],
  context: { readonly signal: AbortSignal; readonly mayRepeat: boolean },
) => Promise<ReadonlyMap<string, string>>;

/** Ids looked up at a time; a search returns 10,000 hits at the most. */
const MAX_IDS = 5000;
/** How long a new write index of a stream may stay unnoticed. */
const LOOK_EVERY_MS = 1000;
/**
 * How far the clock of a host, or of the collector, may be ahead: what Kerberos lets a Windows host
 * be off.
 */
const CLOCKS_MS = 300_000;

/** A lookup; it caches which indices the streams have. */
export function createRepeatLookup({ elasticsearch, now, onLookup }: RepeatLookupOptions): RepeatLookup {
  const seen = new Map<string, { readonly atMs: number; readonly indices: readonly string[] }>();
  const beginnings = new Map<string, number>();

  async function indicesOf(dataStream: string, isFresh: boolean, signal: AbortSignal): Promise<readonly string[]> {
    const last = seen.get(dataStream);
    if (!isFresh && last !== undefined && now() - last.atMs < LOOK_EVERY_MS) return last.indices;
    const atMs = now();
    const indices = await backingIndices(elasticsearch, dataStream, signal);
    seen.set(dataStream, { atMs, indices });
    return indices;
  }

  async function beginningOf(index: string, signal: AbortSignal): Promise<number> {
    const beganMs = beginnings.get(index) ?? (await creationOf(elasticsearch, index, signal));
    beginnings.set(index, beganMs);
    return beganMs;
  }

  return async (dataStream, items, { signal, mayRepeat }) => {
    const indices = await indicesOf(dataStream, mayRepeat, signal);
    const [previous, current] = indices.slice(-2);
    // Most streams have only one, and a search in it would take a refresh for each batch: many
    // times the cost of writing.
    if (previous === undefined || current === undefined) return new Map();
    const untilMs = (await beginningOf(current, signal)) + CLOCKS_MS;
    const ids = items.filter(({ sinceMs = 0 }) => sinceMs < untilMs).map(({ id }) => id);
    if (ids.length === 0) return new Map();
    onLookup(dataStream, ids.length);
    // Refreshes the index written to before the rollover; older ones have been searchable for long.
    await elasticsearch.request({ method: 'POST', path: `/${previous}/_refresh` }, signal);
    const present = new Map<string, string>();
    for (let from = 0; from < ids.length; from += MAX_IDS) {
      const values = ids.slice(from, from + MAX_IDS);
      const hits = await presentOf(elasticsearch, { dataStream, current, values }, signal);
      for (const { _id: id, _index: index } of hits) present.set(id, index);
    }
    return present;
  };
}

interface Looked {
  readonly dataStream: string;
  readonly current: string;
  readonly values: readonly string[];
}

/**
 * A refused search is divided; an id that is refused alone is left to the write, whose answer has
 * the reason for each document.
 */
async function presentOf(elasticsearch: Elasticsearch, looked: Looked, signal: AbortSignal): Promise<readonly Hit[]> {
  const { dataStream, current, values } = looked;
  const query = { bool: { filter: { ids: { values } }, must_not: { term: { _index: current } } } };
  const found = await search(elasticsearch, dataStream, { query, size: values.length * 2 }, signal);
  if (found !== undefined) return found;
  if (values.length === 1) return [];
  const middle = Math.ceil(values.length / 2);
  const left = await presentOf(elasticsearch, { ...looked, values: values.slice(0, middle) }, signal);
  return [...left, ...(await presentOf(elasticsearch, { ...looked, values: values.slice(middle) }, signal))];
}

/** Undefined when the search itself is refused. */
async function search(
  elasticsearch: Elasticsearch,
  dataStream: string,
  body: { readonly query: object; readonly size: number },
  signal: AbortSignal,
): Promise<readonly Hit[] | undefined> {
  const { status, body: answer } = await elasticsearch.request(
    {
      method: 'POST',
      path: `/${dataStream}/_search`,
      query: { allow_partial_search_results: 'false', filter_path: 'hits.hits._id,hits.hits._index,error' },
      body: { ...body, _source: false, sort: ['_doc'] },
    },
    signal,
  );
  if (status === 400) return undefined;
  if (status !== 200) throw new Unavailable('Elasticsearch', `it cannot look up documents: ${reasonText(answer)}`);
  return (answer as { hits?: { hits?: readonly Hit[] } }).hits?.hits ?? [];
}

interface Hit {
  readonly _id: string;
  readonly _index: string;
}

/**
 * When an index was made, epoch milliseconds; where a cluster does not say, every document may be
 * older.
 */
async function creationOf(elasticsearch: Elasticsearch, index: string, signal: AbortSignal): Promise<number> {
  const { status, body } = await elasticsearch.request(
    { method: 'GET', path: `/${index}/_settings/index.creation_date` },
    signal,
  );
  if (status !== 200)
    throw new Unavailable('Elasticsearch', `it does not give the age of ${index}: ${reasonText(body)}`);
  const settings = (body as Readonly<Record<string, { settings?: { index?: { creation_date?: string } } }>>)[index];
  return Number(settings?.settings?.index?.creation_date ?? Infinity);
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
    throw new Unavailable('Elasticsearch', `it does not give the indices of ${dataStream}: ${reasonText(body)}`);
  const streams = (body as { data_streams?: readonly { backing_indices?: string | readonly string[] }[] }).data_streams;
  const indices = streams?.[0]?.backing_indices ?? [];
  return typeof indices === 'string' ? [indices] : indices;
}
