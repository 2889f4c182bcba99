// Which of some events that are there already state something else: the same id, made of computer, channel, record and time, with other data. One of the two is forged or damaged.
import { type Elasticsearch, reasonText } from '../../shared/elasticsearch/client.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';

/** A document that was not written, because one with its id is there; `content` is what the new one states, `index` where the other is. */
export interface Existing {
  readonly id: string;
  readonly index: string;
  readonly content: string;
}

/** For each whether the one that is there states something else. One of an earlier version, which does not say, counts as the same. Throws Unavailable. */
export type FindConflicts = (existing: readonly Existing[], signal: AbortSignal) => Promise<readonly boolean[]>;

/** Documents asked for at a time. */
const MAX_DOCUMENTS = 1000;

/** Looks in Elasticsearch; asked only of what was there already, in real time. */
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
      query: { _source_includes: 'foghorn.content', filter_path: 'docs.found,docs._id,docs._source,error' },
      body: { docs: asked.map(({ id, index }) => ({ _index: index, _id: id })) },
    },
    signal,
  );
  const docs = (body as { readonly docs?: readonly Found[] } | null)?.docs ?? [];
  if (status !== 200 || docs.length !== asked.length)
    throw new Unavailable('Elasticsearch', `it does not say what events it has: ${status} ${reasonText(body)}`);
  return docs.map((doc) => doc._source?.foghorn?.content);
}

interface Found {
  readonly _source?: { readonly foghorn?: { readonly content?: string } };
}
