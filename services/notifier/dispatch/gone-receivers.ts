// Deliveries that wait for a receiver that the configuration no longer has: each goes to the
// receivers of the routes now, or has failed.
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { GroupStore } from '../groups/store.ts';
import type { Keys } from '../redis/keys.ts';
import type { Completeness } from '../redis/completeness.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { StateLost } from '../redis/state-lost.ts';
import type { RedisClient } from '../redis/client.ts';
import { clearReceiver } from '../delivery/receiver-watch.ts';
import type { Delivery } from '../delivery/plan.ts';
import { type PassedOn, startGoneReceiverWorker } from '../delivery/gone-receiver-worker.ts';
import { type DeliveryQueues, type QueuePlace, queueName } from '../delivery/queue.ts';
import { reroute, type RerouteParts } from './reroute.ts';

/** Dependencies of the work on gone receivers. */
interface GoneReceiverParts extends RerouteParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly place: QueuePlace;
  readonly store: IncidentStore;
  readonly groups: GroupStore;
  readonly queues: DeliveryQueues;
  readonly completeness: Completeness;
  readonly log: Logger;
}

/** Works on the queues of receivers that are gone. */
interface GoneReceivers {
  stop(): Promise<void>;
}

const SCAN_COUNT = 1000;
const AGAIN_MS = 1000;
/** Another process may have the newer configuration, which names the receiver. */
const OTHER_POLICY_MS = 30_000;

/**
 * The receivers that are not configured and whose queue holds something, with how many deliveries.
 * Throws Unavailable.
 */
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

/**
 * Empties the queues of these receivers; what failed there stays, and is passed on when it is
 * redelivered.
 */
export function startGoneReceivers(parts: GoneReceiverParts, found: ReadonlyMap<string, number>): GoneReceivers {
  const workers = [...found].map(([receiver, deliveries]) => {
    parts.log.warn({ receiver, deliveries }, 'a receiver is gone: what waits for it goes to whom the routes name now');
    return startGoneReceiverWorker({ ...parts, receiver, passOn: (delivery) => passOn(parts, delivery) });
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

async function passOn(parts: GoneReceiverParts, delivery: Delivery): Promise<PassedOn> {
  const { completeness, groups, policy } = parts;
  try {
    await completeness.ensure();
    if (!(await groups.isPolicy(policy.fingerprint))) return { kind: 'wait', forMs: OTHER_POLICY_MS };
    if (delivery.isGroup === undefined) return await reroute(parts, delivery);
    // It has no route any more, and its own record says who of it was not notified: see
    // groups/retire.ts.
    await groups.setDue(delivery.subjectId, parts.now());
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof StateLost) await completeness.verify();
    if (error instanceof Unavailable || error instanceof StateLost) return { kind: 'wait', forMs: AGAIN_MS };
    throw error;
  }
}
