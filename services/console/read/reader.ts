// Reads incidents, their timelines, the events around them and silences from Elasticsearch.
import type { RemediationFields } from '../../../shared/contracts/incident-document.ts';
import type { Elasticsearch } from '../../../shared/elasticsearch/client.ts';
import type { IndexNames } from '../../../shared/elasticsearch/names.ts';
import type { SearchIn } from './buckets.ts';
import { type FailedDelivery, failedDeliveries } from './failed-deliveries.ts';
import { eventsAround, type Near, type Part, timelineOf } from './history.ts';
import { matchesOfSilences } from './filter-lookup.ts';
import { type Asker, createFilteredReads, type FilteredReads } from './filtered-reads.ts';
import { hostEvents, hostSilences, type HostView } from './host.ts';
import { contextAround, type ContextRequest, type IncidentContext } from './incident-context.ts';
import { createIncidentList } from './incident-list.ts';
import { type IncidentEvents, incidentEvents, type RecentEvents, recentEvents } from './recent-events.ts';
import { createSearch } from './search.ts';
import { shareAnswers } from './shared-answers.ts';
import { silencesNow } from './silences.ts';
import { listSources, type SourcePage, type SourceQuery } from './sources.ts';
import type { ActivityEntryView, EventView } from './entry-views.ts';
import { type Hit, incidentDocumentIn, type IncidentView, type SilenceView, viewOfDocument } from './views.ts';

/** One incident in full. */
interface IncidentDetail {
  readonly incident: IncidentView;
  readonly remediation: RemediationFields;
}

/**
 * Reads. Calls throw Unavailable, and Refusal 400 for a filter that is none and a search that
 * Elasticsearch refuses.
 */
export interface Reader extends FilteredReads {
  /** What there is to know around an incident; undefined when there is none. */
  context(id: string, request: ContextRequest, signal: AbortSignal): Promise<IncidentContext | undefined>;
  /** A host by its name. */
  host(host: string, limit: number, asker: Asker): Promise<HostView>;
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
  sources(query: SourceQuery, signal: AbortSignal): Promise<SourcePage>;
  /** The events of the last hour, counted; one answer for all who ask at about the same time. */
  recentEvents(): Promise<RecentEvents>;
  /** Those of the incidents with these ids. */
  incidentEvents(ids: readonly string[]): Promise<IncidentEvents>;
  /** Silences as they are now, those that end last first. */
  silences(nowMs: number, signal: AbortSignal): Promise<readonly SilenceView[]>;
  /** How many unresolved incidents each of these matches, by its id. */
  matchesOf(
    silences: readonly Pick<SilenceView, 'id' | 'matchers'>[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>>;
}

/** A reader of these indices; `now` gives epoch milliseconds. */
export function createReader(elasticsearch: Elasticsearch, names: IndexNames, now: () => number): Reader {
  const search = createSearch(elasticsearch);
  const within =
    (index: string, signal?: AbortSignal): SearchIn =>
    async (body) =>
      await search(index, body, signal);
  const byFilter = createFilteredReads({
    list: createIncidentList(elasticsearch, names.incidents),
    lookupFor: ({ actor, signal }) => ({
      searchIncidents: within(names.incidents, signal),
      searchActions: within(names.actions, signal),
      actor,
      nowMs: now(),
    }),
  });
  const hitOf = createFind(elasticsearch, names.incidents);
  return {
    ...byFilter,
    ...recentReads(within(names.events), now),
    context: async (id, request, signal) => {
      const hit = await hitOf(id, signal);
      const [incidents, actions, events] = [names.incidents, names.actions, names.events].map((index) =>
        within(index, signal),
      ) as [SearchIn, SearchIn, SearchIn];
      return hit === undefined ? undefined : await contextAround(hit, request, { incidents, actions, events });
    },
    host: async (host, limit, asker) => {
      const [{ total, incidents }, events, silences] = await Promise.all([
        byFilter.list({ host: [host] }, { sort: '-updated', limit }, asker),
        hostEvents(within(names.events, asker.signal), host, now()),
        hostSilences(within(names.actions, asker.signal), host, now()),
      ]);
      return { host, total, incidents, ...events, silences };
    },
    find: async (id, signal) => {
      const hit = await hitOf(id, signal);
      if (hit === undefined) return undefined;
      const document = incidentDocumentIn(hit);
      const incident = await byFilter.silenced(viewOfDocument(document), signal);
      return { incident, remediation: document.foghorn.remediation };
    },
    timeline: (id, limit, signal) => timelineOf(within(names.actions, signal), id, limit),
    around: (near, signal) => eventsAround(within(names.events, signal), near),
    failedDeliveries: (receiver, limit, signal) => failedDeliveries(within(names.actions, signal), receiver, limit),
    sources: (query, signal) => listSources(within(names.sources, signal), query),
    silences: (nowMs, signal) => silencesNow(within(names.actions, signal), nowMs),
    matchesOf: (silences, signal) => matchesOfSilences(within(names.incidents, signal), silences),
  };
}

/** Less than the 5 s after which a page asks again. */
const SHARED_FOR_MS = 4000;

/** Counts of the last hour. Who asked first may leave: the others wait for the same answer. */
function recentReads(search: SearchIn, now: () => number): Pick<Reader, 'recentEvents' | 'incidentEvents'> {
  const common = { keepMs: SHARED_FOR_MS, now };
  const all = shareAnswers({ ...common, read: async () => new Map([['', await recentEvents(search, now())]]) });
  const ofIncidents = shareAnswers({ ...common, read: async (ids) => await incidentEvents(ids, search, now()) });
  return {
    recentEvents: async () => (await all(['']))[0] as RecentEvents,
    incidentEvents: async (ids) => {
      const counts = await ofIncidents(ids);
      return { incidents: Object.fromEntries(ids.map((id, index) => [id, counts[index] ?? []])) };
    },
  };
}

/** Finds a document by its id, refreshed or not. */
function createFind(elasticsearch: Elasticsearch, index: string) {
  return async (id: string, signal: AbortSignal): Promise<Hit | undefined> => {
    const path = `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(id)}`;
    const { status, body } = await elasticsearch.request({ method: 'GET', path }, signal);
    return status === 200 ? (body as Hit) : undefined;
  };
}
