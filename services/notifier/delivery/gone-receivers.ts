// Deliveries that wait for a receiver that the configuration no longer has: each goes to those whom the routes name now, or has failed and says so.
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { GroupStore } from '../groups/store.ts';
import { retireGroup, type RetireParts } from '../groups/retire.ts';
import type { Keys } from '../incidents/keys.ts';
import type { Completeness } from '../incidents/rebuild.ts';
import { type IncidentStore, StateLost } from '../incidents/store.ts';
import type { RedisClient } from '../redis.ts';
import { clearReceiver } from './receiver-watch.ts';
import type { Ledger } from './ledger.ts';
import type { Delivery } from './plan.ts';
import { type DeliveryQueues, type QueuePlace, queueName } from './queue.ts';
import { createWorkerFaults } from './worker-faults.ts';
import { reroute, type RerouteParts } from './reroute.ts';

/** What it works with. */
export interface GoneReceiverParts
  extends Omit<RerouteParts, keyof Own>,
    Omit<RetireParts, keyof Own | keyof RerouteParts>,
    Own {}

interface Own {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly place: QueuePlace;
  readonly store: IncidentStore;
  readonly groups: GroupStore;
  readonly ledger: Ledger;
  readonly queues: DeliveryQueues;
  readonly completeness: Completeness;
  readonly log: Logger;
}

/** Works on the queues of receivers that are gone. */
export interface GoneReceivers {
  stop(): Promise<void>;
}

const SCAN_COUNT = 1000;
const CONCURRENCY = 4;
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5000;
/** A crash is no fault of the delivery, however often it happens. */
const MAX_STALLED = 1_000_000;
const AGAIN_MS = 1000;
/** Another process may have the newer configuration, which names the receiver. */
const OTHER_POLICY_MS = 30_000;

/** The receivers that are not configured and whose queue holds something, with how many deliveries. Throws Unavailable. */
export async function findGoneReceivers(parts: GoneReceiverParts): Promise<ReadonlyMap<string, number>> {
  const configured = new Set(parts.policy.candidates.map(({ name }) => name));
  const found = new Map<string, number>();
  for (const receiver of await receiversWithQueues(parts)) {
    if (configured.has(receiver)) continue;
    await clearReceiver(parts, receiver);
    const deliveries = await parts.queues.openGone(receiver);
    if (deliveries > 0) found.set(receiver, deliveries);
  }
  return found;
}

/** Empties the queues of these receivers; what failed there stays, and is passed on when it is redriven. */
export function startGoneReceivers(parts: GoneReceiverParts, found: ReadonlyMap<string, number>): GoneReceivers {
  const workers = [...found].map(([receiver, deliveries]) => {
    parts.log.warn({ receiver, deliveries }, 'a receiver is gone: what waits for it goes to whom the routes name now');
    return startWorker(parts, receiver);
  });
  return { stop: async () => void (await Promise.all(workers.map(async (worker) => await worker.close()))) };
}

/** BullMQ keeps a key `meta` for each queue. */
async function receiversWithQueues({ client, keys }: GoneReceiverParts): Promise<ReadonlySet<string>> {
  const pattern = new RegExp(`:${queueName('(?<receiver>[^:]+)')}:meta$`, 'u');
  const found = new Set<string>();
  let cursor = '0';
  do {
    const match = `${keys.queues}:${queueName('*')}:meta`;
    const [next, names] = await client.run(
      async (redis) => await redis.scan(cursor, 'MATCH', match, 'COUNT', SCAN_COUNT),
    );
    for (const name of names) {
      const receiver = pattern.exec(name)?.groups?.['receiver'];
      if (receiver !== undefined) found.add(receiver);
    }
    cursor = next;
  } while (cursor !== '0');
  return found;
}

function startWorker(parts: GoneReceiverParts, receiver: string): Worker<Delivery> {
  // Without a limiter: that the receiver asked to be left alone does not matter any more.
  const worker = new Worker<Delivery>(
    queueName(receiver),
    async (job, token) => {
      await work(parts, job, token);
    },
    {
      ...parts.place,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
    },
  );
  const faults = createWorkerFaults(receiver, parts.log);
  worker.on('error', (error) => faults.saw(error));
  return worker;
}

async function work(parts: GoneReceiverParts, job: Job<Delivery>, token: string | undefined): Promise<void> {
  const waitMs = await retire(parts, job.data);
  if (waitMs === 0) {
    // Should the receiver come back, what was passed on may be passed back under the same id.
    job.opts.removeOnComplete = true;
    return;
  }
  await job.moveToDelayed(Date.now() + waitMs, token);
  throw new DelayedError();
}

/** Gives 0 when the delivery is done with here, else after how many milliseconds to try again. Throws UnrecoverableError when nobody gets it. */
async function retire(parts: GoneReceiverParts, delivery: Delivery): Promise<number> {
  const { completeness, groups, policy } = parts;
  try {
    await completeness.ensure();
    if (!(await groups.isPolicy(policy.fingerprint))) return OTHER_POLICY_MS;
    if (delivery.isGroup === true) return await retireGroupOf(parts, delivery);
    const { waitMs, failed } = await reroute(parts, delivery);
    if (failed !== undefined) throw new UnrecoverableError(failed);
    return waitMs;
  } catch (error) {
    if (error instanceof StateLost) await completeness.verify();
    if (error instanceof Unavailable || error instanceof StateLost) return AGAIN_MS;
    throw error;
  }
}

/** The group's own state says who of it was not told; a group that was retired before says that of nobody. */
async function retireGroupOf(parts: GoneReceiverParts, { incidentId }: Delivery): Promise<number> {
  const state = await parts.groups.read(incidentId);
  if (state !== undefined && state.memberIds.length + state.owedIds.length > 0)
    await retireGroup(parts, state, parts.now());
  return 0;
}
