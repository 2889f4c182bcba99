// Redis was wiped, replaced or set back: the incidents are read from the compacted topic again, the
// deliveries from the activity log, and nobody is notified twice.
import type { Tombstone, Incident } from '../../../shared/contracts/incident.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { NotificationLog } from '../delivery/notification-log.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import type { GroupStore } from '../groups/store.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { DueRules } from '../policy/due.ts';
import type { Policy } from '../policy/policy.ts';
import type { Purger } from '../incidents/purge.ts';
import { type KnownEpisodes, readHistory } from './history.ts';
import type { Inhibitors } from '../incidents/inhibitors.ts';
import type { IncidentLimit } from '../incidents/limit.ts';
import { timersBy } from './reconfigure.ts';
import type { Rebuilt } from '../redis/completeness.ts';
import type { RebuildLease } from '../redis/rebuild-lease.ts';
import { type RestoredGroups, restoreGroups } from './restore-groups.ts';
import { restoreNotifications } from './restore-notifications.ts';
import type { SilenceStore } from '../incidents/silence-store.ts';
import { spareOthers } from './spare-others.ts';
import type { StatePiece, StateTopics } from './state-topics.ts';
import type { IncidentStore } from '../incidents/store.ts';

/** Dependencies of a rebuild. */
export interface RebuildParts extends Pick<StateTopics, 'eachPiece'> {
  readonly store: IncidentStore;
  readonly notificationLog: Pick<NotificationLog, 'restore'>;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly groups: Pick<GroupStore, 'restore'>;
  readonly silences: Pick<SilenceStore, 'restore'>;
  readonly inhibitors: Pick<Inhibitors, 'note'>;
  readonly purger: Pick<Purger, 'restore'>;
  readonly limit: Pick<IncidentLimit, 'restore'>;
  readonly policy: Policy;
  readonly rules: Pick<DueRules, 'staleAfterMs'>;
  readonly metrics: Pick<NotifierMetrics, 'skippedRecords'>;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Fills Redis from Kafka; what it gives is written with the marker of completeness. Throws
 * Unavailable, and RebuildLost from the lease.
 */
export async function rebuildFromKafka(parts: RebuildParts, lease: Pick<RebuildLease, 'renew'>): Promise<Rebuilt> {
  const { policy, rules } = parts;
  const summary = await rebuild(parts, lease);
  return { summary, filledBy: { policy: policy.fingerprint, timersBy: timersBy(rules) } };
}

async function rebuild(
  parts: RebuildParts,
  lease: Pick<RebuildLease, 'renew'>,
): Promise<{ readonly incidents: number; readonly deliveries: number }> {
  const counts = await parts.store.countByState();
  const isEmpty = Object.values(counts).every((count) => count === 0);
  // A group may have incidents of all pieces.
  const groups: RestoredGroups = { known: new Map(), members: new Map() };
  const sum = { incidents: 0, deliveries: 0 };
  await parts.eachPiece(async (piece) => {
    const { readIncidents, readActions } = renewing(piece, lease);
    const episodes = await rebuildIncidents(parts, readIncidents);
    const history = await readHistory({
      ...parts,
      readActions,
      episodes,
      isEmpty,
      groups: groups.known,
      onBug: (action, error) => {
        parts.metrics.skippedRecords.inc({ topic: 'actions' });
        parts.log.error({ err: error, action: action.id }, 'a bug met with one entry; the rebuild goes on without it');
      },
    });
    sum.incidents += episodes.size;
    sum.deliveries += await restoreNotifications(parts, history, groups);
    await lease.renew();
  });
  await restoreGroups(parts, groups);
  return sum;
}

/** What is read from Kafka is written batch by batch: behind each the lease is renewed. */
function renewing({ readIncidents, readActions }: StatePiece, lease: Pick<RebuildLease, 'renew'>): StatePiece {
  const renewed =
    <T>(read: (take: (values: readonly T[]) => Promise<void>) => Promise<unknown>) =>
    async (take: (values: readonly T[]) => Promise<void>): Promise<unknown> =>
      await read(async (values) => {
        await take(values);
        await lease.renew();
      });
  return { readIncidents: renewed(readIncidents), readActions: renewed(readActions) };
}

async function rebuildIncidents(
  parts: RebuildParts,
  readIncidents: StatePiece['readIncidents'],
): Promise<ReadonlyMap<string, KnownEpisodes>> {
  const { store, now } = parts;
  const episodes = new Map<string, KnownEpisodes>();
  await readIncidents(async (values) => {
    const { incidents, tombstones } = latestOf(values);
    await parts.purger.restore(tombstones);
    for (const { id } of tombstones) episodes.delete(id);
    for (const incident of incidents)
      if (incident.revision > (episodes.get(incident.id)?.revision ?? 0))
        episodes.set(incident.id, episodesOf(incident));
    const restore = async (some: readonly Incident[]): Promise<void> => {
      await store.restore(some, now());
      await parts.limit.restore(some);
      await parts.inhibitors.note(some);
    };
    await spareOthers(incidents, restore, ({ id }, error) => {
      parts.metrics.skippedRecords.inc({ topic: 'incidents' });
      parts.log.error({ err: error, incident: id }, 'a bug met with one snapshot; the rebuild goes on without it');
    });
  });
  return episodes;
}

function episodesOf({ revision, episode, openedAtMs: beganAtMs, state, flapping }: Incident): KnownEpisodes {
  return { revision, episode, beganAtMs, isOver: state === 'resolved', flapsSince: flapping?.episode };
}

/**
 * Of each incident the highest revision, which need not be the last record: two notifiers may have
 * published at the same time. What begins anew after it was purged takes a higher revision than it
 * had.
 */
function latestOf(values: readonly (Incident | Tombstone)[]) {
  const incidents = new Map<string, Incident>();
  const tombstones = new Map<string, Tombstone>();
  for (const value of values) {
    if ('kind' in value) keepLatest(tombstones, value);
    else keepLatest(incidents, value);
  }
  const isOn = ({ id, revision }: Incident): boolean => revision > (tombstones.get(id)?.revision ?? 0);
  return { incidents: [...incidents.values()].filter(isOn), tombstones: [...tombstones.values()] };
}

function keepLatest<T extends Incident | Tombstone>(found: Map<string, T>, value: T): void {
  if (value.revision > (found.get(value.id)?.revision ?? 0)) found.set(value.id, value);
}
