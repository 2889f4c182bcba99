// The incidents that a filter matches, counted: by facet, and by group over all of them.
import { z } from '@hono/zod-openapi';
import { contextOf, type Lookup } from './filter-lookup.ts';
import { facetsBody, facetsIn, facetsView } from './incident-facets.ts';
import { type Conditions, queryOf } from './incident-filter.ts';
import {
  countsOfAll,
  type GroupKey,
  incidentGroups,
  incidentGroupView,
  NEW_MS,
  partsOfAll,
} from './incident-groups.ts';

const count = z.int();

/** The answer. */
export const incidentSummaryView = z
  .object({
    total: count,
    open: count,
    acknowledged: count,
    resolved: count,
    hosts: count.meta({ description: 'The number of hosts; above 3,000 nearly exact.' }),
    new: count.meta({ description: 'Opened since newSince.' }),
    newSince: z.iso.datetime().meta({ description: '5 minutes ago, UTC.' }),
    now: z.iso.datetime().meta({ description: "The console's clock, UTC." }),
    facets: facetsView,
    groups: z.array(incidentGroupView).meta({ description: 'The worst and largest first; none without by.' }),
    groupsTotal: count.meta({ description: 'How many groups there are, listed or not.' }),
    groupsCut: z.literal(true).optional().meta({ description: 'There are more groups than were counted.' }),
  })
  .openapi('IncidentSummary');

/** See `incidentSummaryView`. */
export type IncidentSummary = z.infer<typeof incidentSummaryView>;

/** What to count. */
export interface SummaryRequest {
  readonly by: readonly GroupKey[];
  /** The most groups in the answer. */
  readonly groups: number;
}

/** Counts. Throws Unavailable, and Refusal 400 for what Elasticsearch refuses. */
export async function summaryOf(
  conditions: Conditions,
  { by, groups: limit }: SummaryRequest,
  lookup: Lookup,
): Promise<IncidentSummary> {
  const { searchIncidents: search, nowMs } = lookup;
  const context = await contextOf(conditions, lookup, { countsFlags: true });
  const query = queryOf(conditions, context);
  const [all, facets, { groups, total: groupsTotal, isCut }] = await Promise.all([
    search({ size: 0, track_total_hits: true, query, aggs: partsOfAll(nowMs) }),
    search(facetsBody(conditions, context)),
    by.length === 0 ? { groups: [], total: 0, isCut: false } : incidentGroups(search, query, { by, limit, nowMs }),
  ]);
  return {
    total: all.total,
    ...countsOfAll(all.aggregations),
    newSince: new Date(nowMs - NEW_MS).toISOString(),
    now: new Date(nowMs).toISOString(),
    facets: facetsIn(facets),
    groups: [...groups],
    groupsTotal,
    ...(isCut ? { groupsCut: true } : {}),
  };
}
