// Reads incidents, their time lines, the events around them and silences from Elasticsearch.
import type { Elasticsearch } from '../../../shared/elasticsearch/client.ts';
import type { IndexNames } from '../../../shared/elasticsearch/names.ts';
import { type IncidentFilter, incidentQuery, type Json } from './incident-filter.ts';
import { type FailedDelivery, failedDeliveries } from './failed-deliveries.ts';
import { eventsAround, type Near, type Part, type SearchIn, timelineOf } from './history.ts';
import { cursorAfter, searchAfter, sortOf } from './page.ts';
import { createSearch } from './search.ts';
import {
  type ActionView,
  type Doc,
  type EventView,
  type Hit,
  type IncidentView,
  partOf,
  type SilenceView,
  toIncidentView,
  toSilenceView,
} from './views.ts';

/** A page of the list. */
export interface IncidentPage {
  readonly total: number;
  readonly incidents: readonly IncidentView[];
  readonly nextCursor?: string;
}

/** One incident with all that is known of it. */
export interface IncidentDetail {
  readonly incident: IncidentView;
  readonly remediation: Doc;
}

/** What of an incident a command needs. */
export type IncidentRef = Pick<IncidentView, 'id' | 'episode'>;

/** Reads. Calls throw Unavailable, and Problem 400 for a search that Elasticsearch refuses. */
export interface Reader {
  list(
    filter: IncidentFilter,
    page: { readonly sort: string; readonly limit: number; readonly cursor?: string | undefined },
    signal: AbortSignal,
  ): Promise<IncidentPage>;
  /** The incidents that match, at most `limit`, and how many there are. */
  refs(
    filter: IncidentFilter,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly total: number; readonly refs: readonly IncidentRef[] }>;
  /** The latest that was indexed, refreshed or not; undefined when there is none. */
  find(id: string, signal: AbortSignal): Promise<IncidentDetail | undefined>;
  /** The latest rows, oldest first, and how many there are. */
  timeline(id: string, limit: number, signal: AbortSignal): Promise<Part<ActionView>>;
  /** Events of the host nearest to a moment, oldest first, and how many there are that near. */
  around(near: Near, signal: AbortSignal): Promise<Part<EventView>>;
  /** Deliveries that failed for good and were not made since, the latest first; of one receiver or of all. */
  failedDeliveries(
    receiver: string | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly FailedDelivery[]>;
  /** Silences as they are now, those that end last first. */
  silences(nowMs: number, signal: AbortSignal): Promise<readonly SilenceView[]>;
}

/** Silences last no longer, so an older row cannot speak of one that is active; nor can more be shown usefully. */
const SILENCES_SINCE = 'now-180d';
const MAX_SILENCES = 1000;

/** A reader of these indices. */
export function createReader(elasticsearch: Elasticsearch, names: IndexNames): Reader {
  const search = createSearch(elasticsearch);
  const inActions: SearchIn = async (body, signal) => await search(names.actions, body, signal);
  const inEvents: SearchIn = async (body, signal) => await search(names.events, body, signal);
  return {
    list: async (filter, { sort, limit, cursor }, signal) => {
      const { total, hits } = await search(names.incidents, listBody(filter, { sort, limit, cursor }), signal);
      const last = hits.length === limit ? hits.at(-1)?.sort : undefined;
      const nextCursor = last === undefined ? {} : { nextCursor: cursorAfter(sort, last) };
      return { total, incidents: hits.map(toIncidentView), ...nextCursor };
    },
    refs: async (filter, limit, signal) => {
      const body = { ...listBody(filter, { sort: '-updated', limit }), _source: ['foghorn.incident'] };
      const { total, hits } = await search(names.incidents, body, signal);
      return { total, refs: hits.map(toIncidentView).map(({ id, episode }) => ({ id, episode })) };
    },
    find: async (id, signal) => {
      const path = `/${encodeURIComponent(names.incidents)}/_doc/${encodeURIComponent(id)}`;
      const { status, body } = await elasticsearch.request({ method: 'GET', path }, signal);
      if (status !== 200) return undefined;
      const hit = body as Hit;
      return { incident: toIncidentView(hit), remediation: partOf(hit._source, 'foghorn', 'remediation') };
    },
    timeline: async (id, limit, signal) => await timelineOf(inActions, { id, limit }, signal),
    around: async (near, signal) => await eventsAround(inEvents, near, signal),
    failedDeliveries: async (receiver, limit, signal) =>
      await failedDeliveries((body) => inActions(body, signal), receiver, limit),
    silences: async (nowMs, signal) => {
      const views = (await inActions(SILENCES_BODY, signal)).hits.map((hit) => toSilenceView(hit, nowMs));
      return views.sort((left, right) => right.endsAt.localeCompare(left.endsAt));
    },
  };
}

const SILENCES_BODY: Json = {
  size: MAX_SILENCES,
  query: {
    bool: {
      filter: [
        { terms: { 'event.action': ['silence_created', 'silence_changed'] } },
        { range: { '@timestamp': { gte: SILENCES_SINCE } } },
      ],
    },
  },
  sort: [
    { 'foghorn.incident.revision': { order: 'desc', unmapped_type: 'long' } },
    { '@timestamp': { order: 'desc', unmapped_type: 'date' } },
  ],
  collapse: { field: 'foghorn.incident.id' },
};

function listBody(
  filter: IncidentFilter,
  { sort, limit, cursor }: { readonly sort: string; readonly limit: number; readonly cursor?: string | undefined },
): Json {
  return {
    size: limit,
    track_total_hits: true,
    query: incidentQuery(filter),
    sort: sortOf(sort),
    ...(cursor === undefined ? {} : { search_after: searchAfter(sort, cursor) }),
  };
}
