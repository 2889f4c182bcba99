// The only consuming loop: decode, handle, produce outputs and dead letters, commit. A sick neighbour holds the partition; a repeated batch is harmless.
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { encodeDeadLetter } from '../contracts/dead-letter.ts';
import type { Decoded, InRecord, OutRecord } from '../contracts/record.ts';
import type { Stage, Verdict } from '../contracts/stage.ts';
import { topicName } from '../contracts/topics.ts';
import { Unavailable } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { patiently } from '../runtime/patience.ts';
import type { Running } from '../runtime/running.ts';
import { KafkaJSError, type KafkaSettings, toUnavailable } from './client.ts';
import { ensureTopics } from './topics.ts';
import type { RecordProducer } from './producer.ts';
import type { StageMetrics } from './stage-metrics.ts';

/** What a stage runs with. `signal` aborts its start when the service stops. */
export interface StageOptions<In> {
  readonly stage: Stage<In>;
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  readonly producer: RecordProducer;
  readonly log: Logger;
  readonly metrics: StageMetrics;
  readonly signal: AbortSignal;
  /** Partitions worked on at a time. */
  readonly concurrency?: number;
  /** Kafka's `fetch.min.bytes`: the broker waits for so much, at most `fetchMaxWaitMs`. For stages that gain more from large batches than they lose by waiting. */
  readonly fetchMinBytes?: number;
  readonly fetchMaxWaitMs?: number;
}

/** How long a killed consumer keeps its partitions from the others. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_INTERVAL_MS = 3000;
const MAX_FETCH_WAIT_MS = 500;
const MAX_BYTES_PER_PARTITION = 1024 * 1024;
/** A fetch may be larger than asked by one record batch of a producer. */
const MAY_REPEAT_BYTES = 4 * MAX_BYTES_PER_PARTITION;

/**
 * Consumes `stage.from` in the group `<prefix>.<stage name>` until stopped. Waits for Kafka as long as it takes; throws ConfigError for topics that
 * cannot serve. A bug in the stage (anything thrown but Unavailable) ends the process: nothing was committed, so nothing is lost.
 */
export async function runStage<In>(options: StageOptions<In>): Promise<Running> {
  const loop = new StageLoop(options);
  await loop.start();
  return loop;
}

class StageLoop<In> implements Running {
  readonly #options: StageOptions<In>;
  readonly #topic: string;
  readonly #stopping = new AbortController();
  readonly #abandoning = new AbortController();
  readonly #log: Logger;
  #consumer: Consumer | undefined;
  #hasJoined = false;
  /** Bytes of a partition committed since the last assignment. What a crash left uncommitted is less than one fetch, however it is cut now. */
  #committedBytes = new Map<number, number>();
  #lastCommit: Promise<void> | undefined;
  #nextCommit: Promise<void> | undefined;

  constructor(options: StageOptions<In>) {
    this.#options = options;
    this.#topic = topicName(options.settings.topicPrefix, options.stage.from.key);
    this.#log = options.log.child({ stage: options.stage.name });
  }

  async start(): Promise<void> {
    const { kafka, settings, stage, signal } = this.#options;
    await patiently({ log: this.#log, signal }, async () => {
      await ensureTopics(kafka, settings, [stage.from.key, 'deadLetters']);
      await this.#consume();
    });
    this.#log.info({ topic: this.#topic }, 'consuming');
  }

