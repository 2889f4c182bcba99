// A producer's cache of the partitions of its topics, and how soon clients learn of new ones.
import type { PartitionMetadata } from 'kafkajs';
import { Unavailable } from '../runtime/errors.ts';
import { type KafkaClient, withAdmin } from './client.ts';

/**
 * How long producers and consumers work with what they know of a topic's partitions and leaders, in
 * milliseconds (Kafka's `metadata.max.age.ms`).
 */
export const METADATA_MAX_AGE_MS = 15_000;

/** The partitions of a producer's topics, refreshed in the background. */
export class KnownPartitions {
  readonly #kafka: KafkaClient;
  readonly #known = new Map<string, readonly PartitionMetadata[]>();
  #refreshAtMs = 0;
  #refreshing: Promise<void> | undefined;
  #hasGrown = false;

  constructor(kafka: KafkaClient) {
    this.#kafka = kafka;
  }

  get topics(): string[] {
    return [...this.#known.keys()];
  }

  /**
   * The partitions of a topic. Throws Unavailable for a topic that is not known yet and cannot be
   * looked up.
   */
  async of(topic: string): Promise<readonly PartitionMetadata[]> {
    const known = this.#known.get(topic) ?? (await this.#look([topic])).get(topic);
    if (known === undefined || known.length === 0) throw new Unavailable('Kafka', `topic ${topic} has no partitions`);
    if (Date.now() > this.#refreshAtMs)
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = undefined;
      });
    return known;
  }

  /**
   * Whether the number of partitions of a topic has changed since the last call: a client made
   * before may not know them.
   */
  takeChange(): boolean {
    const hasGrown = this.#hasGrown;
    this.#hasGrown = false;
    return hasGrown;
  }

  /** Clears the cache: the next use looks it up. */
  clear(): void {
    this.#known.clear();
  }

  async stop(): Promise<void> {
    await this.#refreshing;
  }

  async #refresh(): Promise<void> {
    try {
      await this.#look(this.topics);
    } catch (error) {
      // Sending goes on with the cached partitions, and fails by itself while Kafka is unavailable.
      if (!(error instanceof Unavailable)) throw error;
    }
  }

  async #look(topics: string[]): Promise<ReadonlyMap<string, readonly PartitionMetadata[]>> {
    this.#refreshAtMs = Date.now() + METADATA_MAX_AGE_MS;
    const found = await withAdmin(this.#kafka, async (admin) => (await admin.fetchTopicMetadata({ topics })).topics);
    for (const { name, partitions } of found) {
      const before = this.#known.get(name);
      this.#hasGrown ||= before !== undefined && before.length !== partitions.length;
      this.#known.set(name, partitions);
    }
    return this.#known;
  }
}
