// What the notifier is made of, put together: connections, stores, policy. Nothing works yet.
import { actionsTopic, incidentsTopic } from '../../shared/contracts/incident.ts';
import { createKafka } from '../../shared/kafka/client.ts';
import { createProducer } from '../../shared/kafka/producer.ts';
import { readTopic } from '../../shared/kafka/read-topic.ts';
import type { ServiceContext } from '../../shared/runtime/running.ts';
import type { NotifierConfig } from './config.ts';
import { createJudge } from './delivery/judge.ts';
import { createLedger } from './delivery/ledger.ts';
import { createQueues } from './delivery/queue.ts';
import { createRelay } from './delivery/relay.ts';
import { createIncidentSubject, type SubjectOf, type SubjectParts } from './delivery/subject.ts';
import { createGroupStore } from './groups/store.ts';
import { createGroupSubject, type GroupSubjectParts } from './groups/subject.ts';
import { createClearings } from './incidents/clearings.ts';
import { createInhibitors } from './incidents/inhibitors.ts';
import { keysOf } from './incidents/keys.ts';
import { createNeighbours } from './incidents/neighbours.ts';
import { watchCompleteness } from './incidents/rebuild.ts';
import { createSilenceStore } from './incidents/silence-store.ts';
import { createStormMark } from './incidents/storm.ts';
import { createIncidentStore } from './incidents/store.ts';
import { declareNotifierMetrics } from './metrics.ts';
import { candidateOf } from './policy/candidate.ts';
import { type DueRules, dueOf } from './policy/due.ts';
import { createPolicy } from './policy/policy.ts';
import { createRedis, queueConnection } from './redis.ts';

/** See `openRooms`. */
export type Rooms = ReturnType<typeof openRooms>;

/** Opens everything; each thing that has to be closed says so. `onGroupsChanged` is called when groups may be due. */
export function openRooms(context: ServiceContext<NotifierConfig>, onGroupsChanged: () => void) {
  const { config, log, registry, closers } = context;
  const { kafka: settings, redis, notifier } = config;
  const policy = createPolicy(notifier, notifier.receivers.map(candidateOf));
  const rules: DueRules = { policy, staleAfterMs: notifier.staleAfterMs };
  const kafka = createKafka(settings, log);
  const producer = createProducer(kafka, settings);
  closers.add('Kafka producer', async () => await producer.close());
  const client = createRedis(redis, log);
  closers.add('Redis', async () => await client.close());
  const keys = keysOf(redis.keyPrefix);
  const place = { connection: queueConnection(redis), prefix: keys.queues };
  const names = policy.candidates.map(({ name }) => name);
  const queues = createQueues(names, place, { attempts: notifier.attempts, log });
  closers.add('delivery queues', async () => await queues.close());
  const metrics = declareNotifierMetrics(registry);
  const seenWindow = { events: notifier.seenEvents, keepMs: notifier.seenKeepMs };
  const store = createIncidentStore(client, keys, { seenWindow, dueOf: (incident) => dueOf(incident, rules) });
  const ledger = createLedger(client, keys);
  const silences = createSilenceStore(client, keys);
  const inhibitors = createInhibitors(client, keys, { store, policy });
  const groups = createGroupStore(client, keys);
  const judge = createJudge({ policy, silences, inhibitors });
  const common = { client, keys, store, queues, groups, inhibitors, policy, metrics, now: Date.now };
  const relay = createRelay({ ...common, producer, onGroupsChanged });
  const completeness = watchCompleteness({
    ...common,
    ledger,
    silences,
    log,
    readIncidents: async (take) => await readTopic(kafka, settings, incidentsTopic, take),
    readActions: async (take) => await readTopic(kafka, settings, actionsTopic, take),
  });
  const subjectOf = createSubject({ store, policy, judge, groups, neighbours: createNeighbours(client, keys, store) });
  return {
    ...common,
    kafka,
    producer,
    place,
    rules,
    ledger,
    silences,
    judge,
    relay,
    clearings: createClearings(common),
    markStorm: createStormMark(client, keys, policy),
    completeness,
    subjectOf,
  };
}

function createSubject(parts: GroupSubjectParts & SubjectParts): SubjectOf {
  const single = createIncidentSubject(parts);
  const grouped = createGroupSubject(parts);
  return async (delivery, claim, nowMs) => await (delivery.isGroup === true ? grouped : single)(delivery, claim, nowMs);
}
