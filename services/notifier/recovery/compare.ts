// Whether Redis lost anything that Kafka knows: one that was restarted, failed over or set back
// with its data is rebuilt only then.
import type { ActivityEntry, IncidentEntry, NotifiedEntry } from '../../../shared/contracts/activity.ts';
import { deliveryIdOf } from '../../../shared/contracts/ids.ts';
import type { Silence } from '../../../shared/contracts/incident.ts';
import type { KnownDelivery, NotificationLog } from '../delivery/notification-log.ts';
import type { Delivery } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import { isEndedLongAgo, type StoredSilence } from '../incidents/silence-store.ts';
import type { IncidentStore } from '../incidents/store.ts';
import type { DueRules } from '../policy/due.ts';
import type { Policy } from '../policy/policy.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { toKnownDelivery } from './history.ts';
import { timersBy } from './reconfigure.ts';
import type { StateTopics } from './state-topics.ts';

/** Dependencies. */
export interface CompareParts extends Pick<StateTopics, 'readLatestIncidents' | 'readLatestActions'> {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly notificationLog: Pick<NotificationLog, 'restore'>;
  readonly queues: Pick<DeliveryQueues, 'eachWaiting'>;
  readonly store: Pick<IncidentStore, 'briefs'>;
  readonly policy: Pick<Policy, 'fingerprint'>;
  readonly rules: Pick<DueRules, 'staleAfterMs'>;
  readonly now: () => number;
}

/**
 * Whether Redis has all that Kafka knows. A Redis that comes back has everything up to a moment and
 * nothing that was written later. A change of an incident, the claim of a message and a silence are
 * written to Redis before Kafka has anything of them. So a Redis that has those of the last records
 * has those of all records, and a rebuild would add nothing, unless timers and groups are those of
 * another configuration. What it lost beside was not in Kafka: a batch whose offset is not
 * committed is processed again, and deliveries that may have been sent are in doubt from now on.
 * Throws Unavailable.
 */
export async function hasAllOfKafka(parts: CompareParts): Promise<boolean> {
  if (!(await isFilledByThis(parts))) return false;
  const latest = await readLatest(parts);
  const incidents = await readIncidents(parts, latest);
  for (const [id, found] of incidents) if (!hasIncident(latest, id, found)) return false;
  if (!(await hasSilences(parts, latest))) return false;
  const unsettled = await readUnsettled(parts, latest, incidents);
  if (unsettled === undefined) return false;
  await parts.notificationLog.restore(unsettled);
  await parts.queues.eachWaiting(async (deliveries) => {
    const known = deliveries.filter(isBeginning).map((delivery) => ({ delivery, isWanted: true }));
    await parts.notificationLog.restore(known);
  });
  return true;
}

/** Kafka does not say by which configuration timers and groups were made. */
async function isFilledByThis({ client, keys, policy, rules }: CompareParts): Promise<boolean> {
  const [by, timers] = await client.run(async (redis) => await redis.mget(keys.policy, keys.timersBy));
  return by === policy.fingerprint && timers === timersBy(rules);
}

/** What the last records stand for. */
interface Latest {
  /** Incident → the highest revision of its snapshots and transitions. */
  readonly revisions: ReadonlyMap<string, number>;
  /** Incident → the last revision that it had when it was purged. */
  readonly purged: ReadonlyMap<string, number>;
  /** The last message of each record in the notification log. */
  readonly notified: readonly NotifiedEntry[];
  readonly silences: ReadonlyMap<string, Silence>;
}

async function readLatest(parts: CompareParts): Promise<Latest> {
  const [revisions, purged] = [new Map<string, number>(), new Map<string, number>()];
  const notified = new Map<string, NotifiedEntry>();
  const silences = new Map<string, Silence>();
  const takeEntry = (entry: ActivityEntry): void => {
    if (entry.subject === 'incident')
      keepHighest(entry.type === 'purged' ? purged : revisions, entry.incidentId, entry.revision);
    if (entry.subject === 'silence' && entry.silence.revision >= (silences.get(entry.silence.id)?.revision ?? 0))
      silences.set(entry.silence.id, entry.silence);
    if (entry.subject !== 'delivery' || entry.type !== 'notified') return;
    const key = recordKeyOf(parts, entry);
    if (entry.atMs >= (notified.get(key)?.atMs ?? 0)) notified.set(key, entry);
  };
  await Promise.all([
    parts.readLatestIncidents(async (values) => {
      for (const value of values) keepHighest('kind' in value ? purged : revisions, value.id, value.revision);
      await Promise.resolve();
    }),
    parts.readLatestActions(async (entries) => {
      for (const entry of entries) takeEntry(entry);
      await Promise.resolve();
    }),
  ]);
  return { revisions, purged, notified: [...notified.values()], silences };
}

