// Reads incidents, their timelines, the events around them and silences from Elasticsearch.
import type { RemediationFields } from '../../../shared/contracts/incident-document.ts';
import type { Elasticsearch } from '../../../shared/elasticsearch/client.ts';
import type { IndexNames } from '../../../shared/elasticsearch/names.ts';
import type { SearchIn } from './buckets.ts';
import { type FailedDelivery, failedDeliveries } from './failed-deliveries.ts';
import { eventsAround, type Near, type Part, timelineOf } from './history.ts';
import { allHits } from './all-hits.ts';
import { contextOf, silencesActive } from './filter-lookup.ts';
import { conditionsOf, type IncidentFilter, queryOf } from './incident-filter.ts';
import { createIncidentList, type IncidentPage, type PageRequest } from './incident-list.ts';
import { type IncidentSummary, summaryOf, type SummaryRequest } from './incident-summary.ts';
import { labelsOfView, type ReadSilence, silencesOf } from './labels.ts';
import { createSearch } from './search.ts';
import { silencesNow } from './silences.ts';
import type { ActivityEntryView, EventView } from './entry-views.ts';
import {
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

/** Who reads, which decides what `assignee:me` is; and when it is of no use any more. */
export interface Asker {
  readonly actor: string;
  readonly signal: AbortSignal;
}

/**
 * Reads. Calls throw Unavailable, and Refusal 400 for a filter that is none and a search that
 * Elasticsearch refuses.
 */
export interface Reader {
  list(filter: IncidentFilter, page: PageRequest, asker: Asker): Promise<IncidentPage>;
  /** The incidents that match, counted by facet and by group. */
  summary(filter: IncidentFilter, request: SummaryRequest, asker: Asker): Promise<IncidentSummary>;
  /** All incidents that match, page by page. */
  refs(filter: IncidentFilter, asker: Asker): AsyncGenerator<readonly IncidentRef[]>;
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

/** A reader of these indices; `now` gives epoch milliseconds. */
export function createReader(elasticsearch: Elasticsearch, names: IndexNames, now: () => number): Reader {
  const search = createSearch(elasticsearch);
  const list = createIncidentList(elasticsearch, names.incidents);
  const within =
    (index: string, signal: AbortSignal): SearchIn =>
    async (body) =>
      await search(index, body, signal);
  const lookupFor = ({ actor, signal }: Asker) => ({
    searchIncidents: within(names.incidents, signal),
    searchActions: within(names.actions, signal),
    actor,
    nowMs: now(),
  });
  return {
    list: async (filter, page, asker) => {
      const lookup = lookupFor(asker);
      const conditions = conditionsOf(filter);
      const query = queryOf(conditions, await contextOf(conditions, lookup));
      const [found, silences] = await Promise.all([list(query, page, asker.signal), silencesActive(lookup)]);
      return { ...found, incidents: found.incidents.map((incident) => withSilences(incident, silences)) };
    },
    summary: async (filter, request, asker) => await summaryOf(conditionsOf(filter), request, lookupFor(asker)),
    async *refs(filter, asker) {
      const lookup = lookupFor(asker);
      const conditions = conditionsOf(filter);
      const query = queryOf(conditions, await contextOf(conditions, lookup));
      for await (const hits of allHits(lookup.searchIncidents, query, ['foghorn.incident']))
        yield hits.map(toIncidentRef);
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

function withSilences(incident: IncidentView, silences: readonly ReadSilence[]): IncidentView {
  if (silences.length === 0 || incident.state === 'resolved') return incident;
  const silencedBy = silencesOf(labelsOfView(incident), silences);
  return silencedBy.length === 0 ? incident : { ...incident, silencedBy: [...silencedBy] };
}
