// The events of the last hour, by when they were received: all of them, and those of incidents.
import { z } from '@hono/zod-openapi';
import type { SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import { NEW_MS, recentOf, STEPS, stepsBy } from './incident-groups.ts';
import { partOf } from './views.ts';

const RECEIVED = 'foghorn.received';

/** The answer about all events. */
export const recentEventsView = z
  .object({
    events: z.int().meta({ description: 'Received in the last hour.' }),
    hosts: z.int().meta({ description: 'From so many hosts; above 3,000 nearly exact.' }),
    lastReceived: z.iso.datetime().optional().meta({ description: 'Of all time; missing when there is no event.' }),
    now: z.iso.datetime().meta({ description: "The console's clock, UTC." }),
  })
  .openapi('RecentEvents');

/** See `recentEventsView`. */
export type RecentEvents = z.infer<typeof recentEventsView>;

/** The answer about incidents. */
export const incidentEventsView = z
  .object({
    incidents: z.record(z.string(), z.array(z.int())).meta({
      description: 'By the id of the incident: received in each 5 minutes of the last hour, the oldest first.',
    }),
  })
  .openapi('IncidentEvents');

/** See `incidentEventsView`. */
export type IncidentEvents = z.infer<typeof incidentEventsView>;

const PRECISE_HOSTS = 3000;

function lastHour(nowMs: number): Json {
  const since = new Date(nowMs - STEPS * NEW_MS).toISOString();
  return { range: { [RECEIVED]: { gte: since, lte: new Date(nowMs).toISOString() } } };
}

/** Counts them; `search` reads the event stream. */
export async function recentEvents(search: SearchIn, nowMs: number): Promise<RecentEvents> {
  const [counted, latest] = await Promise.all([
    search({
      size: 0,
      track_total_hits: true,
      query: lastHour(nowMs),
      aggs: { hosts: { cardinality: { field: 'host.name', precision_threshold: PRECISE_HOSTS } } },
    }),
    search({
      size: 1,
      track_total_hits: false,
      _source: [RECEIVED],
      sort: [{ [RECEIVED]: { order: 'desc', unmapped_type: 'date' } }],
    }),
  ]);
  const { received: lastReceived } = partOf(latest.hits[0]?._source, 'foghorn');
  return {
    events: counted.total,
    hosts: Number(partOf(counted.aggregations, 'hosts')['value'] ?? 0),
    ...(typeof lastReceived === 'string' ? { lastReceived: new Date(lastReceived).toISOString() } : {}),
    now: new Date(nowMs).toISOString(),
  };
}

/** Where to look. */
interface IncidentEventsSearches {
  readonly incidents: SearchIn;
  readonly events: SearchIn;
}

const TITLE = 'foghorn.remediation.title';

/**
 * Counts the events of incidents. An event is that of the incident with its host and title, which
 * has the values that distinguish incidents.
 */
export async function incidentEvents(
  ids: readonly string[],
  searches: IncidentEventsSearches,
  nowMs: number,
): Promise<IncidentEvents> {
  const { hits } = await searches.incidents({
    size: ids.length,
    query: { terms: { 'foghorn.incident.id': ids } },
    _source: ['foghorn.incident.id', 'host.name', TITLE],
  });
  const found = hits.map(({ _source: doc }) => ({
    id: String(partOf(doc, 'foghorn', 'incident')['id']),
    host: String(partOf(doc, 'host')['name']),
    title: String(partOf(doc, 'foghorn', 'remediation')['title']),
  }));
  if (found.length === 0) return { incidents: {} };
  const filters = Object.fromEntries(
    found.map(({ id, host, title }) => [
      id,
      { bool: { filter: [{ term: { 'host.name': host } }, { term: { [TITLE]: title } }] } },
    ]),
  );
  const hosts = [...new Set(found.map(({ host }) => host))];
  const { aggregations } = await searches.events({
    size: 0,
    query: { bool: { filter: [lastHour(nowMs), { terms: { 'host.name': hosts } }] } },
    aggs: { incidents: { filters: { filters }, aggs: { steps: stepsBy(RECEIVED) } } },
  });
  const counts = partOf(aggregations, 'incidents', 'buckets');
  return { incidents: Object.fromEntries(found.map(({ id }) => [id, recentOf(partOf(counts, id), nowMs)])) };
}
