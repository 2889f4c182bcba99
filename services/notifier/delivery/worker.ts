// The worker of a receiver's queue: turns what a try came to into BullMQ's words.
import { setMaxListeners } from 'node:events';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { backoffMs } from '../../../shared/runtime/backoff.ts';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import { messageOf, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Completeness } from '../incidents/rebuild.ts';
import { StateLost } from '../incidents/store.ts';
import { deliver, type DeliverParts, isFinal, type Try, type TryOptions } from './deliver.ts';
import type { Delivery } from './plan.ts';
import type { ReceiverWatch, Sign } from './receiver-watch.ts';
import { type DeliveryQueues, PAUSE_LIMITER, type QueuePlace, queueName } from './queue.ts';

/** What a worker runs with. */
export interface WorkerOptions {
  readonly receiver: string;
  readonly place: QueuePlace;
  readonly parts: DeliverParts;
  readonly queues: Pick<DeliveryQueues, 'pause'>;
  readonly watch: ReceiverWatch;
  readonly concurrency: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly log: Logger;
  readonly completeness: Completeness;
}

/** A running worker. */
export interface DeliveryWorker {
  /** What is missing, or undefined. */
  ready(): string | undefined;
  /** Finishes the sends under way, or abandons them at the deadline. */
  stop(deadline: AbortSignal): Promise<void>;
}

/** A worker that died leaves its job locked for this long; then another takes it over. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5000;
/** A crash is no fault of the delivery, however often it happens. */
const MAX_STALLED = 1_000_000;
const LATER_MARGIN_MS = 100;
/** Somebody else is sending: the lease is the longest that may take, and what comes after has no need to wait for all of it. */
const BUSY_MS = 1000;

/** Starts the worker. */
export function startWorker(options: WorkerOptions): DeliveryWorker {
  const { receiver, place, log, retryMinMs: minMs, retryMaxMs: maxMs } = options;
  const abandoning = new AbortController();
  // One listener for each send under way; Node takes more than ten for a leak.
  setMaxListeners(options.concurrency + 1, abandoning.signal);
  const worker = new Worker<Delivery>(
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
      settings: { backoffStrategy: (attempt) => backoffMs({ minMs, maxMs }, attempt - 1, Math.random) },
    },
  );
  worker.on('error', (error) => log.debug({ receiver, detail: messageOf(error) }, 'delivery worker'));
  return {
    ready: () => (worker.isRunning() ? undefined : `the deliveries of ${receiver} are not worked on`),
    stop: async (deadline) => {
      deadline.addEventListener('abort', () => abandoning.abort(), { once: true });
      await worker.close();
    },
  };
}

interface Attempt {
  readonly job: Job<Delivery>;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

async function work(options: WorkerOptions, { job, token, signal }: Attempt): Promise<void> {
  const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
  const tried = await tryOnce(options, job.data, { isLast, signal });
  if (tried.kind === 'needless') return;
  if (tried.kind === 'busy' || tried.kind === 'held') {
    const againAtMs = tried.kind === 'held' ? tried.againAtMs : Date.now() + Math.min(tried.waitMs, BUSY_MS);
    await job.moveToDelayed(againAtMs + LATER_MARGIN_MS, token);
    throw new DelayedError();
  }
  if (tried.kind === 'paced') return await pause(options, tried.waitMs);
  await options.watch.saw(signOf(tried, isLast));
  if (tried.kind === 'sent') return;
  if (tried.kind === 'refused') throw new UnrecoverableError(tried.detail);
  if (tried.afterMs !== undefined) await pause(options, tried.afterMs);
  throw new Error(tried.detail);
}

/** Nothing can be sent to the receiver meanwhile: the job goes back to the head of its queue, and that is no failed try. */
async function pause({ queues, receiver }: WorkerOptions, forMs: number): Promise<never> {
  await queues.pause(receiver, forMs);
  throw Worker.RateLimitError();
}

function signOf(outcome: SendOutcome, isLast: boolean): Sign {
  if (outcome.kind === 'sent') return { detail: undefined, isFinal: false };
  return { detail: outcome.detail, isFinal: isFinal(outcome, isLast) };
}

async function tryOnce({ parts, completeness }: WorkerOptions, delivery: Delivery, options: TryOptions): Promise<Try> {
  try {
    await completeness.ensure();
    return await deliver(parts, delivery, options);
  } catch (error) {
    if (error instanceof StateLost) await completeness.verify();
    // That Redis or Kafka is away is no failed try of the delivery, however long it lasts.
    if (error instanceof Unavailable) return { kind: 'busy', waitMs: BUSY_MS };
    throw error;
  }
}
