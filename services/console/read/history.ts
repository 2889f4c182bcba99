// What happened around an incident: the entries of its timeline, and what its host reported around
// a moment.
import type { SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import { type ActivityEntryView, type EventView, toActivityEntryView, toEventView } from './entry-views.ts';

/** Some of what there is, and how much there is. */
export interface Part<T> {
  readonly total: number;
  readonly items: readonly T[];
}

/** A host and a moment, and how far around it to look. */
export interface Near {
  readonly host: string;
  readonly at: string;
  readonly withinMs: number;
  /** At most so many before, and as many from then on. */
  readonly limit: number;
}

/**
 * The latest entries of an incident's timeline, oldest first. `search` reads the activity stream.
 */
export async function timelineOf(search: SearchIn, id: string, limit: number): Promise<Part<ActivityEntryView>> {
  const body = {
    size: limit,
    track_total_hits: true,
    query: { term: { 'foghorn.incident.id': id } },
    sort: [
      { '@timestamp': { order: 'desc', unmapped_type: 'date' } },
      { 'foghorn.incident.revision': { order: 'desc', unmapped_type: 'long' } },
    ],
  };
  const { total, hits } = await search(body);
  return { total, items: hits.map(toActivityEntryView).reverse() };
}

/** The events nearest to a moment, oldest first. `search` reads the event stream. */
export async function eventsAround(search: SearchIn, near: Near): Promise<Part<EventView>> {
  const [before, after] = await Promise.all([search(sideBody(near, 'before')), search(sideBody(near, 'after'))]);
  return { total: before.total + after.total, items: [...before.hits.reverse(), ...after.hits].map(toEventView) };
}

function sideBody({ host, at, withinMs, limit }: Near, side: 'before' | 'after'): Json {
  const atMs = Date.parse(at);
  const range =
    side === 'before'
      ? { gte: new Date(atMs - withinMs).toISOString(), lt: at }
      : { gte: at, lte: new Date(atMs + withinMs).toISOString() };
  return {
    size: limit,
    track_total_hits: true,
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
