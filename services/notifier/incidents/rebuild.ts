// Redis was wiped, replaced or set back: the incidents come from the compacted topic again, the deliveries from the actions, and nobody is told twice.
import type { Action, Incident } from '../../../shared/contracts/incident.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Ledger } from '../delivery/ledger.ts';
import { type Delivery, deliveryOf } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { RedisClient } from '../redis.ts';
import type { Keys } from './keys.ts';
import type { IncidentStore } from './store.ts';

type Take<T> = (values: readonly T[]) => Promise<void>;

/** What a rebuild works with. `readIncidents` and `readActions` read the topics from beginning to end. */
export interface RebuildParts {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly store: IncidentStore;
  readonly ledger: Ledger;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly policy: Policy;
  readonly metrics: Pick<NotifierMetrics, 'rebuilds'>;
  readonly log: Logger;
  readonly now: () => number;
  readIncidents(take: Take<Incident>): Promise<unknown>;
  readActions(take: Take<Action>): Promise<unknown>;
}

/** Keeps Redis believable. */
export interface Completeness {
  /** Resolves when the Redis we are connected to holds all incidents; rebuilds them when it does not. Cheap while nothing changed. Throws Unavailable. */
  ensure(): Promise<void>;
  /** The same, but looks again whatever was found before. */
  verify(): Promise<void>;
}

/**
 * Redis is believed when its marker holds its own run id (`INFO server`): a wiped one has no marker, and one that was restarted or failed over
 * has another run id and may have lost its last second.
 */
export function watchCompleteness(parts: RebuildParts): Completeness {
  let isVerified = false;
  let checking: Promise<void> | undefined;
  parts.client.redis.on('close', () => {
    isVerified = false;
  });
  const check = async (): Promise<void> => {
    const runId = await readRunId(parts.client);
    const marker = await parts.client.run(async (redis) => await redis.get(parts.keys.complete));
    if (marker !== runId) {
      parts.log.warn({ isWiped: marker === null }, 'Redis is not the one that was left: rebuilding from Kafka');
      const rebuilt = await rebuild(parts);
      await parts.client.run(async (redis) => await redis.set(parts.keys.complete, runId));
      parts.metrics.rebuilds.inc();
      parts.log.info(rebuilt, 'rebuilt from Kafka');
    }
    isVerified = true;
  };
  const once = async (): Promise<void> => {
    checking ??= check().finally(() => {
      checking = undefined;
    });
    await checking;
  };
  return {
    ensure: async () => {
      if (!isVerified) await once();
    },
    verify: once,
  };
}

async function readRunId(client: RedisClient): Promise<string> {
  const info = await client.run(async (redis) => await redis.info('server'));
  const runId = /^run_id:(?<id>\w+)/mu.exec(info)?.groups?.['id'];
  if (runId === undefined) throw new Error(`Redis tells no run_id: ${info.slice(0, 200)}`);
  return runId;
}

/** The latest beginning of an episode that the actions tell of. */
interface Begun {
  readonly episode: number;
  readonly revision: number;
  readonly kind: 'opened' | 'reopened';
  readonly atMs: number;
}

async function rebuild(parts: RebuildParts): Promise<{ readonly incidents: number; readonly deliveries: number }> {
  const { store, ledger, queues, now } = parts;
  const seen = new Set<string>();
  await parts.readIncidents(async (incidents) => {
    for (const { id } of incidents) seen.add(id);
    await store.restore(incidents, now());
  });
  const begun = new Map<string, Begun>();
  await parts.readActions(async (actions) => {
    for (const action of actions) {
      const { type: kind, incidentId, episode, revision, at: atMs } = action;
      if (kind === 'opened' || kind === 'reopened') begun.set(incidentId, { episode, revision, kind, atMs });
      if (kind !== 'notified' || action.channel === undefined) continue;
      const reference = action.providerReference ?? '';
      await ledger.restoreSent(toDelivery(action, action.channel), reference, atMs);
    }
  });
  const untold: Delivery[] = [];
  for (const delivery of await expected(parts, begun)) if (await ledger.restoreUnknown(delivery)) untold.push(delivery);
  await queues.add(untold);
  return { incidents: seen.size, deliveries: untold.length };
}

const SNAPSHOTS_AT_A_TIME = 100;

/** What should have been sent about incidents that are still on. */
async function expected(
  { store, policy }: RebuildParts,
  begun: ReadonlyMap<string, Begun>,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  const ids = [...begun.keys()];
  for (let from = 0; from < ids.length; from += SNAPSHOTS_AT_A_TIME) {
    const snapshots = await store.snapshots(ids.slice(from, from + SNAPSHOTS_AT_A_TIME));
    for (const incident of snapshots) {
      const start = incident === undefined ? undefined : begun.get(incident.id);
      if (incident !== undefined && start?.episode === incident.episode && incident.state !== 'resolved')
        deliveries.push(...deliveriesOf(incident, start, policy));
    }
  }
  return deliveries;
}

function deliveriesOf(incident: Incident, start: Begun, policy: Policy): readonly Delivery[] {
  const { episode, revision, kind, atMs } = start;
  const decision = decide(
    { kind, incidentId: incident.id, episode, revision, from: 'none', to: 'open', at: atMs, actor: '', reason: '' },
    incident,
    policy,
  );
  if (decision.kind !== 'notify') return [];
  const common = { incidentId: incident.id, episode, revision, reason: decision.reason, receivedAtMs: atMs };
  return decision.targets.map(({ receiver }) => deliveryOf({ ...common, receiver }));
}

function toDelivery({ incidentId, episode, revision, at }: Action, receiver: string): Delivery {
  return deliveryOf({ incidentId, episode, revision, receiver, reason: 'opened', receivedAtMs: at });
}
