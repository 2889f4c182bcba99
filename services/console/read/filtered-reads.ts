// What is read of incidents by a filter: lists, counts, all of them.
import { allHits } from './all-hits.ts';
import { type BulkPreview, bulkPreview } from './bulk-preview.ts';
import { contextOf, type Lookup, silencesActive } from './filter-lookup.ts';
import { conditionsOf, type IncidentFilter, queryOf } from './incident-filter.ts';
import { type createIncidentList, type IncidentPage, type PageRequest, readHits } from './incident-list.ts';
import { type IncidentSummary, summaryOf, type SummaryRequest } from './incident-summary.ts';
import { labelsOfView, type ReadSilence, silencesOf } from './labels.ts';
import { type IncidentRef, type IncidentView, toIncidentRef } from './views.ts';

/** Who reads, which decides what `assignee:me` is; and when it is of no use any more. */
export interface Asker {
  readonly actor: string;
  readonly signal: AbortSignal;
}

/** Reads by a filter. Throws what `Reader` throws. */
export interface FilteredReads {
  list(filter: IncidentFilter, page: PageRequest, asker: Asker): Promise<IncidentPage>;
  /** The incidents that match, counted by facet and by group. */
  summary(filter: IncidentFilter, request: SummaryRequest, asker: Asker): Promise<IncidentSummary>;
  /** What a command for all that match would change. */
  preview(filter: IncidentFilter, asker: Asker): Promise<BulkPreview>;
  /** All incidents that match in full, page by page. Those that cannot be read are left out. */
  views(filter: IncidentFilter, asker: Asker): AsyncGenerator<readonly IncidentView[]>;
  /** All incidents that match, page by page. */
  refs(filter: IncidentFilter, asker: Asker): AsyncGenerator<readonly IncidentRef[]>;
}

/** The reads, and what completes an incident that was read by its id. */
interface FilteredReadsAndSilences extends FilteredReads {
  /** The incident with the silences that match it now. */
  silenced(incident: IncidentView, signal: AbortSignal): Promise<IncidentView>;
}

/** What the reads use. */
interface FilteredParts {
  readonly list: ReturnType<typeof createIncidentList>;
  lookupFor(asker: Asker): Lookup;
}

/** The reads. */
export function createFilteredReads({ list, lookupFor }: FilteredParts): FilteredReadsAndSilences {
  const queryFor = async (filter: IncidentFilter, asker: Asker) => {
    const lookup = lookupFor(asker);
    const conditions = conditionsOf(filter);
    return { query: queryOf(conditions, await contextOf(conditions, lookup)), lookup };
  };
  return {
    silenced: async (incident, signal) =>
      withSilences(incident, await silencesActive(lookupFor({ actor: '', signal }))),
    list: async (filter, page, asker) => {
      const { query, lookup } = await queryFor(filter, asker);
      const [found, silences] = await Promise.all([list(query, page, asker.signal), silencesActive(lookup)]);
      return { ...found, incidents: found.incidents.map((incident) => withSilences(incident, silences)) };
    },
    summary: async (filter, request, asker) => await summaryOf(conditionsOf(filter), request, lookupFor(asker)),
    preview: async (filter, asker) => {
      const { query, lookup } = await queryFor(filter, asker);
      return await bulkPreview(query, lookup.searchIncidents, lookup.searchActions);
    },
    async *views(filter, asker) {
      const { query, lookup } = await queryFor(filter, asker);
      for await (const hits of allHits(lookup.searchIncidents, query, true)) yield readHits(hits).incidents;
    },
    async *refs(filter, asker) {
      const { query, lookup } = await queryFor(filter, asker);
      for await (const hits of allHits(lookup.searchIncidents, query, ['foghorn.incident']))
        yield hits.map(toIncidentRef);
    },
  };
}

function withSilences(incident: IncidentView, silences: readonly ReadSilence[]): IncidentView {
  if (silences.length === 0 || incident.state === 'resolved') return incident;
  const silencedBy = silencesOf(labelsOfView(incident), silences);
  return silencedBy.length === 0 ? incident : { ...incident, silencedBy: [...silencedBy] };
}
