// The worker of a receiver's queue: translates outcomes of attempts for BullMQ.
import { setMaxListeners } from 'node:events';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { backoffMs } from '../../../shared/runtime/backoff.ts';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Completeness } from '../redis/completeness.ts';
import { isOwnBug, StateLost } from '../redis/state-lost.ts';
import { deliver, type DeliverParts, isAskedToWait, isFinal, type Try, type TryOptions } from './deliver.ts';
import type { Delivery } from './plan.ts';
import type { ReceiverWatch, Sign } from './receiver-watch.ts';
import { createWorkerErrors } from './worker-errors.ts';
import { type DeliveryQueues, PAUSE_LIMITER, type QueuedDelivery, type QueuePlace, queueName } from './queue.ts';

/** What a worker runs with. */
export interface WorkerOptions {
  readonly receiver: string;
  readonly place: QueuePlace;
  readonly parts: DeliverParts;
  readonly queues: Pick<DeliveryQueues, 'pause' | 'wake'>;
  readonly watch: ReceiverWatch;
  readonly concurrency: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** So long after its first failed try a delivery is given up. */
  readonly retryForMs: number;
  readonly log: Logger;
  readonly completeness: Completeness;
}

/** A running worker. */
export interface DeliveryWorker {
  /** What is missing, or undefined. */
  ready(): string | undefined;
  /**
   * Finishes the sends under way, or abandons them after ten seconds: what is closed after the
   * workers needs some of the time until the deadline.
   */
  stop(deadline: AbortSignal): Promise<void>;
}

/** A worker that died leaves its job locked for this long; then another takes it over. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5000;
/** A crash is not caused by the delivery, however often it happens. */
const MAX_STALLED = 1_000_000;
const ABANDON_AFTER_MS = 10_000;
const LATER_MARGIN_MS = 100;
/**
 * Another process is sending: that takes the lease at most, and later deliveries need not wait for
 * all of it.
 */
const BUSY_MS = 1000;
/**
 * As often a delivery is asked to wait before that counts as a failed try: there are receivers that
 * never take one and ask to wait each time.
 */
const MAX_THROTTLED = 20;
/** The longest wait, as a multiple of the usual one, for what somebody has to correct. */
const CONFIGURATION_FACTOR = 12;

/** A try that failed because of something that somebody has to correct. */
class ConfigurationFault extends Error {
  override readonly name = 'ConfigurationFault';
}

/** The wait after a failed try, milliseconds. */
export function retryMs(
  { retryMinMs: minMs, retryMaxMs }: Pick<WorkerOptions, 'retryMinMs' | 'retryMaxMs'>,
  attempt: number,
  isConfiguration: boolean,
): number {
  const maxMs = isConfiguration ? retryMaxMs * CONFIGURATION_FACTOR : retryMaxMs;
  return backoffMs({ minMs, maxMs }, attempt - 1, Math.random);
}

/** Starts the worker. */
export function startWorker(options: WorkerOptions): DeliveryWorker {
  const { receiver, place, log } = options;
  const abandoning = new AbortController();
  // One listener for each send under way; Node takes more than ten for a leak.
  setMaxListeners(options.concurrency + 1, abandoning.signal);
  const worker = new Worker<QueuedDelivery>(
    queueName(receiver),
    async (job, token) => {
      await work(options, { job, token, signal: abandoning.signal });
    },
    {
      ...place,
      concurrency: options.concurrency,
      limiter: PAUSE_LIMITER,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
      settings: {
        backoffStrategy: (attempt, _type, error) => retryMs(options, attempt, error instanceof ConfigurationFault),
      },
    },
  );
  const errors = createWorkerErrors(receiver, log);
  worker.on('error', (error) => errors.record(error));
  return {
    ready: () => {
      const fault = errors.current();
      if (fault !== undefined) return `the deliveries of ${receiver}: ${fault}`;
      return worker.isRunning() ? undefined : `the deliveries of ${receiver} are not worked on`;
    },
    stop: async (deadline) => {
      const abandon = (): void => abandoning.abort();
      deadline.addEventListener('abort', abandon, { once: true });
      const timer = setTimeout(abandon, ABANDON_AFTER_MS);
      await worker.close().finally(() => clearTimeout(timer));
    },
  };
}

