// Every topic of Foghorn in one table: its real name under a prefix, how its records are kept, how many partitions it starts with.
import type { TopicKey } from './record.ts';

/** How a topic is made when it does not exist. */
export interface TopicPlan {
  /** What follows the prefix, e.g. `raw` in `foghorn.raw`. */
  readonly suffix: string;
  readonly cleanup: 'delete' | 'compact';
  /** For `delete`; milliseconds. */
  readonly retentionMs?: number;
  readonly partitions: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The topics. Keys and values: `encode…` beside each type in this folder. */
export const TOPICS: Readonly<Record<TopicKey, TopicPlan>> = {
  raw: { suffix: 'raw', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6 },
  events: { suffix: 'events', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6 },
  alerts: { suffix: 'alerts', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6 },
  incidents: { suffix: 'incidents', cleanup: 'compact', partitions: 6 },
  actions: { suffix: 'actions', cleanup: 'delete', retentionMs: 90 * DAY_MS, partitions: 6 },
  commands: { suffix: 'commands', cleanup: 'delete', retentionMs: 7 * DAY_MS, partitions: 6 },
  deadLetters: { suffix: 'dead-letters', cleanup: 'delete', retentionMs: 30 * DAY_MS, partitions: 1 },
};

/** The name in Kafka, e.g. `topicName('foghorn', 'raw')` is `foghorn.raw`. */
export function topicName(prefix: string, key: TopicKey): string {
  return `${prefix}.${TOPICS[key].suffix}`;
}
