// Makes the components of the notifier: connections, stores, policy. None is started.
import { randomUUID } from 'node:crypto';
import { createKafka } from '../../shared/kafka/client.ts';
import { BatchingProducer } from '../../shared/kafka/producer.ts';
import { createRemediationTexts, type RemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import type { ServiceContext } from '../../shared/runtime/running.ts';
import type { NotifierConfig } from './config.ts';
import { createSuppressionCheck } from './delivery/suppression-check.ts';
import { createNotificationLog } from './delivery/notification-log.ts';
import { createQueues } from './delivery/queue.ts';
import { createRelay } from './dispatch/outbox-relay.ts';
import { createGroupStore } from './groups/store.ts';
import { createSubject } from './groups/subject.ts';
import { createClearings } from './incidents/clearings.ts';
import { createPurger } from './incidents/purge.ts';
import { createInhibitors } from './incidents/inhibitors.ts';
import { createIncidentLimit } from './incidents/limit.ts';
import { type Keys, keysOf } from './redis/keys.ts';
import { createRelatedIncidents } from './incidents/related-incidents.ts';
import { type CompareParts, hasAllOfKafka } from './recovery/compare.ts';
import { type RebuildParts, rebuildFromKafka } from './recovery/rebuild.ts';
import { createStateTopics } from './recovery/state-topics.ts';
import { type Rebuilt, watchCompleteness } from './redis/completeness.ts';
import type { RebuildLease } from './redis/rebuild-lease.ts';
import { createSilenceStore } from './incidents/silence-store.ts';
import { createStormMark, withFlapping } from './incidents/storm.ts';
import { createIncidentStore, type StoreOptions } from './incidents/store.ts';
import { declareNotifierMetrics, type NotifierMetrics } from './metrics.ts';
import { receiverTraitsOf } from './policy/receiver-traits.ts';
import { type DueRules, dueOf } from './policy/due.ts';
import { createPolicy, type Policy } from './policy/policy.ts';
import { createRedis, queueConnection, type RedisClient } from './redis/client.ts';

/** See `createComponents`. */
export type NotifierComponents = ReturnType<typeof createComponents>;

/**
 * Makes the components; each registers its closer. `onGroupsChanged` is called when groups may be
 * due.
 */
export function createComponents(context: ServiceContext<NotifierConfig>, onGroupsChanged: () => void) {
  const { config, log, registry, closers } = context;
  const { kafka: settings, notifier } = config;
  const policy = createPolicy(notifier, notifier.receivers.map(receiverTraitsOf));
  const rules = rulesOf(policy, notifier);
  const { kafka, producer } = openKafka(context);
  const { client, keys, place } = openRedis(context);
  // By the connection of the scripts: what is queued and what is taken out of the outbox is in one
  // Redis, also while another primary still answers.
  const queuePlace = { ...place, connection: client.redis };
  const queues = createQueues(namesOf(policy), queuePlace, { attempts: notifier.attempts, log });
  closers.add('delivery queues', async () => await queues.close());
  const metrics = declareNotifierMetrics(registry);
  const owner = randomUUID();
  const texts = createRemediationTexts(log, { waitMs: ENTRY_WAIT_MS });
  const stores = createStores(client, keys, { notifier, policy, rules, owner, texts });
  const common = { client, keys, queues, policy, metrics, rules, log, texts, ...stores, now: Date.now };
  const relay = createRelay({ ...common, owner, producer, onGroupsChanged });
  const purger = createPurger({ ...common, producer });
  const limit = createIncidentLimit(client, keys, { ...notifier, keepMs: rules.purgeResolvedAfterMs });
  const completeness = createCompleteness({
    ...common,
    ...createStateTopics(kafka, settings, { log, metrics }),
    purger,
    limit,
  });
  return {
    ...common,
    kafka,
    producer,
    place,
    relay,
    clearings: createClearings(common),
    markStorm: withFlapping(createStormMark(client, keys, policy), notifier.flapping),
    limit,
    purger,
    completeness,
    subjectOf: createSubject(common),
  };
}

/** The stores in Redis. */
function createStores(
  client: RedisClient,
  keys: Keys,
  {
    notifier,
    policy,
    texts,
    ...options
  }: Pick<NotifierConfig, 'notifier'> & {
    readonly policy: Policy;
    readonly rules: DueRules;
    readonly owner: string;
    readonly texts: RemediationTexts;
  },
) {
  const store = createIncidentStore(client, keys, storeOptions(notifier, options));
  const silences = createSilenceStore(client, keys);
  const inhibitors = createInhibitors(client, keys, { store, policy });
  return {
    store,
    silences,
    inhibitors,
    notificationLog: createNotificationLog(client, keys),
    groups: createGroupStore(client, keys),
    suppressionOf: createSuppressionCheck({ policy, silences, inhibitors }),
    relatedIncidents: createRelatedIncidents(client, keys, { store, texts }),
  };
}

/** Redis is rebuilt from Kafka when it is not complete. */
function createCompleteness(parts: RebuildParts & CompareParts & { readonly metrics: NotifierMetrics }) {
  const rebuild = (lease: Pick<RebuildLease, 'renew'>): Promise<Rebuilt> => rebuildFromKafka(parts, lease);
  const compare = (): Promise<boolean> => hasAllOfKafka(parts);
  return watchCompleteness({ ...parts, compare, rebuild, onRebuilt: () => parts.metrics.rebuilds.inc() });
}

function openKafka({ config, log, closers }: ServiceContext<NotifierConfig>) {
  const kafka = createKafka(config.kafka, log);
  closers.add('Kafka connections', () => kafka.end());
  const producer = new BatchingProducer(kafka, config.kafka);
  closers.add('Kafka producer', async () => await producer.close());
  return { kafka, producer };
}

function openRedis({ config: { redis }, log, closers }: ServiceContext<NotifierConfig>) {
  const client = createRedis(redis, log);
  closers.add('Redis', async () => await client.close());
  const keys = keysOf(redis.keyPrefix);
  return { client, keys, place: { connection: queueConnection(redis), prefix: keys.queues } };
}

function namesOf({ candidates }: Policy): readonly string[] {
  return candidates.map(({ name }) => name);
}

/** With a second, short wait less than what the lease of a delivery has beside its sending. */
const ENTRY_WAIT_MS = 4000;

function storeOptions(
  { dedupMaxEvents, dedupKeepMs }: NotifierConfig['notifier'],
  { rules, owner }: Pick<StoreOptions, 'owner'> & { readonly rules: DueRules },
): StoreOptions {
  return {
    owner,
    seenWindow: { events: dedupMaxEvents, keepMs: dedupKeepMs },
    dueOf: (incident) => dueOf(incident, rules),
  };
}

/** Not before late events, reopening and redelivery can do without it. */
function rulesOf(
  policy: Policy,
  { staleAfterMs, purgeResolvedAfterMs, reopenWithinMs, dedupKeepMs }: NotifierConfig['notifier'],
): DueRules {
  return { policy, staleAfterMs, purgeResolvedAfterMs: Math.max(purgeResolvedAfterMs, reopenWithinMs, dedupKeepMs) };
}
