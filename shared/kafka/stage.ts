// The loop of all stages: decode, handle, produce outputs and dead letters, commit. An unavailable
// dependency pauses the partition; a repeated batch is harmless.
import type { EachBatchPayload } from 'kafkajs';
import type { Stage } from '../contracts/stage.ts';
import { topicName } from '../contracts/topics.ts';
import { Unavailable } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { retryWhileUnavailable } from '../runtime/retry.ts';
import type { Running } from '../runtime/running.ts';
import { Assignment, isMembershipLost } from './assignment.ts';
import { isOfKafka, type KafkaClient, type KafkaSettings } from './client.ts';
import { decodeMessage } from './in-record.ts';
import { Lag } from './lag.ts';
import { ReconnectingConsumer } from './reconnecting-consumer.ts';
import { NarrowHandler } from './narrow.ts';
import { type BatchResult, countBy, type DoneBatch, mergeVerdicts } from './outcome.ts';
import type { RecordProducer } from './producer.ts';
import { fetchedBytes } from './record-size.ts';
import { showLag, type StageMetrics } from './stage-metrics.ts';
import type { StageWatcher } from './stage-watcher.ts';
import { ensureTopics } from './topics.ts';
import { writeOutputs } from './write-outputs.ts';

/** What a stage runs with. `signal` aborts its start when the service stops. */
interface StageOptions<In> {
  readonly stage: Stage<In, string>;
  readonly kafka: KafkaClient;
  readonly settings: KafkaSettings;
  readonly producer: RecordProducer;
  readonly log: Logger;
  readonly metrics: StageMetrics;
  readonly signal: AbortSignal;
  /** Partitions processed concurrently. */
  readonly concurrency?: number;
  /**
   * Kafka's `fetch.min.bytes`, which is less where Foghorn compresses: the broker waits for so
   * much, at most `fetchMaxWaitMs`. For stages that gain more from large batches than they lose by
   * waiting.
   */
  readonly fetchMinBytes?: number;
  readonly fetchMaxWaitMs?: number;
  /**
   * How many bytes of a partition are processed at a time, and so most of a stage's memory: Kafka's
   * `max.partition.fetch.bytes`, which is less where Foghorn compresses.
   */
  readonly fetchMaxBytes?: number;
  /** After how many milliseconds without a commit, while records wait, the stage is not ready. */
  readonly stalledAfterMs?: number;
  readonly watcher?: StageWatcher<In>;
}

/** How often a batch calls for a heartbeat; kafkajs sends one when its own interval is over. */
const BEAT_EVERY_MS = 1000;
const MAX_FETCH_WAIT_MS = 500;
const MAX_FETCH_BYTES = 1024 * 1024;
/** Longer than any batch takes while its dependencies are available. */
const STALLED_AFTER_MS = 300_000;
/**
 * Consumes `stage.from` in the group `<prefix>.<stage name>` until stopped. Waits for Kafka as long
 * as it takes; throws ConfigError for topics that cannot serve. A bug in the stage (anything thrown
 * but Unavailable) makes a dead letter of the record that it is met with; one that is met with
 * everything ends the process: nothing was committed, so nothing is lost.
 */
export async function runStage<In>(options: StageOptions<In>): Promise<Running> {
  const loop = new StageLoop(options);
  await loop.start();
  return loop;
}

class StageLoop<In> implements Running {
  readonly #options: StageOptions<In>;
  readonly #topic: string;
  readonly #log: Logger;
  readonly #consumer: ReconnectingConsumer;
  readonly #lag: Lag;
  readonly #handler: NarrowHandler<In>;
  readonly #fetchMaxBytes: number;
  #assignment: Assignment;
  #isStopping = false;
  /** Partition → why its batch has to wait. */
  readonly #waitingFor = new Map<number, string>();
  #lastCommit: Promise<void> | undefined;
  #nextCommit: Promise<void> | undefined;

