// What every stage counts; runStage does it, the stages do not.
import { declareMetrics, type Metrics, type Registry } from '../runtime/metrics.ts';
import type { LagDisplay } from './lag.ts';

/** The declarations of the metrics of whoever reads in a group, a stage or an input. */
export const LAG_METRICS = {
  lagRecords: {
    name: 'foghorn_lag_records',
    kind: 'gauge',
    help: 'Records that the group has not done, of every partition of the topic; each member of the group shows the same.',
    labels: ['stage', 'topic', 'partition'],
  },
  stageStalledSeconds: {
    name: 'foghorn_stage_stalled_seconds',
    kind: 'gauge',
    help: 'Seconds since the group last committed in a partition in which records wait; 0 when it moves or none wait.',
    labels: ['stage', 'topic', 'partition'],
  },
} as const;

/** The declarations of the metrics. */
export const STAGE_METRICS = {
  recordsRead: {
    name: 'foghorn_records_read_total',
    kind: 'counter',
    help: 'Records read from the source topic.',
    labels: ['stage', 'topic'],
  },
  bytesRead: {
    name: 'foghorn_bytes_read_total',
    kind: 'counter',
    help: 'Bytes of record values read.',
    labels: ['stage', 'topic'],
  },
  verdicts: {
    name: 'foghorn_verdicts_total',
    kind: 'counter',
    help: 'What became of the records: emit, skip or dead.',
    labels: ['stage', 'verdict'],
  },
  recordsWritten: {
    name: 'foghorn_records_written_total',
    kind: 'counter',
    help: 'Records produced, by topic.',
    labels: ['stage', 'topic'],
  },
  deadLetters: {
    name: 'foghorn_dead_letters_total',
    kind: 'counter',
    help: 'Records that became dead letters, by reason.',
    labels: ['stage', 'reason'],
  },
  batchRecords: {
    name: 'foghorn_batch_records',
    kind: 'histogram',
    help: 'Records in a batch.',
    labels: ['stage'],
    buckets: [1, 5, 10, 50, 100, 500, 1000, 5000, 10_000],
  },
  ...LAG_METRICS,
  dependencyRetries: {
    name: 'foghorn_dependency_retries_total',
    kind: 'counter',
    help: 'Retries of a batch because a dependency was unavailable.',
    labels: ['stage'],
  },
  stageSeconds: {
    name: 'foghorn_stage_seconds',
    kind: 'histogram',
    help: 'Time a batch took from decoding to commit.',
    labels: ['stage'],
  },
} as const;

/** The metrics of a stage's loop. */
export type StageMetrics = Metrics<typeof STAGE_METRICS>;

/** Declares the loop's metrics once for a service; all of its stages share them. */
export function declareStageMetrics(registry: Registry): StageMetrics {
  return declareMetrics(registry, STAGE_METRICS);
}

/** Shows the lag of a group in a topic by the metrics, under these labels. */
export function showLag(
  { lagRecords, stageStalledSeconds }: Metrics<typeof LAG_METRICS>,
  labels: { readonly stage: string; readonly topic: string },
): LagDisplay {
  return {
    set: (partition, { records, stalledSeconds }) => {
      lagRecords.set({ ...labels, partition }, records);
      stageStalledSeconds.set({ ...labels, partition }, stalledSeconds);
    },
    remove: (partition) => {
      lagRecords.remove({ ...labels, partition });
      stageStalledSeconds.remove({ ...labels, partition });
    },
  };
}
