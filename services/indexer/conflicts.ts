// Finds conflicts: events whose id (computer, channel, record, time) is there already with other
// data. One of the two is forged or damaged.
import { type Elasticsearch, reasonText } from '../../shared/elasticsearch/client.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';

/**
 * A document that was not written, because one with its id is there; `content` is the new one's
 * content mark, `index` the place of the other.
 */
interface Existing {
  readonly id: string;
  readonly index: string;
  readonly content: string;
}

/**
 * For each whether the existing one has another content. One of an earlier version, without a mark,
 * counts as the same. Throws Unavailable, also while one of them cannot be seen.
 */
export type FindConflicts = (existing: readonly Existing[], signal: AbortSignal) => Promise<readonly boolean[]>;

/** Documents looked up at a time. */
const MAX_DOCUMENTS = 1000;

/** Looks up existing documents in Elasticsearch, in real time. */
export function createFindConflicts(elasticsearch: Elasticsearch): FindConflicts {
  return async (existing, signal) => {
    const answers: boolean[] = [];
    for (let from = 0; from < existing.length; from += MAX_DOCUMENTS) {
      const asked = existing.slice(from, from + MAX_DOCUMENTS);
      const contents = await contentsOf(elasticsearch, asked, signal);
      answers.push(...asked.map(({ content }, at) => contents[at] !== undefined && contents[at] !== content));
    }
    return answers;
  };
}

async function contentsOf(
  elasticsearch: Elasticsearch,
  asked: readonly Existing[],
  signal: AbortSignal,
): Promise<readonly (string | undefined)[]> {
  const { status, body } = await elasticsearch.request(
    {
      method: 'POST',
      path: '/_mget',
      query: { _source_includes: 'foghorn.content', filter_path: 'docs.found,docs._id,docs._source,docs.error,error' },
      body: { docs: asked.map(({ id, index }) => ({ _index: index, _id: id })) },
    },
    signal,
  );
  const docs = (body as { readonly docs?: readonly Found[] } | null)?.docs ?? [];
  if (status !== 200 || docs.length !== asked.length)
    throw new Unavailable('Elasticsearch', `it does not say what events it has: ${status} ${reasonText(body)}`);
  // A shard without a copy for now, or a copy that has not got what was written last.
  const missing = docs.find(({ found }) => found !== true);
  if (missing !== undefined)
    throw new Unavailable('Elasticsearch', `it does not show an event that it has: ${reasonText(missing)}`);
  return docs.map((doc) => doc._source?.foghorn?.content);
}

interface Found {
  readonly found?: boolean;
  readonly _source?: { readonly foghorn?: { readonly content?: string } };
}
