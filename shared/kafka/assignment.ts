// What begins and ends with an assignment of partitions to a consumer.
import type { Batch } from 'kafkajs';
import { KafkaJSProtocolError } from './client.ts';
import { ENOUGH_BYTES } from './decoding/record-set.ts';

/** A fetch may be larger than asked by one record batch of a producer. */
const MAY_REPEAT_FETCHES = 4;
/** Of a compressed one more is decoded, up to the end of a batch. */
const MAY_REPEAT_DECODED = 4;

/** Aborts with the assignment or the service; ends waits for a dependency and the work itself. */
export class Assignment {
  readonly waiting = new AbortController();
  readonly work = new AbortController();
  /** Uncommitted records of a crash fit into one fetch, however batches are cut now. */
  readonly #committedBytes = new Map<number, number>();
  readonly #mayRepeatBytes: number;

  constructor(fetchMaxBytes: number) {
    this.#mayRepeatBytes = Math.max(MAY_REPEAT_FETCHES * fetchMaxBytes, MAY_REPEAT_DECODED * ENOUGH_BYTES);
  }

  abort(): void {
    this.waiting.abort();
    this.work.abort();
  }

  /** Whether the next records of the partition may have been handled before. */
  mayRepeat(partition: number): boolean {
    return (this.#committedBytes.get(partition) ?? 0) < this.#mayRepeatBytes;
  }

  committed({ partition, messages }: Batch): void {
    if (!this.mayRepeat(partition)) return;
    const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    this.#committedBytes.set(partition, (this.#committedBytes.get(partition) ?? 0) + bytes);
  }
}

/** Broker errors for a member that its group has left behind. */
const MEMBERSHIP_LOST: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** Whether a failed heartbeat says that the partitions are lost, or soon will be. */
export function isMembershipLost(error: unknown): boolean {
  return error instanceof KafkaJSProtocolError && MEMBERSHIP_LOST.has(error.type);
}
