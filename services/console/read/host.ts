// One host: its last event, and the silences that name it.
import type { SearchIn } from './buckets.ts';
import { type EventView, toEventView } from './entry-views.ts';
import { silencesNow } from './silences.ts';
import type { IncidentView, SilenceView } from './views.ts';
import { readAll } from '../../../shared/matchers/breadth.ts';
import { matchesAll } from '../../../shared/matchers/matcher.ts';

/** The last event of a host, and how many there were in the last hour. */
export interface HostEvents {
  readonly lastEvent?: EventView;
  readonly eventsLastHour: number;
}

/** A host. */
export interface HostView extends HostEvents {
  readonly host: string;
  /** The number of its incidents, listed or not. */
  readonly total: number;
  readonly incidents: readonly IncidentView[];
  readonly silences: readonly SilenceView[];
}

const HOUR_MS = 3_600_000;

/** Looks it up in the event stream. */
export async function hostEvents(search: SearchIn, host: string, nowMs: number): Promise<HostEvents> {
  const since = new Date(nowMs - HOUR_MS).toISOString();
  const until = new Date(nowMs).toISOString();
  const { hits, aggregations } = await search({
    size: 1,
    query: {
      bool: {
        filter: [
          { term: { 'host.name': { value: host, case_insensitive: true } } },
          // A clock that is ahead would make one event the last for good.
          { range: { '@timestamp': { lte: until } } },
        ],
      },
    },
    sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }],
    aggs: { lastHour: { filter: { range: { '@timestamp': { gte: since } } } } },
  });
  const [last] = hits.map(toEventView);
  const { doc_count: eventsLastHour = 0 } = (aggregations['lastHour'] ?? {}) as { readonly doc_count?: number };
  return { eventsLastHour, ...(last === undefined ? {} : { lastEvent: last }) };
}

/** The silences of now or later that name this host, whatever else they ask for. */
export async function hostSilences(search: SearchIn, host: string, nowMs: number): Promise<readonly SilenceView[]> {
  const all = await silencesNow(search, nowMs);
  return all.filter(({ state, matchers: texts }) => {
    const own = readAll(texts).matchers.filter(({ name }) => name === 'host');
    return state !== 'expired' && own.length > 0 && matchesAll(own, { host });
  });
}