function keepHighest(found: Map<string, number>, id: string, revision: number): void {
  if (revision > (found.get(id) ?? 0)) found.set(id, revision);
}

/** An incident in Redis. `purgedRevision`: it was purged, and Kafka need not have that yet. */
interface FoundIncident {
  readonly revision: number | undefined;
  readonly purgedRevision: number;
}

async function readIncidents(
  { client, keys }: CompareParts,
  { revisions, purged, notified }: Latest,
): Promise<ReadonlyMap<string, FoundIncident>> {
  const ids = [...new Set([...revisions.keys(), ...purged.keys(), ...notified.map(({ incidentId }) => incidentId)])];
  const answers = await pipeline(client, (commands) => {
    for (const id of ids) {
      commands.hget(keys.incident(id), 'revision');
      commands.hget(keys.purged, id);
    }
  });
  return new Map(
    ids.map((id, index) => {
      const [revision, entry] = answers.slice(2 * index, 2 * index + 2);
      return [
        id,
        {
          revision: typeof revision === 'string' ? Number(revision) : undefined,
          purgedRevision: typeof entry === 'string' ? (JSON.parse(entry) as IncidentEntry).revision : 0,
        },
      ];
    }),
  );
}

/**
 * What was purged may have begun anew since, under a higher revision: a purge in Redis answers only
 * for what came before it.
 */
function hasIncident({ revisions, purged }: Latest, id: string, { revision, purgedRevision }: FoundIncident): boolean {
  const [known, gone] = [revisions.get(id) ?? 0, purged.get(id) ?? 0];
  if (revision === undefined) return Math.max(gone, purgedRevision) >= known;
  return revision >= known && revision > gone;
}

async function hasSilences({ client, keys, now }: CompareParts, { silences }: Latest): Promise<boolean> {
  const wanted = [...silences.values()].filter((silence) => !isEndedLongAgo(silence, now()));
  if (wanted.length === 0) return true;
  const found = await client.run(async (redis) => await redis.hmget(keys.silences, ...wanted.map(({ id }) => id)));
  return wanted.every(({ revision }, index) => {
    const text = found[index];
    return typeof text === 'string' && (JSON.parse(text) as StoredSilence).silence.revision >= revision;
  });
}

/**
 * Messages that were sent and that the notification log has not settled: it has only the claim,
 * because Redis went meanwhile, or nothing of an earlier episode, which a rebuild leaves out.
 * Undefined when it lacks another one. The log of a purged incident is gone with it.
 */
async function readUnsettled(
  parts: CompareParts,
  { notified, purged }: Latest,
  incidents: ReadonlyMap<string, FoundIncident>,
): Promise<readonly KnownDelivery[] | undefined> {
  const answers = await pipeline(parts.client, (commands) => {
    for (const entry of notified) commands.hmget(recordKeyOf(parts, entry), 'state', 'at', 'sentAt', 'revision');
  });
  const unsettled: KnownDelivery[] = [];
  const lacking: NotifiedEntry[] = [];
  for (const [index, entry] of notified.entries()) {
    const [state, at, sentAt, claimed] = answers[index] as readonly (string | null)[];
    if (state === 'claimed' && claimOf(entry, Number(claimed)) === entry.deliveryId)
      unsettled.push(toKnownDelivery(entry));
    else if (Math.max(Number(at ?? 0), Number(sentAt ?? 0)) < entry.atMs) lacking.push(entry);
  }
  const left = lacking.filter(({ incidentId: id, revision }) => {
    const gone = Math.max(incidents.get(id)?.purgedRevision ?? 0, purged.get(id) ?? 0);
    return gone < revision;
  });
  const found = await parts.store.briefs(left.map(({ incidentId }) => incidentId));
  if (left.some(({ episode }, index) => episode >= (found[index]?.episode ?? 0))) return undefined;
  return [...unsettled, ...left.map(toKnownDelivery)];
}

/** The delivery that claimed this revision in the record of the entry. */
function claimOf({ incidentId, episode, group, receiver }: NotifiedEntry, revision: number): string {
  return deliveryIdOf(group?.id ?? incidentId, group?.episode ?? episode, revision, receiver);
}

function recordKeyOf({ keys }: CompareParts, { incidentId, episode, group, receiver }: NotifiedEntry): string {
  return keys.delivery(group?.id ?? incidentId, group?.episode ?? episode, receiver);
}

function isBeginning({ reason }: Delivery): boolean {
  return reason === 'opened' || reason === 'reopened' || reason === 'escalated';
}
