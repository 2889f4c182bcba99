// Reads incidents, their time lines, the events around them and silences from Elasticsearch.
import type { Elasticsearch } from '../../../shared/elasticsearch/client.ts';
import type { IndexNames } from '../../../shared/elasticsearch/names.ts';
import { type IncidentFilter, incidentQuery, type Json } from './incident-filter.ts';
import { type FailedDelivery, failedDeliveries } from './failed-deliveries.ts';
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
  toActionView,
  toEventView,
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
  /** The latest rows, oldest first. */
  timeline(id: string, limit: number, signal: AbortSignal): Promise<readonly ActionView[]>;
  /** Events of the host nearest to a moment, oldest first. */
  around(near: Near, signal: AbortSignal): Promise<readonly EventView[]>;
  /** Deliveries that failed for good and were not made since, the latest first; of one receiver or of all. */
  failedDeliveries(
    receiver: string | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly FailedDelivery[]>;
  /** Silences as they are now, those that end last first. */
  silences(nowMs: number, signal: AbortSignal): Promise<readonly SilenceView[]>;
}

/** A host and a moment, and how far around it to look. */
export interface Near {
  readonly host: string;
  readonly at: string;
  readonly withinMs: number;
  /** At most so many before, and as many from then on. */
  readonly limit: number;
}

/** Silences last no longer, so an older row cannot speak of one that is active; nor can more be shown usefully. */
const SILENCES_SINCE = 'now-180d';
const MAX_SILENCES = 1000;

/** A reader of these indices. */
export function createReader(elasticsearch: Elasticsearch, names: IndexNames): Reader {
  const search = createSearch(elasticsearch);
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
    timeline: async (id, limit, signal) => {
      const body = {
        size: limit,
        query: { term: { 'foghorn.incident.id': id } },
        sort: [
          { '@timestamp': { order: 'desc', unmapped_type: 'date' } },
          { 'foghorn.incident.revision': { order: 'desc', unmapped_type: 'long' } },
        ],
      };
      return (await search(names.actions, body, signal)).hits.map(toActionView).reverse();
    },
    around: async (near, signal) => {
      const [before, after] = await Promise.all(
        (['before', 'after'] as const).map(
          async (side) => (await search(names.events, sideBody(near, side), signal)).hits,
        ),
      );
      return [...(before ?? []).reverse(), ...(after ?? [])].map(toEventView);
    },
    failedDeliveries: async (receiver, limit, signal) =>
      await failedDeliveries(async (body) => await search(names.actions, body, signal), receiver, limit),
    silences: async (nowMs, signal) => {
      const { hits } = await search(names.actions, SILENCES_BODY, signal);
      return hits
        .map((hit) => toSilenceView(hit, nowMs))
        .sort((left, right) => right.endsAt.localeCompare(left.endsAt));
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

function sideBody({ host, at, withinMs, limit }: Near, side: 'before' | 'after'): Json {
  const atMs = Date.parse(at);
  const range =
    side === 'before'
      ? { gte: new Date(atMs - withinMs).toISOString(), lt: at }
      : { gte: at, lte: new Date(atMs + withinMs).toISOString() };
  return {
    size: limit,
    query: {
      bool: {
        filter: [
          { term: { 'host.name': { value: host, case_insensitive: true } } },
          { range: { '@timestamp': range } },
        ],
      },
    },
    sort: [{ '@timestamp': { order: side === 'before' ? 'desc' : 'asc', unmapped_type: 'date' } }],
  };
}
