// The enricher's metrics besides those of its stage.
import { declareMetrics, type Metrics, type Registry } from '../../shared/runtime/metrics.ts';

/** The declarations of the metrics. */
export const ENRICHER_METRICS = {
  enrichLatencySeconds: {
    name: 'foghorn_enrich_latency_seconds',
    kind: 'histogram',
    help: 'From acceptance at the collector to enriched.',
    labels: [],
  },
  catalogEntries: { name: 'foghorn_catalog_entries', kind: 'gauge', help: 'Entries of the catalogue in force.' },
  catalogIsRefused: {
    name: 'foghorn_catalog_is_refused',
    kind: 'gauge',
    help: '1 while the catalogue’s files have a problem and an earlier catalogue stays in force, else 0.',
  },
} as const;

/** The enricher's own metrics. */
export type EnricherMetrics = Metrics<typeof ENRICHER_METRICS>;

/** Declares them. */
export function declareEnricherMetrics(registry: Registry): EnricherMetrics {
  return declareMetrics(registry, ENRICHER_METRICS);
}
