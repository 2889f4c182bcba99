// Who keeps a state of its own of what a stage has done: what it is notified of, and when.
import type { LagLook } from './lag.ts';

/** Notified by the loop of a stage. */
export interface StageWatcher<In> {
  /** How often `onLook` is called, milliseconds. */
  readonly lookEveryMs: number;
  /** These are the partitions from now on; called before their first batch. */
  onAssigned(partitions: readonly number[]): void;
  /** Another member may soon have some of the partitions. */
  onRebalancing(): void;
  /** The values of a batch of which all is written and committed, each batch once. */
  onCommitted(values: readonly In[], partition: number): void;
  /** Called after each look at the topic's ends; not while Kafka is unavailable. */
  onLook(look: LagLook): void;
}
