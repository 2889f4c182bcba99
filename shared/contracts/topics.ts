// Every topic of Foghorn in one table: its real name under a prefix, how its records are kept, how
// many partitions it starts with.
import type { TopicKey } from './record.ts';

/** How a topic is made when it does not exist. */
interface TopicPlan {
  /** What follows the prefix, e.g. `raw` in `foghorn.raw`. */
  readonly suffix: string;
  readonly cleanup: 'delete' | 'compact';
  /** For `delete`; milliseconds. */
  readonly retentionMs?: number;
  /**
   * For `compact`: a record is compacted at the latest so long after it was written, milliseconds,
   * and a segment at this size, bytes. Kafka's own settings, a week and 1 GiB, would let whoever
   * reads a state read all revisions of that time.
   */
  readonly compaction?: { readonly maxLagMs: number; readonly segmentBytes: number };
  /** The number of partitions it is made with by default. */
  readonly partitions: number;
  /**
   * Whether partitions may not be added once there are records. A key then goes to another
   * partition: a compacted topic would keep its old record beside the new one, and a tombstone
   * would remove one of the two only; what is read from the beginning, or asked for by people,
   * would come out of order.
   */
  readonly isOrderKept: boolean;
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const COMPACTION = { maxLagMs: HOUR_MS, segmentBytes: 64 * 1024 * 1024 };

/** The topics. Keys and values: `encode…` beside each type in this folder. */
export const TOPICS: Readonly<Record<TopicKey, TopicPlan>> = {
  raw: { suffix: 'raw', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6, isOrderKept: false },
  events: { suffix: 'events', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6, isOrderKept: false },
  alerts: { suffix: 'alerts', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6, isOrderKept: false },
  incidents: { suffix: 'incidents', cleanup: 'compact', compaction: COMPACTION, partitions: 6, isOrderKept: true },
  actions: { suffix: 'actions', cleanup: 'delete', retentionMs: 90 * DAY_MS, partitions: 6, isOrderKept: true },
  commands: { suffix: 'commands', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6, isOrderKept: true },
  sources: { suffix: 'sources', cleanup: 'compact', compaction: COMPACTION, partitions: 6, isOrderKept: true },
  catalog: { suffix: 'catalog', cleanup: 'compact', compaction: COMPACTION, partitions: 1, isOrderKept: true },
  deadLetters: {
    suffix: 'dead-letters',
    cleanup: 'delete',
    retentionMs: 30 * DAY_MS,
    partitions: 1,
    isOrderKept: false,
  },
};

/** The name in Kafka, e.g. `topicName('foghorn', 'raw')` is `foghorn.raw`. */
export function topicName(prefix: string, key: TopicKey): string {
  return `${prefix}.${TOPICS[key].suffix}`;
}