  async ready(): Promise<string | undefined> {
    if (!this.#hasJoined) return `${this.#options.stage.name}: not a member of the group that reads ${this.#topic} yet`;
    return await this.#options.producer.ready();
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const abandon = (): void => this.#abandoning.abort();
    deadline.addEventListener('abort', abandon, { once: true });
    await this.#consumer?.disconnect();
    deadline.removeEventListener('abort', abandon);
  }

  async #consume(): Promise<void> {
    const { kafka, settings, stage, concurrency = 1, fetchMinBytes = 1 } = this.#options;
    const consumer = kafka.consumer({
      groupId: `${settings.topicPrefix}.${stage.name}`,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      minBytes: fetchMinBytes,
      maxWaitTimeInMs: this.#options.fetchMaxWaitMs ?? MAX_FETCH_WAIT_MS,
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      allowAutoTopicCreation: false,
      retry: {
        retries: 5,
        initialRetryTime: 100,
        maxRetryTime: 2000,
        restartOnFailure: async () => !this.#stopping.signal.aborted,
      },
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.#committedBytes = new Map();
      this.#hasJoined = true;
    });
    consumer.on(consumer.events.CRASH, ({ payload }) =>
      this.#log.warn({ detail: payload.error.message, restart: payload.restart }, 'the consumer lost its group'),
    );
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: async (payload) => await this.#eachBatch(payload),
      });
      this.#consumer = consumer;
    } catch (error) {
      await consumer.disconnect();
      throw toUnavailable(error);
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { stage, metrics } = this.#options;
    if (this.#stopping.signal.aborted || payload.isStale()) return;
    const endTimer = metrics.stageSeconds.startTimer({ stage: stage.name });
    let isLost = false;
    const beat = setInterval(() => {
      payload.heartbeat().catch(() => {
        isLost = true;
      });
    }, HEARTBEAT_INTERVAL_MS);
    try {
      const out = await this.#work(payload);
      if (isLost || payload.isStale()) return;
      payload.resolveOffset(payload.batch.lastOffset());
      await this.#commit(payload);
      this.#addCommitted(payload);
      this.#count(payload, out);
      endTimer();
    } catch (error) {
      this.#onFault(error);
    } finally {
      clearInterval(beat);
    }
    await payload.heartbeat();
  }

  /** Commits all that is resolved, one request at a time: who comes while one is under way shares the next. */
  async #commit(payload: EachBatchPayload): Promise<void> {
    this.#nextCommit ??= this.#commitAfter(this.#lastCommit, payload);
    await this.#nextCommit;
  }

  async #commitAfter(last: Promise<void> | undefined, payload: EachBatchPayload): Promise<void> {
    await last?.catch(() => undefined);
    this.#lastCommit = this.#nextCommit;
    this.#nextCommit = undefined;
    await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
  }

  /** Handles and produces, and repeats both while a neighbour is sick. */
  async #work(payload: EachBatchPayload): Promise<BatchResult> {
    const { stage, producer, metrics } = this.#options;
    const decoded = payload.batch.messages.map((message) => stage.from.decode(toInRecord(message)));
    const values = decoded.flatMap((item) => (item.kind === 'value' ? [item.value] : []));
    let mayRepeat = (this.#committedBytes.get(payload.batch.partition) ?? 0) < MAY_REPEAT_BYTES;
    return await patiently(
      {
        log: this.#log,
        signal: this.#stopping.signal,
        onWait: () => {
          mayRepeat = true;
          metrics.neighbourWaits.inc({ stage: stage.name });
        },
      },
      async () => {
        const verdicts = mergeVerdicts(decoded, await stage.handle(values, this.#abandoning.signal, { mayRepeat }));
        const records = this.#outputs(payload, verdicts);
        await producer.send(records);
        return { verdicts, records };
      },
    );
  }

  #addCommitted({ batch }: EachBatchPayload): void {
    const before = this.#committedBytes.get(batch.partition) ?? 0;
    if (before >= MAY_REPEAT_BYTES) return;
    const bytes = batch.messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    this.#committedBytes.set(batch.partition, before + bytes);
  }

  #outputs(payload: EachBatchPayload, verdicts: readonly Verdict[]): readonly OutRecord[] {
    const records: OutRecord[] = [];
    for (const [index, message] of payload.batch.messages.entries()) {
      const verdict = verdicts[index];
      if (verdict === undefined)
        throw new Error(
          `Stage ${this.#options.stage.name} gave ${verdicts.length} verdicts for ${payload.batch.messages.length} records.`,
        );
      if (verdict.kind === 'emit') for (const record of verdict.records) records.push(record);
      if (verdict.kind === 'dead') records.push(this.#deadLetter(message, payload.batch.partition, verdict));
    }
    return records;
  }

  #deadLetter(message: KafkaMessage, partition: number, verdict: Verdict & { readonly kind: 'dead' }): OutRecord {
    const { key, value, headers } = toInRecord(message);
    return encodeDeadLetter({
      stage: this.#options.stage.name,
      reason: verdict.reason,
      detail: verdict.detail,
      source: { topic: this.#topic, partition, offset: message.offset },
      original: { key, value, headers },
    });
  }

  /** kafkajs rejoins or restarts by its own errors; a neighbour that stays sick leaves the batch uncommitted; everything else is a bug. */
  #onFault(error: unknown): void {
    if (error instanceof KafkaJSError) throw error;
    if (error instanceof Unavailable || this.#abandoning.signal.aborted) return;
    // kafkajs would log the error and run the batch again; it has to end the process.
    setImmediate(() => {
      throw error;
    });
    throw error;
  }

  #count(payload: EachBatchPayload, out: BatchResult): void {
    const { metrics, stage } = this.#options;
    const { batch } = payload;
    const labels = { stage: stage.name, topic: this.#topic };
    let bytes = 0;
    for (const message of batch.messages) bytes += message.value?.length ?? 0;
    metrics.recordsRead.inc(labels, batch.messages.length);
    metrics.bytesRead.inc(labels, bytes);
    metrics.batchRecords.observe({ stage: stage.name }, batch.messages.length);
    metrics.lagRecords.set(
      { ...labels, partition: batch.partition },
      Math.max(0, Number(batch.highWatermark) - 1 - Number(batch.lastOffset())),
    );
    for (const [verdict, count] of countBy(out.verdicts, (item) => item.kind))
      metrics.verdicts.inc({ stage: stage.name, verdict }, count);
    for (const [reason, count] of countBy(out.verdicts, (item) => (item.kind === 'dead' ? item.reason : undefined)))
      metrics.deadLetters.inc({ stage: stage.name, reason }, count);
    for (const [topic, count] of countBy(out.records, (record) => record.topic))
      metrics.recordsWritten.inc({ stage: stage.name, topic }, count);
  }
}

interface BatchResult {
  readonly verdicts: readonly Verdict[];
  readonly records: readonly OutRecord[];
}

function mergeVerdicts<In>(decoded: readonly Decoded<In>[], verdicts: readonly Verdict[]): readonly Verdict[] {
  let next = 0;
  const merged = decoded.map((item): Verdict | undefined => {
    if (item.kind === 'none') return { kind: 'skip', reason: 'tombstone' };
    return item.kind === 'bad' ? { kind: 'dead', reason: 'undecodable', detail: item.detail } : verdicts[next++];
  });
  if (next !== verdicts.length) throw new Error(`A stage gave ${verdicts.length} verdicts for ${next} records.`);
  return merged.filter((verdict) => verdict !== undefined);
}

/** A kafkajs message as our own record. */
export function toInRecord(message: KafkaMessage): InRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first.toString();
  }
  return { key: message.key, value: message.value, headers, timestampMs: Number(message.timestamp) };
}

function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K | undefined): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
