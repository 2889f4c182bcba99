// The indexer's metrics besides those of its stages.
import { declareMetrics, type Metrics, type Registry } from '../../shared/runtime/metrics.ts';

/** The declarations of the metrics. */
export const INDEXER_METRICS = {
  indexedDocuments: {
    name: 'foghorn_indexed_documents_total',
    kind: 'counter',
    help: 'Documents settled by Elasticsearch: created, exists (it was there), conflict (another of its id was there), refused.',
    labels: ['target', 'outcome'],
  },
  bulkRequests: {
    name: 'foghorn_bulk_requests_total',
    kind: 'counter',
    help: 'Bulk requests: answered, too_big (split and sent again), failed.',
    labels: ['target', 'outcome'],
  },
  bulkBytes: {
    name: 'foghorn_bulk_bytes_total',
    kind: 'counter',
    help: 'Bytes of bulk requests sent.',
    labels: ['target'],
  },
  bulkSizeBytes: {
    name: 'foghorn_bulk_size_bytes',
    kind: 'gauge',
    help: 'The size that bulk requests are cut to now.',
  },
  bulkSeconds: {
    name: 'foghorn_bulk_seconds',
    kind: 'histogram',
    help: 'Time a bulk request took.',
    labels: ['target'],
  },
  bulkRetries: {
    name: 'foghorn_bulk_retries_total',
    kind: 'counter',
    help: 'Documents sent again because Elasticsearch put them off.',
    labels: ['target'],
  },
  repeatLookups: {
    name: 'foghorn_repeat_lookups_total',
    kind: 'counter',
    help: 'Documents looked up because they may have been written before a rollover.',
    labels: ['target'],
  },
  indexLatencySeconds: {
    name: 'foghorn_index_latency_seconds',
    kind: 'histogram',
    help: 'Time from the collector to the index, for documents created.',
  },
} as const;

/** The indexer's metrics. */
export type IndexerMetrics = Metrics<typeof INDEXER_METRICS>;

/** Declares the indexer's metrics; once for a registry. */
export function declareIndexerMetrics(registry: Registry): IndexerMetrics {
  return declareMetrics(registry, INDEXER_METRICS);
}
