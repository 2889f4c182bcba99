// A consumer that reconnects. kafkajs gives up for good on errors that often pass by themselves (a
// second without a coordinator, a refused login, an unknown error); a new consumer then takes its
// place.
import type { Consumer, ConsumerConfig, ConsumerRunConfig, IMemberAssignment } from 'kafkajs';
import { sleep } from '../runtime/backoff.ts';
import { errorText, Unavailable } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { retryWhileUnavailable } from '../runtime/retry.ts';
import { type KafkaClient, disconnectQuietly } from './client.ts';
import { METADATA_MAX_AGE_MS } from './partitions.ts';

/** Where a group reads on, and where the partition ends. */
interface PassedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
  readonly end: bigint;
}

/** What is consumed, and how. */
interface ConsumerOptions {
  readonly kafka: KafkaClient;
  readonly config: Pick<ConsumerConfig, 'groupId' | 'minBytes' | 'maxBytesPerPartition'> & {
    readonly maxWaitTimeInMs: number;
  };
  readonly topics: readonly string[];
  readonly fromBeginning: boolean;
  readonly run: ConsumerRunConfig;
  readonly log: Logger;
  /** Called with each assignment, before its first batch. */
  onAssigned?(partitions: IMemberAssignment): void;
  /** Called when the group begins to assign anew. */
  onRebalancing?(): void;
  /**
   * Called when offsets without a record for `run` (transaction markers, what was compacted away)
   * have been passed over and committed.
   */
  onPassed?(place: PassedPlace): void;
}

/** How long a killed consumer keeps its partitions from the others. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_INTERVAL_MS = 3000;
/** kafkajs sends heartbeats between fetches only. */
const MAX_FETCH_WAIT_MS = HEARTBEAT_INTERVAL_MS;
/** Keeps a consumer that crashes at once from spinning. */
const PAUSE_MS = 500;

/** See the top of the file. `start` first, `stop` last. */
export class ReconnectingConsumer {
  readonly #options: ConsumerOptions;
  readonly #stopping = new AbortController();
  #consumer: Consumer | undefined;
  /** When the group last confirmed this member; undefined while it is none. */
  #confirmedAtMs: number | undefined;
  #renewing: Promise<void> | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it consumes. Throws Unavailable when it cannot begin; later problems are waited
   * out.
   */
  async start(): Promise<void> {
    const { kafka, config, topics, fromBeginning, run } = this.#options;
    const consumer = kafka.consumer({
      ...config,
      maxWaitTimeInMs: Math.min(config.maxWaitTimeInMs, MAX_FETCH_WAIT_MS),
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      retry: {
        retries: 5,
        initialRetryTime: 100,
        maxRetryTime: 2000,
        // kafkajs' own restart is off: it cannot be stopped while it joins.
        restartOnFailure: async () => false,
      },
    });
    this.#consumer = consumer;
    this.#watch(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning });
      await Promise.all([this.#firstFetch(consumer), consumer.run(run)]);
    } catch (error) {
      await disconnectQuietly(consumer);
      throw new Unavailable('Kafka', errorText(error), { cause: error });
    }
  }

  /** Sets the offset at which the partition is read on. */
  seek(place: Parameters<Consumer['seek']>[0]): void {
    this.#consumer?.seek(place);
  }

  /** What is missing, or undefined. */
  ready(): string | undefined {
    const group = `the group that reads ${this.#options.topics.join(', ')}`;
    if (this.#confirmedAtMs === undefined) return `not a member of ${group}`;
    const silentMs = Date.now() - this.#confirmedAtMs;
    return silentMs > SESSION_TIMEOUT_MS ? `no heartbeat in ${group} for ${Math.round(silentMs / 1000)} s` : undefined;
  }

  /** Waits for the batches under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // A consumer that is just joining cannot be stopped: it would join and go on consuming.
    await this.#renewing;
    if (this.#consumer !== undefined) await disconnectQuietly(this.#consumer);
  }

  #watch(consumer: Consumer): void {
    const { GROUP_JOIN, HEARTBEAT, END_BATCH_PROCESS, REBALANCING, STOP, DISCONNECT, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#confirmedAtMs = Date.now();
      this.#options.onAssigned?.(payload.memberAssignment);
    });
    consumer.on(HEARTBEAT, () => {
      if (this.#confirmedAtMs !== undefined) this.#confirmedAtMs = Date.now();
    });
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) void this.#commitPassed(consumer, payload);
    });
    consumer.on(REBALANCING, () => this.#options.onRebalancing?.());
    for (const event of [REBALANCING, STOP, DISCONNECT, CRASH] as const)
      consumer.on(event, () => {
        this.#confirmedAtMs = undefined;
      });
  }

  /**
   * kafkajs passes such offsets over and leaves them uncommitted, so that the group would seem to
   * be behind for ever.
   */
  async #commitPassed(
    consumer: Consumer,
    place: { topic: string; partition: number; lastOffset: string; highWatermark: string },
  ) {
    const { topic, partition, lastOffset, highWatermark } = place;
    const next = BigInt(lastOffset) + 1n;
    try {
      await consumer.commitOffsets([{ topic, partition, offset: String(next) }]);
      this.#options.onPassed?.({ topic, partition, next, end: BigInt(highWatermark) });
    } catch (error) {
      // The next batch's commit covers it.
      this.#options.log.debug({ detail: errorText(error) }, 'offsets without records were not committed');
    }
  }

  /** Rejects when kafkajs gives up before; when it does so later, a new consumer is made. */
  async #firstFetch(consumer: Consumer): Promise<void> {
    const { signal } = this.#stopping;
    let onStop: (() => void) | undefined;
    const fetching = new Promise<void>((resolve, reject) => {
      let isFetching = false;
      consumer.on(consumer.events.FETCH, () => {
        isFetching = true;
        resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (isFetching) this.#onCrash(payload.error);
        else reject(payload.error);
      });
      onStop = resolve;
      signal.addEventListener('abort', onStop);
    });
    try {
      await fetching;
    } finally {
      if (onStop !== undefined) signal.removeEventListener('abort', onStop);
    }
  }

  #onCrash(error: Error): void {
    if (this.#stopping.signal.aborted) return;
    this.#options.log.warn({ detail: error.message }, 'the consumer lost its group; a new one takes its place');
    this.#renewing = this.#renew();
  }

  async #renew(): Promise<void> {
    const { log, topics } = this.#options;
    const { signal } = this.#stopping;
    await sleep(PAUSE_MS, signal);
    if (signal.aborted) return;
    try {
      await retryWhileUnavailable({ log, signal }, () => this.start());
      if (!signal.aborted) log.info({ topics }, 'consuming again');
    } catch (error) {
      // Only a stop ends the retries.
      log.debug({ err: error }, 'no consumer any more');
    }
  }
}
