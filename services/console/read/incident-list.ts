// Pages of the list of incidents. All pages of a list come from one point in time, so that an
// incident that changes meanwhile is neither lost nor shown twice.
import type { Elasticsearch } from '../../../shared/elasticsearch/client.ts';
import { reasonText } from '../../../shared/elasticsearch/client.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { Json } from './filter-fields.ts';
import { cursorOf, placeOf, sortOf } from './page.ts';
import { foundIn } from './search.ts';
import { type Hit, type IncidentView, toIncidentView, UNREADABLE } from './views.ts';

/** A page of the list. */
export interface IncidentPage {
  readonly total: number;
  readonly incidents: readonly IncidentView[];
  readonly nextCursor?: string;
  /**
   * Ids of documents that belong on this page and are not as the indexer writes them; missing when
   * there are none.
   */
  readonly unreadable?: readonly string[];
}

/** Which page: in which order, how many, and the cursor of the one before. */
export interface PageRequest {
  readonly sort: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Elasticsearch keeps the point in time of a list for so long after each page. */
const KEEP_ALIVE = '5m';

/**
 * A function that lists what a query finds in an index. Throws Unavailable, Refusal 400 for what
 * Elasticsearch refuses, and Refusal 410 for a cursor that has expired.
 */
export function createIncidentList(elasticsearch: Elasticsearch, index: string) {
  const open = async (signal: AbortSignal): Promise<string> => {
    const path = `/${encodeURIComponent(index)}/_pit`;
    const query = { keep_alive: KEEP_ALIVE, ignore_unavailable: 'true', allow_no_indices: 'true' };
    const { status, body } = await elasticsearch.request({ method: 'POST', path, query }, signal);
    if (status !== 200)
      throw new Refusal(400, 'refused_search', `Elasticsearch opens no point in time: ${reasonText(body)}`);
    return (body as { readonly id: string }).id;
  };
  const close = async (id: string, signal: AbortSignal): Promise<void> => {
    await elasticsearch.request({ method: 'DELETE', path: '/_pit', body: { id } }, signal);
  };
  return async (asked: Json, page: PageRequest, signal: AbortSignal): Promise<IncidentPage> => {
    const { sort, limit, cursor } = page;
    const place = cursor === undefined ? undefined : placeOf(sort, cursor);
    const pit = place?.pit ?? (await open(signal));
    const body = {
      pit: { id: pit, keep_alive: KEEP_ALIVE },
      // One more than requested shows whether there is a next page.
      size: limit + 1,
      track_total_hits: true,
      query: asked,
      sort: sortOf(sort),
      ...(place === undefined ? {} : { search_after: place.values }),
    };
    const query = { allow_partial_search_results: 'false' };
    const answer = await elasticsearch.request({ method: 'POST', path: '/_search', query, body }, signal);
    if (answer.status === 404)
      throw new Refusal(410, 'expired_cursor', `The cursor is older than ${KEEP_ALIVE}; begin again without it.`);
    if (answer.status !== 200) await close(pit, signal);
    const { total, hits, pitId = pit } = foundIn(answer);
    const last = hits.length > limit ? hits[limit - 1]?.sort : undefined;
    if (last === undefined) await close(pitId, signal);
    return {
      total,
      ...readHits(hits.slice(0, limit)),
      ...(last === undefined
        ? {}
        : { nextCursor: cursorOf(sort, { pit: pitId, values: last as readonly (string | number | null)[] }) }),
    };
  };
}

/** One document that cannot be read hides no other. */
export function readHits(hits: readonly Hit[]): Pick<IncidentPage, 'incidents' | 'unreadable'> {
  const incidents: IncidentView[] = [];
  const unreadable: string[] = [];
  for (const hit of hits)
    try {
      incidents.push(toIncidentView(hit));
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== UNREADABLE) throw error;
      unreadable.push(hit._id);
    }
  return { incidents, ...(unreadable.length === 0 ? {} : { unreadable }) };
}
