// What every stage counts; runStage does it, the stages do not.
import { declareMetrics, type Metrics, type Registry } from '../runtime/metrics.ts';

const TABLE = {
  recordsRead: { kind: 'counter', help: 'Records read from the source topic.', labels: ['stage', 'topic'] },
  bytesRead: { kind: 'counter', help: 'Bytes of record values read.', labels: ['stage', 'topic'] },
  verdicts: { kind: 'counter', help: 'What became of the records: emit, skip or dead.', labels: ['stage', 'verdict'] },
  recordsWritten: { kind: 'counter', help: 'Records produced, by topic.', labels: ['stage', 'topic'] },
  deadLetters: { kind: 'counter', help: 'Records that became dead letters, by reason.', labels: ['stage', 'reason'] },
  batchRecords: {
    kind: 'histogram',
    help: 'Records in a batch.',
    labels: ['stage'],
    buckets: [1, 5, 10, 50, 100, 500, 1000, 5000, 10_000],
  },
  lagRecords: {
    kind: 'gauge',
    help: 'Records that the group has not done, of every partition of the topic; each member of the group shows the same.',
    labels: ['stage', 'topic', 'partition'],
  },
  stageStalledSeconds: {
    kind: 'gauge',
    help: 'Seconds since the group last committed in a partition in which records wait; 0 when it moves or none wait.',
    labels: ['stage', 'topic', 'partition'],
  },
  dependencyRetries: {
    kind: 'counter',
    help: 'Retries of a batch because a dependency was unavailable.',
    labels: ['stage'],
  },
  stageSeconds: { kind: 'histogram', help: 'Time a batch took from decoding to commit.', labels: ['stage'] },
} as const;

/** The metrics of a stage's loop. */
export type StageMetrics = Metrics<typeof TABLE>;

/** Declares the loop's metrics once for a service; all of its stages share them. */
export function declareStageMetrics(registry: Registry): StageMetrics {
  return declareMetrics(registry, TABLE);
}
