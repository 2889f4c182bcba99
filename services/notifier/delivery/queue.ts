// The delivery queues: one BullMQ queue for each receiver, so that a slow one delays no other.
import { type ConnectionOptions, type JobsOptions, Queue } from 'bullmq';
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { settledWithin } from '../../../shared/runtime/within.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { Delivery } from './plan.ts';

/** Where the queues lie. */
export interface QueuePlace {
  /** Options of a connection, or one that others use, too. */
  readonly connection: ConnectionOptions;
  readonly prefix: string;
}

type TakeDeliveries = (deliveries: readonly Delivery[]) => Promise<void>;

/** The queues of all receivers. */
export interface DeliveryQueues {
  /** Adds deliveries; one that is queued already is not added again. Throws Unavailable. */
  add(deliveries: readonly Delivery[]): Promise<void>;
  /**
   * Pauses a receiver's queue, in all processes, for as long as it asked; never shorter than it is
   * paused already. Throws Unavailable.
   */
  pause(receiver: string, forMs: number): Promise<void>;
  /**
   * Makes delayed deliveries due now, of all receivers or of one, because their suppression may
   * have ended. Throws Unavailable.
   */
  wake(receiver?: string): Promise<void>;
  /**
   * Opens the queue of a receiver that the configuration no longer has, and makes what is delayed
   * in it due; gives how many deliveries it holds, failed ones included. Throws Unavailable.
   */
  openGone(receiver: string): Promise<number>;
  /**
   * Tries failed deliveries of a receiver once more from the beginning, one or all; gives how many,
   * undefined for an unknown receiver. Throws Unavailable.
   */
  redrive(receiver: string, deliveryId?: string): Promise<number | undefined>;
  /**
   * Gives all deliveries that are not over, in pieces. Throws Unavailable, and what `take` throws.
   */
  eachWaiting(take: TakeDeliveries): Promise<void>;
  /**
   * Writes depth and age into the metrics; returns the receivers with waiting deliveries. Throws
   * Unavailable.
   */
  observe(metrics: NotifierMetrics): Promise<readonly string[]>;
  close(): Promise<void>;
}

const KEEP_DONE = { age: 24 * 60 * 60, count: 10_000 };
const KEEP_FAILED = { age: 30 * 24 * 60 * 60 };
const JOB_OPTIONS = {
  backoff: { type: 'custom' },
  removeOnComplete: KEEP_DONE,
  removeOnFail: KEEP_FAILED,
} as const satisfies JobsOptions;
const ADD_TIMEOUT_MS = 10_000;

/** Workers look at a pause only where they have a limiter; this one limits nothing. */
export const PAUSE_LIMITER = { max: 1_000_000, duration: 1000 } as const;
/** The longest pause: a mistake in a header must not stop a receiver for days. */
const MAX_PAUSE_MS = 60 * 60 * 1000;

const MIN_PAUSE_MS = 1000;

/**
 * How long a queue is paused for a receiver that asked for it: a second at least, an hour at most;
 * whole milliseconds.
 */
export function pauseMsOf(askedMs: number): number {
  return Number.isNaN(askedMs) ? MAX_PAUSE_MS : Math.ceil(Math.min(Math.max(MIN_PAUSE_MS, askedMs), MAX_PAUSE_MS));
}

/** A delivery in its queue, with the outcomes of its attempts so far. */
export interface QueuedDelivery extends Delivery {
  readonly tries?: {
    /**
     * When the first try failed, epoch milliseconds; the time of a suppression before does not
     * count.
     */
    readonly failingSinceMs?: number;
    /** How often the receiver asked for a pause when its turn came. */
    readonly throttled?: number;
  };
}

/** Ids that BullMQ refuses for a job, with the same class of error as a lost connection. */
const NO_JOB_ID = /:|^\d+$/u;

/** The queue of a receiver, by BullMQ's name for it. */
export function queueName(receiver: string): string {
  return `deliveries-${receiver}`;
}

/** Opens the queues; `attempts` is how often a delivery is tried before it counts as failed. */
export function createQueues(
  receivers: readonly string[],
  place: QueuePlace,
  { attempts, log }: { readonly attempts: number; readonly log: Logger },
): DeliveryQueues {
  const open = (receiver: string): Queue<Delivery> => {
    const queue = new Queue<Delivery>(queueName(receiver), { ...place });
    queue.on('error', (error) => log.debug({ receiver, detail: errorText(error) }, 'queue connection'));
    return queue;
  };
  const queues = new Map(receivers.map((receiver) => [receiver, open(receiver)]));
  const options: JobsOptions = { attempts, ...JOB_OPTIONS };
  return {
    add: async (deliveries) => {
      const adding = [...queues].map(async ([receiver, queue]) => {
        const own = deliveries.filter((delivery) => delivery.receiver === receiver);
        const jobs = own.map((data) => jobOf(data, options));
        if (jobs.length > 0) await queue.addBulk(jobs);
      });
      await withTimeout(Promise.all(adding));
    },
    pause: async (receiver, forMs) => {
      const queue = queues.get(receiver);
      if (queue !== undefined) await orUnavailable(pause(queue, pauseMsOf(forMs)));
    },
    wake: async (receiver) => {
      const woken = [...queues].filter(([name]) => receiver === undefined || name === receiver);
      await withTimeout(Promise.all(woken.map(async ([, queue]) => await queue.promoteJobs())));
    },
    openGone: async (receiver) => {
      const queue = queues.get(receiver) ?? open(receiver);
      queues.set(receiver, queue);
      return await orUnavailable(makeAllDue(queue));
    },
    redrive: async (receiver, deliveryId) => {
      const queue = queues.get(receiver);
      return queue === undefined ? undefined : await orUnavailable(redrive(queue, deliveryId));
    },
    eachWaiting: async (take) => await eachWaiting([...queues.values()], take),
    observe: async (metrics) => {
      const waiting: string[] = [];
      for (const [receiver, queue] of queues)
        if (await orUnavailable(observe(receiver, queue, metrics))) waiting.push(receiver);
      return waiting;
    },
    close: async () => {
      await Promise.all([...queues.values()].map(async (queue) => await queue.close()));
    },
  };
}