interface Attempt {
  readonly job: Job<QueuedDelivery>;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

async function work(options: WorkerOptions, { job, token, signal }: Attempt): Promise<void> {
  const limits = limitsOf(options, job);
  const tried = await tryOnce(options, job.data, { ...limits, signal });
  if (tried.kind === 'obsolete') return;
  if (tried.kind === 'in_progress' || tried.kind === 'suppressed') {
    const againAtMs = tried.kind === 'suppressed' ? tried.againAtMs : Date.now() + Math.min(tried.waitMs, BUSY_MS);
    await job.moveToDelayed(againAtMs + LATER_MARGIN_MS, token);
    throw new DelayedError();
  }
  if (tried.kind === 'rate_limited') return await pause(options, tried.waitMs);
  const isBack = await options.watch.recordResult(signOf(tried, limits));
  if (tried.kind !== 'sent') await fail(options, job, { tried, limits });
  else if (isBack) await options.queues.wake(options.receiver);
}

type Limits = Pick<TryOptions, 'isLast' | 'isWaitOver'>;

/** How much more may be tried: so many attempts, and so long since the first that failed. */
function limitsOf({ retryForMs }: WorkerOptions, { data, attemptsMade, opts }: Attempt['job']): Required<Limits> {
  const { failingSinceMs, throttled = 0 } = data.tries ?? {};
  const isTimeUp = failingSinceMs !== undefined && Date.now() - failingSinceMs >= retryForMs;
  return {
    isLast: isTimeUp || attemptsMade + 1 >= (opts.attempts ?? 1),
    isWaitOver: isTimeUp || throttled >= MAX_THROTTLED,
  };
}

interface Failure {
  readonly tried: Exclude<SendOutcome, { readonly kind: 'sent' }>;
  readonly limits: Limits;
}

/** Throws the error that makes BullMQ retry, now or later, or stop. */
async function fail(options: WorkerOptions, job: Attempt['job'], { tried, limits }: Failure): Promise<never> {
  if (tried.kind === 'refused' || isFinal(tried, limits)) throw new UnrecoverableError(tried.detail);
  const isAsked = isAskedToWait(tried, limits);
  await noteFailure(job, isAsked);
  if (isAsked) return await pause(options, tried.afterMs);
  // It counts as a failed try by now; the time that the receiver asks for is kept to all the same.
  const { afterMs = 0 } = tried;
  if (afterMs > 0) await options.queues.pause(options.receiver, afterMs);
  const isConfiguration = tried.kind === 'retry' && tried.isConfiguration === true;
  throw isConfiguration ? new ConfigurationFault(tried.detail) : new Error(tried.detail);
}

async function noteFailure(job: Attempt['job'], isThrottled: boolean): Promise<void> {
  const { tries = {}, ...delivery } = job.data;
  const { failingSinceMs = Date.now(), throttled = 0 } = tries;
  if (tries.failingSinceMs !== undefined && !isThrottled) return;
  await job.updateData({ ...delivery, tries: { failingSinceMs, throttled: throttled + (isThrottled ? 1 : 0) } });
}

/**
 * Nothing can be sent to the receiver meanwhile: the job goes back to the head of its queue, and
 * that is no failed try.
 */
async function pause({ queues, receiver }: WorkerOptions, forMs: number): Promise<never> {
  await queues.pause(receiver, forMs);
  throw Worker.RateLimitError();
}

function signOf(outcome: SendOutcome, limits: Limits): Sign {
  if (outcome.kind === 'sent') return { detail: undefined, isFinal: false };
  const isConfiguration = outcome.kind === 'retry' && outcome.isConfiguration === true;
  return { detail: outcome.detail, isFinal: isFinal(outcome, limits), isConfiguration };
}

async function tryOnce(
  { parts, completeness, log }: WorkerOptions,
  delivery: Delivery,
  options: TryOptions,
): Promise<Try> {
  try {
    return await withState(completeness, async () => await deliver(parts, delivery, options));
  } catch (error) {
    if (isOwnBug(error))
      log.error(
        { err: error, receiver: delivery.receiver, delivery: delivery.id },
        'a bug met with one delivery; it is tried again, and fails in the end',
      );
    // A Redis or Kafka that is away, and a Redis that lost its contents, make no failed attempt of
    // the delivery, however long that lasts.
    if (error instanceof Unavailable || error instanceof StateLost) return { kind: 'in_progress', waitMs: BUSY_MS };
    throw error;
  }
}

/** What Redis has lost meanwhile is there again for the second time, which is the last. */
async function withState<T>(completeness: Completeness, work: () => Promise<T>): Promise<T> {
  await completeness.ensure();
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StateLost)) throw error;
  }
  await completeness.verify();
  return await work();
}
