// Empties the outbox: snapshots and activity entries to Kafka, deliveries to the queues, then the
// entry is removed. Every step may be repeated.
import { encodeDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import { encodeActivityEntry } from '../../../shared/contracts/activity.ts';
import { encodeIncident, type Incident } from '../../../shared/contracts/incident.ts';
import type { OutRecord } from '../../../shared/contracts/record.ts';
import type { Verdict } from '../../../shared/contracts/stage.ts';
import { NarrowHandler } from '../../../shared/kafka/narrow.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { GroupStore } from '../groups/store.ts';
import type { Inhibitors } from '../incidents/inhibitors.ts';
import type { IncidentStore, OutboxEntry } from '../incidents/store.ts';
import { isOwnBug, assertVerified } from '../redis/state-lost.ts';
import type { Policy } from '../policy/policy.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { RedisClient } from '../redis/client.ts';
import { plan } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';

/** Dependencies of the relay. */
interface RelayParts {
  /** This process, as outbox entries name it. */
  readonly owner: string;
  readonly client: Pick<RedisClient, 'isVerified'>;
  readonly store: IncidentStore;
  readonly producer: RecordProducer;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly groups: Pick<GroupStore, 'change'>;
  readonly inhibitors: Pick<Inhibitors, 'note'>;
  /** Groups may be due now. */
  onGroupsChanged(): void;
  readonly now: () => number;
  readonly policy: Policy;
  readonly metrics: Pick<NotifierMetrics, 'outboxEntries' | 'unrouted'>;
  readonly log: Logger;
}

/** Empties the outbox. */
export interface Relay {
  /**
   * Resolves when what was in the outbox at the call is in Kafka and in the queues: all of it, or
   * what this process wrote, and what another has left there for seconds. Throws Unavailable and
   * StateLost.
   */
  flush(whose: 'own' | 'all'): Promise<void>;
}

const ENTRIES_AT_A_TIME = 500;
/** Longer than a process takes to publish what it wrote, unless it has ended. */
const LEFT_AFTER_MS = 5000;
const STAGE = 'notifier-outbox';
const DONE: Verdict = { kind: 'emit', records: [] };
/** The outbox is published whatever caused it. */
const HANDING = { signal: new AbortController().signal, delivery: { mayRepeat: true } };

/** One relay of a process: calls that come while one is under way share the next. */
export function createRelay(parts: RelayParts): Relay {
  const publishing = publishingOf(parts);
  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let isAll = false;
  const start = async (): Promise<void> => {
    const whose = isAll ? 'all' : 'own';
    isAll = false;
    current = drain(parts, publishing, whose).finally(() => {
      current = undefined;
    });
    await current;
  };
  return {
    flush: async (whose) => {
      isAll ||= whose === 'all';
      if (current === undefined) await start();
      else
        await (next ??= current
          .catch(() => undefined)
          .then(async () => {
            next = undefined;
            await start();
          }));
    },
  };
}

type Publishing = NarrowHandler<OutboxEntry>;

/** As with records, an entry that causes a bug must not block the others. */
function publishingOf(parts: RelayParts): Publishing {
  const handle = async (entries: readonly OutboxEntry[]): Promise<readonly Verdict[]> => {
    await publish(parts, entries);
    return entries.map(() => DONE);
  };
  return new NarrowHandler({ name: STAGE, handle }, parts.log, isOwnBug);
}

async function drain(parts: RelayParts, publishing: Publishing, whose: 'own' | 'all'): Promise<void> {
  const { owner, now } = parts;
  const leftBeforeMs = now() - LEFT_AFTER_MS;
  const isOurs = ({ by = owner, transition }: OutboxEntry): boolean => by === owner || transition.atMs < leftBeforeMs;
  const entries = (await parts.store.outbox()).filter((entry) => whose === 'all' || isOurs(entry));
  parts.metrics.outboxEntries.set(entries.length);
  for (let from = 0; from < entries.length; from += ENTRIES_AT_A_TIME)
    await publishSparing(parts, publishing, entries.slice(from, from + ENTRIES_AT_A_TIME));
  parts.metrics.outboxEntries.set(0);
}

async function publishSparing(
  parts: RelayParts,
  publishing: Publishing,
  entries: readonly OutboxEntry[],
): Promise<void> {
  const verdicts = await publishing.handle(entries, HANDING);
  const dead = entries.flatMap((entry, index) => {
    const verdict = verdicts[index];
    return verdict?.kind === 'dead' ? [{ entry, verdict }] : [];
  });
  await parts.producer.send(dead.map(({ entry, verdict }) => letterOf(entry, verdict)));
  await parts.store.removeFromOutbox(dead.map(({ entry }) => entry));
}

/** It was in Redis and not in Kafka, so that it has no offset. */
function letterOf(entry: OutboxEntry, { reason, detail }: Verdict & { readonly kind: 'dead' }): OutRecord {
  const { incidentId, revision } = entry.transition;
  return encodeDeadLetter({
    stage: STAGE,
    reason,
    detail,
    source: { topic: 'redis:outbox', partition: -1, offset: String(revision) },
    original: { key: Buffer.from(incidentId), value: Buffer.from(JSON.stringify(entry)), headers: {} },
  });
}

async function publish(parts: RelayParts, entries: readonly OutboxEntry[]): Promise<void> {
  const { store, producer, queues, groups, policy, metrics } = parts;
  const ids = [...new Set(entries.map(({ transition }) => transition.incidentId))];
  const incidents = await readSnapshots(store, ids);
  // What a Redis that was set back holds must not come behind what Kafka has.
  assertVerified(parts.client);
  const known = entries.filter(({ transition }) => incidents.has(transition.incidentId));
  const { actions, deliveries, groupChanges } = plan(known, (id) => incidents.get(id) as Incident, policy);
  await producer.send([...[...incidents.values()].map(encodeIncident), ...actions.map(encodeActivityEntry)]);
  // Before anything is queued: an incident inhibited by another of the batch must not be sent
  // because of the order.
  await parts.inhibitors.note([...incidents.values()]);
  await queues.add(deliveries);
  if (groupChanges.length > 0) await groups.change(groupChanges, parts.now());
  // Another Redis by now need not have what was queued.
  assertVerified(parts.client);
  await store.removeFromOutbox(entries);
  metrics.unrouted.inc(actions.filter(({ type }) => type === 'unrouted').length);
  if (groupChanges.length > 0) parts.onGroupsChanged();
  await publishNewer(parts, incidents);
}

/**
 * Another process may have published a later revision between our read and our write; ours is
 * behind it in the compacted topic then. The process that wrote last checks again, so that the last
 * record of an incident is always its latest revision.
 */
async function publishNewer({ store, producer }: RelayParts, sent: ReadonlyMap<string, Incident>): Promise<void> {
  let written = sent;
  while (written.size > 0) {
    const now = await readSnapshots(store, [...written.keys()]);
    const before = written;
    written = new Map([...now].filter(([id, { revision }]) => revision > (before.get(id)?.revision ?? 0)));
    await producer.send([...written.values()].map(encodeIncident));
  }
}

async function readSnapshots(store: IncidentStore, ids: readonly string[]): Promise<ReadonlyMap<string, Incident>> {
  const snapshots = await store.snapshots(ids);
  return new Map(snapshots.flatMap((incident) => (incident === undefined ? [] : [[incident.id, incident]])));
}
