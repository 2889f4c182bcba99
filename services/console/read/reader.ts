// Reads incidents, their timelines, the events around them and silences from Elasticsearch.
import type { RemediationFields } from '../../../shared/contracts/incident-document.ts';
import type { Elasticsearch } from '../../../shared/elasticsearch/client.ts';
import type { IndexNames } from '../../../shared/elasticsearch/names.ts';
import type { SearchIn } from './buckets.ts';
import { type FailedDelivery, failedDeliveries } from './failed-deliveries.ts';
import { eventsAround, type Near, type Part, timelineOf } from './history.ts';
import { type IncidentFilter, incidentQuery } from './incident-filter.ts';
import { createIncidentList, type IncidentPage, type PageRequest } from './incident-list.ts';
import { sortOf } from './page.ts';
import { createSearch } from './search.ts';
import { silencesNow } from './silences.ts';
import {
  type ActivityEntryView,
  type EventView,
  type Hit,
  incidentDocumentIn,
  type IncidentRef,
  type IncidentView,
  type SilenceView,
  toIncidentRef,
  viewOfDocument,
} from './views.ts';

/** One incident in full. */
interface IncidentDetail {
  readonly incident: IncidentView;
  readonly remediation: RemediationFields;
}

/** Reads. Calls throw Unavailable, and Refusal 400 for a search that Elasticsearch refuses. */
export interface Reader {
  list(filter: IncidentFilter, page: PageRequest, signal: AbortSignal): Promise<IncidentPage>;
  /** The incidents that match, at most `limit`, and how many there are. */
  refs(
    filter: IncidentFilter,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly total: number; readonly refs: readonly IncidentRef[] }>;
  /** The latest revision that was indexed, refreshed or not; undefined when there is none. */
  find(id: string, signal: AbortSignal): Promise<IncidentDetail | undefined>;
  /** The latest entries, oldest first, and their total. */
  timeline(id: string, limit: number, signal: AbortSignal): Promise<Part<ActivityEntryView>>;
  /** The events of the host nearest to a moment, oldest first, and how many there are in range. */
  around(near: Near, signal: AbortSignal): Promise<Part<EventView>>;
  /**
   * Deliveries that failed for good and were not made since, the latest first; of one receiver or
   * of all.
   */
  failedDeliveries(receiver: string | undefined, limit: number, signal: AbortSignal): Promise<Part<FailedDelivery>>;
  /** Silences as they are now, those that end last first. */
  silences(nowMs: number, signal: AbortSignal): Promise<readonly SilenceView[]>;
}

/** A reader of these indices. */
export function createReader(elasticsearch: Elasticsearch, names: IndexNames): Reader {
  const search = createSearch(elasticsearch);
  const list = createIncidentList(elasticsearch, names.incidents);
  const within =
    (index: string, signal: AbortSignal): SearchIn =>
    async (body) =>
      await search(index, body, signal);
  return {
    list,
    refs: async (filter, limit, signal) => {
      const body = {
        size: limit,
        track_total_hits: true,
        query: incidentQuery(filter),
        sort: sortOf('-opened'),
        _source: ['foghorn.incident'],
      };
      const { total, hits } = await search(names.incidents, body, signal);
      return { total, refs: hits.map(toIncidentRef) };
    },
    find: async (id, signal) => {
      const path = `/${encodeURIComponent(names.incidents)}/_doc/${encodeURIComponent(id)}`;
      const { status, body } = await elasticsearch.request({ method: 'GET', path }, signal);
      if (status !== 200) return undefined;
      const document = incidentDocumentIn(body as Hit);
      return { incident: viewOfDocument(document), remediation: document.foghorn.remediation };
    },
    timeline: (id, limit, signal) => timelineOf(within(names.actions, signal), id, limit),
    around: (near, signal) => eventsAround(within(names.events, signal), near),
    failedDeliveries: async (receiver, limit, signal) =>
      await failedDeliveries(within(names.actions, signal), receiver, limit),
    silences: (nowMs, signal) => silencesNow(within(names.actions, signal), nowMs),
  };
}
