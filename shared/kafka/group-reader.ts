// Reads topics of others in a group: batch by batch, each committed when what is done with it is
// done.
import type { EachBatchPayload } from 'kafkajs';
import type { InRecord } from '../contracts/record.ts';
import { sleep } from '../runtime/backoff.ts';
import { errorText, type Unavailable } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { retryWhileUnavailable } from '../runtime/retry.ts';
import type { Running } from '../runtime/running.ts';
import { isMembershipLost } from './assignment.ts';
import { isOfKafka, type KafkaClient } from './client.ts';
import { toInRecord } from './in-record.ts';
import { Lag, type LagDisplay } from './lag.ts';
import { ReconnectingConsumer } from './reconnecting-consumer.ts';

/** A record of another's topic. */
export interface ForeignRecord extends InRecord {
  readonly offset: string;
  /** Why it could not be taken out of its batch, which then is its value. */
  readonly undecodable?: string;
}

/** Records of one partition, in order. */
export interface ForeignBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ForeignRecord[];
}

/** What is read, and what is done with it. */
export interface GroupReading {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Whether a group without offsets begins with the first record there is. */
  readonly fromBeginning: boolean;
  readonly log: Logger;
  /** Where the group's lag in a topic is shown. */
  lagOf(topic: string): LagDisplay;
  /**
   * Resolves when the batch may be committed. `signal` aborts when its partition is lost to this
   * member; when it rejects, nothing is committed and the batch is read again.
   */
  handle(batch: ForeignBatch, signal: AbortSignal): Promise<void>;
}

const BEAT_EVERY_MS = 1000;
/** Of compressed batches at most about eight times as many are decoded at a time. */
const MAX_FETCH_BYTES = 256 * 1024;
const MAX_FETCH_WAIT_MS = 500;
/** Partitions at a time: a slow one holds up no other. */
const CONCURRENCY = 4;
/** Keeps a batch that cannot be handled from being read again at once. */
const PAUSE_MS = 1000;

/**
 * Reads until stopped. Waits for Kafka and for topics that are not there yet, in the background;
 * `ready` says so.
 */
export function readInGroup(reading: GroupReading): Running {
  const { kafka, groupId, topics, fromBeginning, log } = reading;
  const lags = lagsOf(reading);
  const stopping = new AbortController();
  let assignment = new AbortController();
  let why: string | undefined = 'it has not begun yet';
  const consumer = new ReconnectingConsumer({
    kafka,
    config: { groupId, minBytes: 1, maxWaitTimeInMs: MAX_FETCH_WAIT_MS, maxBytesPerPartition: MAX_FETCH_BYTES },
    topics,
    fromBeginning,
    run: {
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch: async (payload) => {
        if (assignment.signal.aborted) assignment = new AbortController();
        await handleBatch(reading, payload, { assignment, lag: lags.get(payload.batch.topic) });
      },
    },
    log,
    onAssigned: (partitions) => {
      assignment.abort();
      assignment = new AbortController();
      for (const [topic, lag] of lags) lag.assigned(partitions[topic] ?? []);
    },
    onPassed: ({ topic, partition, next, end }) => lags.get(topic)?.passed(partition, next, end),
  });
  const start = async (): Promise<void> => {
    const onWait = (_: number, { message }: Unavailable): void => void (why = message);
    await retryWhileUnavailable({ log, signal: stopping.signal, onWait }, () => consumer.start());
    why = undefined;
    log.info({ topics, groupId }, 'consuming');
  };
  const starting = start().catch((error: unknown) => {
    // Only a stop ends the retries.
    if (!stopping.signal.aborted) log.error({ err: error, topics }, 'the topics are not read');
  });
  return {
    ready: async () => await Promise.resolve(why === undefined ? consumer.ready() : `${topics.join(', ')}: ${why}`),
    stop: async () => {
      stopping.abort();
      await starting;
      await Promise.all([consumer.stop(), ...[...lags.values()].map((lag) => lag.stop())]);
    },
  };
}

/** By topic. */
function lagsOf({ topics, lagOf, ...reading }: GroupReading): ReadonlyMap<string, Lag> {
  return new Map(topics.map((topic) => [topic, new Lag({ ...reading, topic, ...lagOf(topic) })]));
}

async function handleBatch(
  { handle, log }: GroupReading,
  payload: EachBatchPayload,
  { assignment, lag }: { readonly assignment: AbortController; readonly lag: Lag | undefined },
): Promise<void> {
  const { batch, heartbeat, isStale, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets } = payload;
  if (isStale()) return;
  const beat = setInterval(() => {
    heartbeat().catch((error: unknown) => {
      if (isMembershipLost(error)) assignment.abort();
    });
  }, BEAT_EVERY_MS);
  lag?.arrived(batch);
  try {
    const records = batch.messages.map((message) => ({ ...toInRecord(message), ...placeOf(message) }));
    await handle({ topic: batch.topic, partition: batch.partition, records }, assignment.signal);
    if (assignment.signal.aborted || isStale()) return;
    resolveOffset(batch.lastOffset());
    await commitOffsetsIfNecessary(uncommittedOffsets());
    lag?.done(batch);
  } catch (error) {
    if (isOfKafka(error)) throw error;
    // Read again from here: nothing of it is committed.
    if (!assignment.signal.aborted) {
      const { topic, partition } = batch;
      log.warn({ topic, partition, detail: errorText(error) }, 'nothing of a batch is committed: it is read again');
      await sleep(PAUSE_MS, assignment.signal);
    }
  } finally {
    clearInterval(beat);
  }
  await heartbeat();
}

function placeOf(message: { readonly offset: string; readonly undecodable?: string }) {
  const { offset, undecodable } = message;
  return undecodable === undefined ? { offset } : { offset, undecodable };
}
