// The one interface of everything that works between two Kafka topics.
import type { DeadLetterReason } from './dead-letter.ts';
import type { OutRecord, Topic } from './record.ts';

/**
 * What a stage decided about one record. `emit` with no records means: done, nothing to pass on.
 */
export type Verdict =
  | { readonly kind: 'emit'; readonly records: readonly OutRecord[] }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: DeadLetterReason; readonly detail: string };

/**
 * How a batch was delivered. `mayRepeat`: its records may have been handled before (the first few
 * megabytes of a partition after an assignment, and any batch tried again).
 */
export interface Delivery {
  readonly mayRepeat: boolean;
}

/**
 * The names of the stages; each consumes in the group `<prefix>.<name>`. The contract tests have a
 * subject for every name.
 */
export type StageName =
  | 'enricher'
  | 'indexer'
  | 'indexer-incidents'
  | 'indexer-actions'
  | 'indexer-sources'
  | 'indexer-dead-letters'
  | 'notifier'
  | 'notifier-commands';

/**
 * A Kafka stage. `handle` returns exactly one verdict per record, in order. It throws `Unavailable`
 * when a dependency is unavailable: the loop waits, keeps the partition and repeats the same batch.
 * A batch may come again after a crash or a rebalance, so every effect has to be harmless when
 * repeated. `signal` aborts when the time for a graceful stop is over or the partition is lost.
 */
export interface Stage<In, Name extends string = StageName> {
  readonly name: Name;
  readonly from: Topic<In>;
  handle(batch: readonly In[], signal: AbortSignal, delivery: Delivery): Promise<readonly Verdict[]>;
}