  constructor(options: StageOptions<In>) {
    const { kafka, settings, stage, metrics, watcher } = options;
    this.#fetchMaxBytes = options.fetchMaxBytes ?? MAX_FETCH_BYTES;
    this.#assignment = new Assignment(this.#fetchMaxBytes);
    const groupId = `${settings.topicPrefix}.${stage.name}`;
    const topic = topicName(settings.topicPrefix, stage.from.key);
    const log = options.log.child({ stage: stage.name });
    this.#options = options;
    this.#topic = topic;
    this.#log = log;
    this.#handler = new NarrowHandler(stage, log);
    this.#lag = new Lag({
      kafka,
      groupId,
      topic,
      log,
      fromBeginning: true,
      ...showLag(metrics, { stage: stage.name, topic }),
      ...(watcher === undefined ? {} : { lookEveryMs: watcher.lookEveryMs, onLook: (look) => watcher.onLook(look) }),
    });
    this.#consumer = new ReconnectingConsumer({
      kafka,
      config: {
        groupId,
        minBytes: fetchedBytes(options.fetchMinBytes ?? 1, settings),
        maxWaitTimeInMs: options.fetchMaxWaitMs ?? MAX_FETCH_WAIT_MS,
        maxBytesPerPartition: fetchedBytes(this.#fetchMaxBytes, settings),
      },
      topics: [topic],
      fromBeginning: true,
      run: {
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: options.concurrency ?? 1,
        eachBatch: (payload) => this.#eachBatch(payload),
      },
      log,
      onAssigned: (partitions) => this.#onAssigned(partitions[topic] ?? []),
      onRebalancing: () => watcher?.onRebalancing(),
      onPassed: ({ partition, next, end }) => this.#lag.passed(partition, next, end),
    });
  }

  async start(): Promise<void> {
    const { kafka, settings, stage, signal } = this.#options;
    await retryWhileUnavailable({ log: this.#log, signal }, async () => {
      await ensureTopics(kafka, settings, [stage.from.key, 'deadLetters']);
      await this.#consumer.start();
    });
    this.#log.info({ topic: this.#topic }, 'consuming');
  }

  async ready(): Promise<string | undefined> {
    const missing = this.#consumer.ready() ?? this.#stalled();
    return missing === undefined ? await this.#options.producer.ready() : `${this.#options.stage.name}: ${missing}`;
  }

  #stalled(): string | undefined {
    const [worst] = this.#lag.stalled(this.#options.stalledAfterMs ?? STALLED_AFTER_MS);
    if (worst === undefined) return undefined;
    const { partition, stalledMs } = worst;
    const reason = this.#waitingFor.get(partition);
    const why = reason === undefined ? '' : `: ${reason}`;
    return `records wait in ${this.#topic}, partition ${partition}, and none was committed for ${Math.round(stalledMs / 1000)} s${why}`;
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopping = true;
    this.#assignment.waiting.abort();
    const abandon = (): void => this.#assignment.abort();
    deadline.addEventListener('abort', abandon, { once: true });
    await Promise.all([this.#consumer.stop(), this.#lag.stop()]);
    deadline.removeEventListener('abort', abandon);
  }

  #onAssigned(partitions: readonly number[]): void {
    // Batches still under way from the assignment before belong to no member now.
    this.#assignment.abort();
    this.#lag.assigned(partitions);
    this.#options.watcher?.onAssigned(partitions);
    if (!this.#isStopping) this.#assignment = new Assignment(this.#fetchMaxBytes);
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { stage, metrics } = this.#options;
    if (this.#isStopping || payload.isStale()) return;
    const assignment = await this.#current(payload);
    const endTimer = metrics.stageSeconds.startTimer({ stage: stage.name });
    this.#lag.arrived(payload.batch);
    const beat = setInterval(() => void this.#beat(payload, assignment), BEAT_EVERY_MS);
    try {
      const out = await this.#work(payload, assignment);
      // A batch that is done before the rebalance ends can still be committed; later the broker
      // refuses the commit, and kafkajs joins again.
      if (this.#assignment !== assignment || payload.isStale()) return;
      payload.resolveOffset(payload.batch.lastOffset());
      await this.#commit(payload);
      assignment.committed(payload.batch);
      this.#lag.done(payload.batch);
      this.#options.watcher?.onCommitted(out.values, payload.batch.partition);
      this.#count(payload, out);
      endTimer();
    } catch (error) {
      this.#onProblem(error, assignment);
    } finally {
      clearInterval(beat);
    }
    await payload.heartbeat();
  }

  /**
   * A batch that was released for want of heartbeats goes on if the group still knows this member.
   */
  async #current(payload: EachBatchPayload): Promise<Assignment> {
    if (this.#assignment.work.signal.aborted) {
      await payload.heartbeat();
      if (this.#assignment.work.signal.aborted) this.#assignment = new Assignment(this.#fetchMaxBytes);
    }
    return this.#assignment;
  }

  /**
   * Keeps the partitions; those that are lost, or soon will be, are released at once, because other
   * members wait for them.
   */
  async #beat(payload: EachBatchPayload, assignment: Assignment): Promise<void> {
    try {
      await payload.heartbeat();
    } catch (error) {
      if (isMembershipLost(error) || this.#consumer.ready() !== undefined) assignment.abort();
    }
  }

  /**
   * Commits all that is resolved, one request at a time: commits that come meanwhile share the next
   * request.
   */
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

  /** Handles and produces, and repeats both while a dependency is unavailable. */
  async #work(payload: EachBatchPayload, assignment: Assignment): Promise<DoneBatch<In>> {
    const { stage, metrics, producer, settings } = this.#options;
    const writing = { producer, stage, maxRecordBytes: settings.maxRecordBytes, log: this.#log };
    const decoded = payload.batch.messages.map((message) => decodeMessage(stage.from, message));
    const values = decoded.flatMap((item) => (item.kind === 'value' ? [item.value] : []));
    let mayRepeat = assignment.mayRepeat(payload.batch.partition);
    return await retryWhileUnavailable(
      {
        log: this.#log,
        signal: assignment.waiting.signal,
        onWait: (_, error) => {
          mayRepeat = true;
          this.#waitingFor.set(payload.batch.partition, error.message);
          metrics.dependencyRetries.inc({ stage: stage.name });
        },
      },
      async () => {
        const verdicts = await this.#handler.handle(values, {
          signal: assignment.work.signal,
          delivery: { mayRepeat },
        });
        const result = await writeOutputs(writing, payload.batch, mergeVerdicts(decoded, verdicts));
        this.#waitingFor.delete(payload.batch.partition);
        return { ...result, values };
      },
    );
  }

  /**
   * On its own errors kafkajs joins again or gives up; on Unavailable the batch stays uncommitted;
   * any other error is a bug.
   */
  #onProblem(error: unknown, assignment: Assignment): void {
    if (isOfKafka(error)) throw error;
    if (error instanceof Unavailable || assignment.work.signal.aborted) return;
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
    for (const [verdict, count] of countBy(out.verdicts, (item) => item.kind))
      metrics.verdicts.inc({ stage: stage.name, verdict }, count);
    for (const [reason, count] of countBy(out.verdicts, (item) => (item.kind === 'dead' ? item.reason : undefined)))
      metrics.deadLetters.inc({ stage: stage.name, reason }, count);
    for (const [topic, count] of countBy(out.records, (record) => record.topic))
      metrics.recordsWritten.inc({ stage: stage.name, topic }, count);
  }
}
