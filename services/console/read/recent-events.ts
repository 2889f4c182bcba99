// The events of the last hour, by when they were received: all of them, and those of incidents.
import { z } from '@hono/zod-openapi';
import type { SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import { NEW_MS, recentOf, STEPS, stepsBy } from './incident-groups.ts';
import { type Doc, partOf } from './views.ts';

const RECEIVED = 'foghorn.received';

/** The answer about all events. */
export const recentEventsView = z
  .object({
    events: z.int().meta({ description: 'Received in the last hour.' }),
    hosts: z.int().meta({ description: 'From so many hosts; above 3,000 nearly exact.' }),
    lastReceived: z.iso.datetime().optional().meta({ description: 'Of all time; missing when there is no event.' }),
    now: z.iso
      .datetime()
      .meta({ description: "The console's clock when they were counted, UTC; up to 4 seconds ago." }),
  })
  .openapi('RecentEvents');

/** See `recentEventsView`. */
export type RecentEvents = z.infer<typeof recentEventsView>;

/** The answer about incidents. */
export const incidentEventsView = z
  .object({
    incidents: z.record(z.string(), z.array(z.int()).readonly()).meta({
      description:
        'By the id of the incident: received in each 5 minutes of the last hour, the oldest first. Up to 4 seconds old.',
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

const INCIDENT = 'foghorn.incident.id';

/** Counts the events of each incident, by its id; `search` reads the event stream. */
export async function incidentEvents(
  ids: readonly string[],
  search: SearchIn,
  nowMs: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { aggregations } = await search({
    size: 0,
    track_total_hits: false,
    query: { bool: { filter: [lastHour(nowMs), { terms: { [INCIDENT]: ids } }] } },
    aggs: { incidents: { terms: { field: INCIDENT, size: ids.length }, aggs: { steps: stepsBy(RECEIVED) } } },
  });
  const buckets = (partOf(aggregations, 'incidents')['buckets'] ?? []) as readonly Doc[];
  const found = new Map(buckets.map((bucket) => [bucket['key'], bucket]));
  return new Map(ids.map((id) => [id, recentOf(found.get(id) ?? {}, nowMs)]));
}