async function pause(queue: Queue<Delivery>, forMs: number): Promise<void> {
  if ((await queue.getRateLimitTtl(PAUSE_LIMITER.max)) < forMs) await queue.rateLimit(forMs);
}

/** Gives how many deliveries there are. */
async function makeAllDue(queue: Queue<Delivery>): Promise<number> {
  await queue.promoteJobs();
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'failed');
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const JOBS_AT_A_TIME = 500;

const NOT_OVER = ['waiting', 'delayed', 'prioritized', 'active'] as const;

async function eachWaiting(queues: readonly Queue<Delivery>[], take: TakeDeliveries): Promise<void> {
  for (const [queue, state] of queues.flatMap((each) => NOT_OVER.map((one) => [each, one] as const)))
    for (let from = 0, isAll = false; !isAll; from += JOBS_AT_A_TIME) {
      const jobs = await orUnavailable(queue.getJobs([state], from, from + JOBS_AT_A_TIME - 1));
      await take(jobs.map(({ data }) => data));
      isAll = jobs.length < JOBS_AT_A_TIME;
    }
}

function jobOf(data: Delivery, options: JobsOptions) {
  const { id, reason, notBeforeMs } = data;
  if (NO_JOB_ID.test(id)) throw new TypeError(`A delivery cannot be queued under the id ${JSON.stringify(id)}.`);
  const delay = notBeforeMs === undefined ? {} : { delay: Math.max(0, notBeforeMs - Date.now()) };
  return { name: reason, data, opts: { ...options, jobId: id, ...delay } };
}

const MAX_REDELIVERED = 10_000;

async function redrive(queue: Queue<Delivery>, deliveryId: string | undefined): Promise<number> {
  const jobs =
    deliveryId === undefined ? await queue.getFailed(0, MAX_REDELIVERED - 1) : [await queue.getJob(deliveryId)];
  let count = 0;
  for (const job of jobs) {
    if (job === undefined || !(await job.isFailed())) continue;
    const { tries: _, ...data } = job.data as QueuedDelivery;
    await job.updateData(data);
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    count += 1;
  }
  return count;
}

/**
 * Delayed jobs are in the order in which they are due: the oldest is most often at one of the two
 * ends, where a long wait or the next attempt puts it.
 */
const LOOKED_AT = [
  ['waiting', 0, 0],
  ['waiting', -1, -1],
  ['delayed', 0, 9],
  ['delayed', -10, -1],
  ['active', 0, 0],
] as const;

/** True when deliveries wait. */
async function observe(receiver: string, queue: Queue<Delivery>, metrics: NotifierMetrics): Promise<boolean> {
  for (const [state, count] of Object.entries(await queue.getJobCounts('waiting', 'active', 'delayed', 'failed')))
    metrics.queueJobs.set({ receiver, state }, count);
  const jobs = await Promise.all(
    LOOKED_AT.map(async ([state, from, to]) => await queue.getJobs([state], from, to, true)),
  );
  // A delivery that was deferred on purpose does not wait before its time.
  const nowMs = Date.now();
  const times = jobs
    .flat()
    .map(({ timestamp, data }) => Math.max(timestamp, data.notBeforeMs ?? 0))
    .filter((fromMs) => fromMs <= nowMs);
  metrics.oldestJobSeconds.set({ receiver }, times.length === 0 ? 0 : (nowMs - Math.min(...times)) / 1000);
  return times.length > 0;
}

/** BullMQ waits for Redis for ever; the loop needs an error while it is unavailable. */
async function withTimeout(work: Promise<unknown>): Promise<void> {
  const late = () => new Unavailable('Redis', `the queues did not take a delivery within ${ADD_TIMEOUT_MS} ms`);
  await orUnavailable(settledWithin(work, ADD_TIMEOUT_MS, late));
}

/** Replies of Redis to BullMQ come as errors that do not mention Redis. */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Unavailable || error instanceof TypeError
      ? error
      : new Unavailable('Redis', errorText(error), { cause: error });
  }
}
