// How far a consumer is behind. Set as batches come and go, and asked of Kafka now and then, so that it grows while a neighbour is sick.
import type { Batch } from 'kafkajs';
import { messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { type KafkaClient, withAdmin } from './client.ts';

/** Whose lag, and where it is told. */
export interface LagOptions {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  readonly topic: string;
  readonly log: Logger;
  set(partition: number, records: number): void;
  remove(partition: number): void;
}

const LOOK_EVERY_MS = 15_000;

/** The lag of the partitions that a consumer has. */
export class Lag {
  readonly #options: LagOptions;
  /** The next offset of each partition; undefined while no batch of it came. */
  #next = new Map<number, bigint | undefined>();
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LagOptions) {
    this.#options = options;
  }

  /** These are its partitions from now on. */
  assigned(partitions: readonly number[]): void {
    for (const partition of this.#next.keys()) if (!partitions.includes(partition)) this.#options.remove(partition);
    this.#next = new Map(partitions.map((partition) => [partition, undefined]));
    this.#timer ??= setInterval(() => this.#lookSoon(), LOOK_EVERY_MS);
    this.#lookSoon();
  }

  /** A batch has come, and nothing of it is done. */
  arrived(batch: Batch): void {
    this.#at(batch.partition, BigInt(batch.firstOffset() ?? batch.lastOffset()), batch.highWatermark);
  }

  /** A batch is done. */
  done(batch: Batch): void {
    this.#at(batch.partition, BigInt(batch.lastOffset()) + 1n, batch.highWatermark);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #at(partition: number, next: bigint, end: string): void {
    // A batch that outlived its assignment.
    if (!this.#next.has(partition)) return;
    this.#next.set(partition, next);
    this.#options.set(partition, Math.max(0, Number(BigInt(end) - next)));
  }

  #lookSoon(): void {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async #look(): Promise<void> {
    const { kafka, groupId, topic, log } = this.#options;
    try {
      await withAdmin(kafka, async (admin) => {
        const ends = await admin.fetchTopicOffsets(topic);
        const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
        for (const { partition, high, low } of ends) {
          const offset = committed?.partitions.find((one) => one.partition === partition)?.offset ?? low;
          const next = this.#next.get(partition) ?? BigInt(Math.max(Number(offset), Number(low)));
          this.#at(partition, next, high);
        }
      });
    } catch (error) {
      log.debug({ detail: messageOf(error) }, 'the lag was not read');
    }
  }
}
