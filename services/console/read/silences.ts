// Silences as they are now: the latest revision of each, read from the activity stream.
import { bucketPages, type SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import { type Hit, partOf, type SilenceView, toSilenceView } from './views.ts';

/** Silences last no longer, so an older entry cannot be about one that is active. */
const SINCE = 'now-180d';
const PAGE_SIZE = 500;

const QUERY: Json = {
  bool: {
    filter: [
      { terms: { 'event.action': ['silence_created', 'silence_changed'] } },
      { range: { '@timestamp': { gte: SINCE } } },
    ],
  },
};
const LATEST: Json = {
  top_hits: {
    size: 1,
    sort: [
      { 'foghorn.silence.revision': { order: 'desc', unmapped_type: 'long' } },
      { '@timestamp': { order: 'desc', unmapped_type: 'date' } },
    ],
  },
};

/** All of them, those that end last first. `search` reads the activity stream. */
export async function silencesNow(search: SearchIn, nowMs: number): Promise<readonly SilenceView[]> {
  const views: SilenceView[] = [];
  const request = {
    query: QUERY,
    sources: { id: { terms: { field: 'foghorn.silence.id' } } },
    aggs: { latest: LATEST },
    pageSize: PAGE_SIZE,
  };
  for await (const page of bucketPages(search, request))
    for (const { parts } of page) {
      const [hit] = (partOf(parts, 'latest', 'hits')['hits'] ?? []) as readonly Hit[];
      if (hit !== undefined) views.push(toSilenceView(hit, nowMs));
    }
  return views.sort((left, right) => right.endsAt.localeCompare(left.endsAt));
}
