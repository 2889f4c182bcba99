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
  sources: {
    name: 'foghorn_sources',
    kind: 'gauge',
    help: 'Sources (a channel of a host) that this enricher has, by state: silent, late, clock_off or ok.',
    labels: ['state'],
  },
  sourceAlarms: {
    name: 'foghorn_source_alarms_total',
    kind: 'counter',
    help: 'Alarms that sources raised, by kind: silent, late, clock_off or missing.',
    labels: ['kind'],
  },
  sourceAlarmsEnded: {
    name: 'foghorn_source_alarms_ended_total',
    kind: 'counter',
    help: 'Alarms of sources that their events ended, by kind.',
    labels: ['kind'],
  },
  sourceRecords: {
    name: 'foghorn_source_records_total',
    kind: 'counter',
    help: 'Records of sources, by what their record id showed: missing (reported as not come), late (came after that), restarted (the log has a new numbering), unwatched (a gap of a complete source was given up because too many were open) or unusable (no id that counts).',
    labels: ['outcome'],
  },
  sourcesDropped: {
    name: 'foghorn_sources_dropped_total',
    kind: 'counter',
    help: 'Sources dropped because they were not seen for long, or because there are more than enricher.sources.max.',
  },
  sourceEventsUncounted: {
    name: 'foghorn_source_events_uncounted_total',
    kind: 'counter',
    help: 'Events that were enriched and not counted for their source, because its snapshots could not be read for long.',
  },
} as const;

/** The enricher's own metrics. */
export type EnricherMetrics = Metrics<typeof ENRICHER_METRICS>;

/** Declares them. */
export function declareEnricherMetrics(registry: Registry): EnricherMetrics {
  return declareMetrics(registry, ENRICHER_METRICS);
}
