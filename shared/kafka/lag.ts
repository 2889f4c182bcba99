// How far a group is behind in each partition of its topic, and which partitions stand still.
// Updated by batches and, now and then, from Kafka, so that it grows while a dependency is
// unavailable.
import type { Batch } from 'kafkajs';
import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { type KafkaClient, withAdmin } from './client.ts';

/** Where the lag of a topic is shown. */
export interface LagDisplay {
  /**
   * `stalledSeconds`: since when the group's offset did not move while records wait; 0 when none
   * wait or it moves.
   */
  set(partition: number, state: { readonly records: number; readonly stalledSeconds: number }): void;
  remove(partition: number): void;
}

/**
 * Whose lag, and where it is shown. Every member of a group shows all partitions, so that one that
 * nobody has is seen too.
 */
interface LagOptions extends LagDisplay {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  readonly topic: string;
  readonly log: Logger;
  /** Whether a group without an offset waits for all that is there, or for none of it. */
  readonly fromBeginning: boolean;
  /** Epoch milliseconds; by default the system clock. */
  readonly now?: () => number;
  /** How often Kafka is asked, milliseconds. */
  readonly lookEveryMs?: number;
  /** Called after each answer. */
  onLook?(look: LagLook): void;
}

/** What Kafka said of the topic when it was asked. */
export interface LagLook {
  /** When it was asked, epoch milliseconds: what was written before is included. */
  readonly atMs: number;
  /** The ends of all partitions added up; grows with whatever is written. */
  readonly written: bigint;
  readonly partitions: number;
  /**
   * The member's own partitions, and with how many records each of them waits that were there at
   * the look before already: where events come all the time, some of the latest always wait.
   */
  readonly waiting: ReadonlyMap<number, number>;
}

/**
 * What is known of a partition. Offsets: the next one of the group, and the end of the partition.
 */
interface Place {
  readonly next: bigint;
  readonly end: bigint;
  /** When `next` last moved or nothing waited, epoch milliseconds. */
  readonly movedAtMs: number;
}

const LOOK_EVERY_MS = 15_000;

/** The lag of a group, as one of its members sees it. */
export class Lag {
  readonly #options: LagOptions;
  readonly #now: () => number;
  readonly #places = new Map<number, Place>();
  /**
   * The partitions of this member; the value: whether a batch of it came, so that the offset here
   * is newer than Kafka's.
   */
  #own = new Map<number, boolean>();
  /** The ends of the partitions at the look before. */
  #endsBefore: ReadonlyMap<number, bigint> = new Map();
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LagOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** These are the member's partitions from now on. */
  assigned(partitions: readonly number[]): void {
    this.#own = new Map(partitions.map((partition) => [partition, false]));
    this.#timer ??= setInterval(() => this.#lookSoon(), this.#options.lookEveryMs ?? LOOK_EVERY_MS);
    this.#lookSoon();
  }

  /** Called when a batch has come. */
  arrived(batch: Batch): void {
    this.#ownAt(batch.partition, BigInt(batch.firstOffset() ?? batch.lastOffset()), BigInt(batch.highWatermark));
  }

  /** Called when a batch is done and committed. */
  done(batch: Batch): void {
    this.passed(batch.partition, BigInt(batch.lastOffset()) + 1n, BigInt(batch.highWatermark));
  }

  /** Called when the offset before `next` is done and committed. */
  passed(partition: number, next: bigint, end: bigint): void {
    this.#ownAt(partition, next, end);
  }

  /**
   * The member's partitions in which records wait although the offset did not move for `limitMs`
   * milliseconds; the longest wait first.
   */
  stalled(limitMs: number): readonly { readonly partition: number; readonly stalledMs: number }[] {
    return [...this.#own.keys()]
      .map((partition) => ({ partition, stalledMs: this.#stalledMs(this.#places.get(partition)) }))
      .filter(({ stalledMs }) => stalledMs >= limitMs)
      .sort((left, right) => right.stalledMs - left.stalledMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #ownAt(partition: number, next: bigint, end: bigint): void {
    // A batch that outlived its assignment.
    if (!this.#own.has(partition)) return;
    this.#own.set(partition, true);
    this.#at(partition, next, end);
  }

  #at(partition: number, next: bigint, end: bigint): void {
    const before = this.#places.get(partition);
    const stands = before !== undefined && before.next === next && before.end > before.next;
    const place = { next, end, movedAtMs: stands ? before.movedAtMs : this.#now() };
    this.#places.set(partition, place);
    this.#show(partition, place);
  }

  #show(partition: number, place: Place): void {
    const records = Math.max(0, Number(place.end - place.next));
    this.#options.set(partition, { records, stalledSeconds: Math.round(this.#stalledMs(place) / 1000) });
  }

  #waitingIn(partition: number): number {
    const place = this.#places.get(partition);
    if (place === undefined) return 0;
    return Math.max(0, Number((this.#endsBefore.get(partition) ?? place.end) - place.next));
  }

  #stalledMs(place: Place | undefined): number {
    return place === undefined || place.end <= place.next ? 0 : this.#now() - place.movedAtMs;
  }

  #lookSoon(): void {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Where a group goes on that has committed this offset; -1: none. */
  #nextOf(committed = '-1', { low, high }: { readonly low: string; readonly high: string }): bigint {
    if (committed === '-1') return BigInt(this.#options.fromBeginning ? low : high);
    return BigInt(Math.max(Number(committed), Number(low)));
  }

  async #look(): Promise<void> {
    const { kafka, groupId, topic, log, remove } = this.#options;
    const atMs = this.#now();
    try {
      const { ends, committed } = await withAdmin(kafka, async (admin) => ({
        ends: await admin.fetchTopicOffsets(topic),
        committed: (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions ?? [],
      }));
      for (const { partition, high, low } of ends) {
        const offset = committed.find((one) => one.partition === partition)?.offset;
        const known = this.#own.get(partition) === true ? this.#places.get(partition)?.next : undefined;
        this.#at(partition, known ?? this.#nextOf(offset, { low, high }), BigInt(high));
      }
      for (const partition of this.#places.keys())
        if (!ends.some((one) => one.partition === partition)) {
          this.#places.delete(partition);
          remove(partition);
        }
      this.#options.onLook?.({
        atMs,
        written: ends.reduce((sum, { high }) => sum + BigInt(high), 0n),
        partitions: ends.length,
        waiting: new Map([...this.#own.keys()].map((partition) => [partition, this.#waitingIn(partition)])),
      });
      this.#endsBefore = new Map(ends.map(({ partition, high }) => [partition, BigInt(high)]));
    } catch (error) {
      log.debug({ detail: errorText(error) }, 'the lag was not read');
      for (const [partition, place] of this.#places) this.#show(partition, place);
    }
  }
}
