// The worker of a queue whose receiver is no longer configured: it sends nothing, and passes each
// delivery on.
import { DelayedError, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Delivery } from './plan.ts';
import { type QueuePlace, queueName } from './queue.ts';
import { createWorkerErrors } from './worker-errors.ts';

/**
 * The outcome of a delivery: `done` here, `wait` and try again after so many milliseconds, or
 * `failed` because nobody gets it.
 */
export type PassedOn =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'failed'; readonly detail: string };

/** The parts of such a worker. */
interface GoneReceiverWorkerOptions {
  readonly receiver: string;
  readonly place: QueuePlace;
  readonly log: Logger;
  passOn(delivery: Delivery): Promise<PassedOn>;
}

/** A running worker. */
interface GoneReceiverWorker {
  /** Ends after the deliveries under way. */
  close(): Promise<void>;
}

const CONCURRENCY = 4;
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5000;
/** A crash is not caused by the delivery, however often it happens. */
const MAX_STALLED = 1_000_000;

/**
 * Starts the worker. A delivery that failed stays in the queue as a failed job, to be redelivered.
 */
export function startGoneReceiverWorker({
  receiver,
  place,
  log,
  passOn,
}: GoneReceiverWorkerOptions): GoneReceiverWorker {
  // Without a limiter: a pause that the receiver asked for does not matter any more.
  const worker = new Worker<Delivery>(
    queueName(receiver),
    async (job, token) => {
      const result = await passOn(job.data);
      if (result.kind === 'failed') throw new UnrecoverableError(result.detail);
      if (result.kind === 'wait') {
        await job.moveToDelayed(Date.now() + result.forMs, token);
        throw new DelayedError();
      }
      // Should the receiver come back, what was passed on may be passed back under the same id.
      job.opts.removeOnComplete = true;
    },
    {
      ...place,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
    },
  );
  const errors = createWorkerErrors(receiver, log);
  worker.on('error', (error) => errors.record(error));
  return { close: () => worker.close() };
}
