// The notifier's wiring: alerts become incidents in Redis, incidents become deliveries, deliveries become messages.
import { actionsTopic, incidentsTopic } from '../../shared/contracts/incident.ts';
import { createKafka } from '../../shared/kafka/client.ts';
import { createProducer } from '../../shared/kafka/producer.ts';
import { readTopic } from '../../shared/kafka/read-topic.ts';
import { runStage } from '../../shared/kafka/stage.ts';
import { declareStageMetrics } from '../../shared/kafka/stage-metrics.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { patiently } from '../../shared/runtime/patience.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../../shared/runtime/service.ts';
import { createChannel } from './channels/receivers.ts';
import { type NotifierConfig, notifierSchema } from './config.ts';
import { createLedger } from './delivery/ledger.ts';
import { createQueues, type DeliveryQueues } from './delivery/queue.ts';
import { createRelay } from './delivery/relay.ts';
import { type DeliveryWorker, startWorker } from './delivery/worker.ts';
import { createAlertsStage } from './incidents/alerts-stage.ts';
import { keysOf } from './incidents/keys.ts';
import { type Completeness, watchCompleteness } from './incidents/rebuild.ts';
import { createIncidentStore, type IncidentStore } from './incidents/store.ts';
import { declareNotifierMetrics, type NotifierMetrics } from './metrics.ts';
import { createPolicy } from './policy/policy.ts';
import { createRedis, queueConnection, type RedisClient, refuseEviction } from './redis.ts';

/** The notifier. */
export const notifierService: ServiceDefinition<typeof notifierSchema> = {
  name: 'notifier',
  summary: 'turns alerts into incidents and tells the right people once',
  schema: notifierSchema,
  admin: (config) => config.notifier.admin,
  start: startNotifier,
};

type Context = ServiceContext<NotifierConfig>;
type Rooms = ReturnType<typeof openRooms>;

/** A send may last as long as its channel's time-out; the lease outlives it. */
const LEASE_MARGIN_MS = 5000;
const DEFAULT_SEND_MS = 10_000;
const OBSERVE_EVERY_MS = 5000;

/** Starts the notifier: waits for Kafka and Redis, makes sure that Redis holds the incidents, then works. Throws ConfigError for a Redis that evicts or topics that cannot serve. */
export async function startNotifier(context: Context): Promise<Running> {
  const { config, log, signal, closers } = context;
  const rooms = openRooms(context);
  const { client, completeness, relay, producer, kafka, metrics } = rooms;
  await patiently({ log, signal }, async () => {
    await ensureTopics(kafka, config.kafka, ['alerts', 'incidents', 'actions', 'deadLetters']);
    await refuseEviction(client);
    await completeness.ensure();
    await relay.flush();
  });
  const workers = startWorkers(context, rooms);
  closers.add('delivery workers', async (deadline) => {
    await Promise.all(workers.map(async (worker) => await worker.stop(deadline)));
  });
  const stage = await runStage({
    stage: createAlertsStage({
      store: rooms.store,
      relay,
      metrics,
      completeness,
      reopenWithinMs: config.notifier.reopenWithinMs,
      now: Date.now,
    }),
    kafka,
    settings: config.kafka,
    producer,
    log,
    metrics: declareStageMetrics(context.registry),
    signal,
    concurrency: config.notifier.concurrency,
  });
  const stopObserving = observeRegularly(rooms, context);
  return {
    ready: async () =>
      (await stage.ready()) ??
      (await client.ready()) ??
      workers.map((worker) => worker.ready()).find((missing) => missing !== undefined),
    stop: async (deadline) => {
      stopObserving();
      await stage.stop(deadline);
    },
  };
}

function openRooms({ config, log, registry, closers }: Context) {
  const { kafka: settings, redis, notifier } = config;
  const policy = createPolicy(notifier, notifier.receivers);
  const kafka = createKafka(settings, log);
  const producer = createProducer(kafka, settings);
  closers.add('Kafka producer', async () => await producer.close());
  const client = createRedis(redis, log);
  closers.add('Redis', async () => await client.close());
  const keys = keysOf(redis.keyPrefix);
  const place = { connection: queueConnection(redis), prefix: keys.queues };
  const queues = createQueues(
    policy.candidates.map(({ name }) => name),
    place,
    { attempts: notifier.attempts, log },
  );
  closers.add('delivery queues', async () => await queues.close());
  const metrics = declareNotifierMetrics(registry);
  const store = createIncidentStore(client, keys, { events: notifier.seenEvents, keepMs: notifier.seenKeepMs });
  const ledger = createLedger(client, keys);
  const relay = createRelay({ store, producer, queues, policy, metrics });
  const completeness = watchCompleteness({
    client,
    keys,
    store,
    ledger,
    queues,
    policy,
    metrics,
    log,
    now: Date.now,
    readIncidents: async (take) => await readTopic(kafka, settings, incidentsTopic, take),
    readActions: async (take) => await readTopic(kafka, settings, actionsTopic, take),
  });
  return { kafka, producer, client, place, queues, metrics, store, ledger, relay, completeness };
}

function startWorkers({ config, log, closers }: Context, rooms: Rooms): readonly DeliveryWorker[] {
  const { store, ledger, producer, metrics, queues, place, completeness } = rooms;
  return config.notifier.receivers.map((receiver) => {
    const channel = createChannel(receiver, Date.now);
    closers.add(`channel ${receiver.name}`, async () => await channel.close());
    const sendMs = receiver.kind === 'webhook' ? receiver.timeoutMs : DEFAULT_SEND_MS;
    return startWorker({
      receiver: receiver.name,
      place,
      queues,
      log,
      completeness,
      concurrency: receiver.concurrency,
      retryMinMs: config.notifier.retryMinMs,
      retryMaxMs: config.notifier.retryMaxMs,
      parts: { channel, store, ledger, producer, metrics, leaseMs: sendMs + LEASE_MARGIN_MS, now: Date.now },
    });
  });
}

interface Observed {
  readonly queues: DeliveryQueues;
  readonly store: IncidentStore;
  readonly metrics: NotifierMetrics;
  readonly client: RedisClient;
  readonly completeness: Completeness;
}

/** Gauges are read from Redis now and then; a Redis that was restarted is found out here too, also when no alert comes. Gives what ends it. */
function observeRegularly({ queues, store, metrics, client, completeness }: Observed, { log }: Context): () => void {
  let isBusy = false;
  const observe = async (): Promise<void> => {
    if (isBusy || client.redis.status !== 'ready') return;
    isBusy = true;
    try {
      await completeness.verify();
      for (const [state, count] of Object.entries(await store.countByState())) metrics.incidents.set({ state }, count);
      await queues.observe(metrics);
    } catch (error) {
      log.debug({ detail: messageOf(error) }, 'gauges not read');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void observe(), OBSERVE_EVERY_MS);
  return () => clearInterval(timer);
}
