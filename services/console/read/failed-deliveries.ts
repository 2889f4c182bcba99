// Deliveries that failed for good: read from the rows of the action stream, those that were made since left out.
import { z } from 'zod';
import type { Json } from './incident-filter.ts';
import type { Found } from './search.ts';
import { type Hit, partOf, toActionView } from './views.ts';

/** A delivery that failed. */
export const failedDeliveryView = z
  .object({
    id: z.string().meta({ description: 'What a redrive names.' }),
    receiver: z.string(),
    at: z.iso.datetime().meta({ description: 'UTC' }),
    reason: z.string(),
    error: z.string(),
    incidents: z.int().meta({ description: 'How many incidents nobody was told of by it.' }),
    incidentId: z.string().meta({ description: 'One of them.' }),
    host: z.string(),
  })
  .meta({ id: 'FailedDelivery' });

/** See `failedDeliveryView`. */
export type FailedDelivery = z.infer<typeof failedDeliveryView>;

/** The queue forgets failed deliveries after so long. */
const SINCE = 'now-30d';
const BY_DELIVERY = 'foghorn.action.delivery_id';

interface Bucket {
  readonly key: string;
  readonly doc_count: number;
  readonly row?: { readonly hits: { readonly hits: readonly Hit[] } };
}

/** The latest, at most `limit`. `search` looks into the action stream. */
export async function failedDeliveries(
  search: (body: Json) => Promise<Found>,
  receiver: string | undefined,
  limit: number,
): Promise<readonly FailedDelivery[]> {
  const ofReceiver = receiver === undefined ? [] : [{ term: { 'foghorn.action.channel': receiver } }];
  const failed = bucketsIn(
    await search({
      ...rowsOf('delivery_failed', ofReceiver),
      aggs: {
        deliveries: {
          terms: { field: BY_DELIVERY, size: limit, order: { last: 'desc' } },
          aggs: {
            last: { max: { field: '@timestamp' } },
            row: { top_hits: { size: 1, sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }] } },
          },
        },
      },
    }),
  );
  if (failed.length === 0) return [];
  const ids = failed.map(({ key }) => key);
  const body = rowsOf('notified', [{ terms: { [BY_DELIVERY]: ids } }]);
  const aggs = { deliveries: { terms: { field: BY_DELIVERY, size: ids.length } } };
  const made = new Set(bucketsIn(await search({ ...body, aggs })).map(({ key }) => key));
  return failed.filter(({ key }) => !made.has(key)).flatMap(viewOf);
}

function rowsOf(type: string, filters: readonly Json[]): Json {
  const filter = [{ term: { 'event.action': type } }, { range: { '@timestamp': { gte: SINCE } } }, ...filters];
  return { size: 0, query: { bool: { filter } } };
}

function bucketsIn({ aggregations }: Found): readonly Bucket[] {
  return (partOf(aggregations, 'deliveries')['buckets'] ?? []) as readonly Bucket[];
}

function viewOf({ key, doc_count, row }: Bucket): readonly FailedDelivery[] {
  const hit = row?.hits.hits[0];
  if (hit === undefined) return [];
  const { at, reason, channel = '', error = '' } = toActionView(hit);
  const incidentId = String(partOf(hit._source, 'foghorn', 'incident')['id']);
  const host = String(partOf(hit._source, 'host')['name']);
  return [{ id: key, receiver: channel, at, reason, error, incidents: doc_count, incidentId, host }];
}
