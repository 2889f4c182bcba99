// What a bulk request would change: by severity, state and host, and who was notified of it.
import { SEVERITIES, type Severity } from '../../../shared/contracts/remediation.ts';
import { allHits } from './all-hits.ts';
import type { SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import { countsIn } from './incident-groups.ts';
import { partOf, toIncidentRef } from './views.ts';

/** What it would change. */
export interface BulkPreview {
  readonly total: number;
  readonly hosts: number;
  readonly bySeverity: Partial<Record<Severity, number>>;
  readonly byState: Readonly<Record<string, number>>;
  /** Receivers that were notified of some of the incidents, the most first. */
  readonly notified: readonly { readonly receiver: string; readonly incidents: number }[];
}

const PRECISE_HOSTS = 3000;
const MAX_RECEIVERS = 100;
/** The most ids that one search takes. */
const IDS_AT_A_TIME = 10_000;

/** Counts what `query` matches. */
export async function bulkPreview(query: Json, incidents: SearchIn, actions: SearchIn): Promise<BulkPreview> {
  const { total, aggregations } = await incidents({
    size: 0,
    track_total_hits: true,
    query,
    aggs: {
      severities: { terms: { field: 'foghorn.incident.severity' } },
      states: { terms: { field: 'foghorn.incident.state' } },
      hosts: { cardinality: { field: 'host.name', precision_threshold: PRECISE_HOSTS } },
    },
  });
  const severities = countsIn(aggregations, 'severities');
  const bySeverity = Object.fromEntries(
    SEVERITIES.flatMap((severity) => (severities.has(severity) ? [[severity, severities.get(severity)]] : [])),
  ) as BulkPreview['bySeverity'];
  return {
    total,
    hosts: Number(partOf(aggregations, 'hosts')['value'] ?? 0),
    bySeverity,
    byState: Object.fromEntries(countsIn(aggregations, 'states')),
    notified: await notifiedOf(query, incidents, actions),
  };
}

async function notifiedOf(query: Json, incidents: SearchIn, actions: SearchIn): Promise<BulkPreview['notified']> {
  const ids: string[] = [];
  for await (const page of allHits(incidents, query, ['foghorn.incident']))
    ids.push(...page.map((hit) => toIncidentRef(hit).id));
  const counts = new Map<string, number>();
  for (let from = 0; from < ids.length; from += IDS_AT_A_TIME) {
    const { aggregations } = await actions({
      size: 0,
      query: {
        bool: {
          filter: [
            { term: { 'event.action': 'notified' } },
            { terms: { 'foghorn.incident.id': ids.slice(from, from + IDS_AT_A_TIME) } },
          ],
        },
      },
      aggs: {
        receivers: {
          terms: { field: 'foghorn.action.receiver', size: MAX_RECEIVERS },
          aggs: { incidents: { cardinality: { field: 'foghorn.incident.id', precision_threshold: PRECISE_HOSTS } } },
        },
      },
    });
    const buckets = (partOf(aggregations, 'receivers')['buckets'] ?? []) as readonly {
      readonly key: string;
      readonly incidents: { readonly value: number };
    }[];
    for (const { key, incidents: found } of buckets) counts.set(key, (counts.get(key) ?? 0) + found.value);
  }
  return [...counts]
    .map(([receiver, count]) => ({ receiver, incidents: count }))
    .sort((left, right) => right.incidents - left.incidents);
}
