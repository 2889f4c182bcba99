// Deliveries that failed for good, read from the activity stream without those that were made
// since.
import { z } from '@hono/zod-openapi';
import { bucketPages, type SearchIn } from './buckets.ts';
import type { Part } from './history.ts';
import type { Json } from './filter-fields.ts';
import { toActivityEntryView } from './entry-views.ts';
import { type Doc, type Hit, partOf } from './views.ts';

/** A delivery that failed. */
export const failedDeliveryView = z
  .object({
    id: z.string().meta({ description: 'What a redrive names.' }),
    receiver: z.string(),
    at: z.iso.datetime().meta({ description: 'UTC' }),
    reason: z.string(),
    error: z.string(),
    incidents: z.int().meta({ description: 'Number of incidents in the message that failed.' }),
    incidentId: z
      .string()
      .optional()
      .meta({ description: 'One of them; missing where a bug ended the delivery before they were read.' }),
    host: z.string().optional(),
  })
  .openapi('FailedDelivery');

/** See `failedDeliveryView`. */
export type FailedDelivery = z.infer<typeof failedDeliveryView>;

/** How long the queue keeps failed deliveries. */
const SINCE = 'now-30d';
const BY_DELIVERY = 'foghorn.action.delivery_id';

const PAGE_SIZE = 1000;

interface Bucket {
  readonly key: string;
  readonly incidents?: { readonly value: number };
  readonly entry?: { readonly hits: { readonly hits: readonly Hit[] } };
}

/** A delivery that failed, and when it did last, epoch milliseconds. */
interface Failed {
  readonly id: string;
  readonly lastMs: number;
}

/** The latest, at most `limit`, and how many there are. `search` reads the activity stream. */
export async function failedDeliveries(
  search: SearchIn,
  receiver: string | undefined,
  limit: number,
): Promise<Part<FailedDelivery>> {
  const ofReceiver = receiver === undefined ? [] : [{ term: { 'foghorn.action.receiver': receiver } }];
  const failed = await stillFailed(search, ofReceiver);
  const ids = failed.slice(0, limit).map(({ id }) => id);
  if (ids.length === 0) return { total: 0, items: [] };
  const { aggregations } = await search({
    size: 0,
    query: entriesOf('delivery_failed', [{ terms: { [BY_DELIVERY]: ids } }]),
    aggs: {
      deliveries: {
        terms: { field: BY_DELIVERY, size: ids.length },
        aggs: {
          incidents: { cardinality: { field: 'foghorn.incident.id' } },
          entry: { top_hits: { size: 1, sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }] } },
        },
      },
    },
  });
  const byId = new Map(bucketsIn(aggregations).map((bucket) => [bucket.key, bucket]));
  return { total: failed.length, items: ids.flatMap((id) => viewOf(byId.get(id))) };
}

/**
 * Failed deliveries that were not made since, the latest first; the limit applies after all were
 * read.
 */
async function stillFailed(search: SearchIn, filters: readonly Json[]): Promise<readonly Failed[]> {
  const failed: Failed[] = [];
  const query = entriesOf('delivery_failed', filters);
  const sources = { id: { terms: { field: BY_DELIVERY } } };
  const aggs = { last: { max: { field: '@timestamp' } } };
  for await (const page of bucketPages(search, { query, sources, aggs, pageSize: PAGE_SIZE })) {
    const made = await madeOf(
      search,
      page.map(({ key }) => String(key['id'])),
    );
    for (const { key, parts } of page)
      if (!made.has(String(key['id'])))
        failed.push({ id: String(key['id']), lastMs: Number(partOf(parts, 'last')['value']) });
  }
  return failed.sort((left, right) => right.lastMs - left.lastMs || (left.id < right.id ? -1 : 1));
}

/** Which of these deliveries were made in the end. */
async function madeOf(search: SearchIn, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { aggregations } = await search({
    size: 0,
    query: entriesOf('notified', [{ terms: { [BY_DELIVERY]: ids } }]),
    aggs: { deliveries: { terms: { field: BY_DELIVERY, size: ids.length } } },
  });
  return new Set(bucketsIn(aggregations).map(({ key }) => key));
}

function entriesOf(type: string, filters: readonly Json[]): Json {
  const filter = [{ term: { 'event.action': type } }, { range: { '@timestamp': { gte: SINCE } } }, ...filters];
  return { bool: { filter } };
}

function bucketsIn(aggregations: Doc): readonly Bucket[] {
  return (partOf(aggregations, 'deliveries')['buckets'] ?? []) as readonly Bucket[];
}

function viewOf(bucket: Bucket | undefined): readonly FailedDelivery[] {
  const hit = bucket?.entry?.hits.hits[0];
  if (bucket === undefined || hit === undefined) return [];
  const { at, reason, receiver = '', error = '' } = toActivityEntryView(hit);
  const { id: incidentId } = partOf(hit._source, 'foghorn', 'incident');
  const { name: host } = partOf(hit._source, 'host');
  const incidents = bucket.incidents?.value ?? 1;
  const view = { id: bucket.key, receiver, at, reason, error, incidents };
  return [
    {
      ...view,
      ...(typeof incidentId === 'string' ? { incidentId } : {}),
      ...(typeof host === 'string' ? { host } : {}),
    },
  ];
}
