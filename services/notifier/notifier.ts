// The notifier's wiring: alerts become incidents in Redis, incidents become deliveries, deliveries
// become messages; people's commands and the clock change them.
import { declareStageMetrics } from '../../shared/kafka/stage-metrics.ts';
import { runStage } from '../../shared/kafka/stage.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import type { Stage } from '../../shared/contracts/stage.ts';
import { consoleUrlOf } from '../../shared/http/console-address.ts';
import { closeStarting } from '../../shared/runtime/closers.ts';
import { errorText } from '../../shared/runtime/errors.ts';
import { retryWhileUnavailable } from '../../shared/runtime/retry.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../../shared/runtime/running.ts';
import { channelTypeOf } from './channels/receivers.ts';
import { createCommandsStage } from './commands/commands-stage.ts';
import { checkNotifier, labelsOfSettings } from './check.ts';
import { type NotifierConfig, notifierSchema } from './config.ts';
import { findGoneReceivers, startGoneReceivers } from './dispatch/gone-receivers.ts';
import { acknowledgeUrlOf, linksOf, pageOf } from './delivery/links.ts';
import { createRateLimit } from './delivery/rate-limit.ts';
import { type ReceiverWatch, watchReceiver } from './delivery/receiver-watch.ts';
import { createRecipientLog } from './delivery/recipient-log.ts';
import { type DeliveryWorker, startWorker } from './delivery/worker.ts';
import { flushDueGroups } from './groups/flusher.ts';
import { createAlertsStage } from './dispatch/alerts-stage.ts';
import { reconfigure } from './recovery/reconfigure.ts';
import { StateLost } from './redis/state-lost.ts';
import { fireTimers } from './dispatch/timers.ts';
import type { KnownLabels } from '../../shared/matchers/label-check.ts';
import { parseAddressRanges } from '../../shared/matchers/address-range.ts';
import { createProbeNow } from './probe/probe-now.ts';
import { startProber } from './probe/prober.ts';
import { createResolveName } from './probe/resolve-name.ts';
import { checkRedis } from './redis/check.ts';
import { createComponents, type NotifierComponents } from './components.ts';
import { startTicker, type Ticker } from './dispatch/ticker.ts';

/** The notifier. */
export const notifierService: ServiceDefinition<typeof notifierSchema> = {
  name: 'notifier',
  summary: 'turns alerts into incidents and notifies the right people once',
  schema: notifierSchema,
  check: checkNotifier,
  admin: (config) => config.notifier.admin,
  start: startNotifier,
};

type Context = ServiceContext<NotifierConfig>;

/** The lease of a delivery is longer than its longest attempt. */
const LEASE_MARGIN_MS = 5000;
const OBSERVE_EVERY_MS = 5000;

/**
 * Starts the notifier: waits for Kafka and Redis, makes sure that Redis holds the incidents, then
 * works. Throws ConfigError for a Redis that evicts, topics that cannot serve or routes that do not
 * fit together.
 */
export async function startNotifier(context: Context): Promise<Running> {
  const { config, log, signal, closers } = context;
  let ticker: Ticker | undefined;
  // Before any component connects that would write to it.
  await retryWhileUnavailable({ log, signal }, async () => await checkRedis(config.redis, log));
  const components = createComponents(context, () => ticker?.nudge());
  const { client, kafka } = components;
  const preparing = prepare(context, components);
  closeStarting(closers, 'preparation', preparing);
  const [catalog] = await Promise.all([components.texts.follow(context, kafka), preparing]);
  client.endStart();
  const watches = new Map<string, ReceiverWatch>();
  const workers = startWorkers(context, components, watches);
  closers.add('delivery workers', async (deadline) => {
    await Promise.all(workers.map(async (worker) => await worker.stop(deadline)));
  });
  await startRerouting(context, components);
  const run = stageRunner(context, components);
  const probes = probesOf(context, components);
  const knownLabels = (): KnownLabels => labelsOfSettings(context.config.notifier);
  const stages = await Promise.all([
    run(createAlertsStage({ ...components, reopenWithinMs: config.notifier.reopenWithinMs })),
    run(createCommandsStage({ ...components, knownLabels, probeNow: probes?.now })),
  ]);
  ticker = startTicker(async () => await round(components), log);
  const prober = probes?.startRounds();
  const stopObserving = observeRegularly(components, context, watches);
  return {
    ready: async () => {
      for (const reader of [...stages, catalog]) {
        const missing = await reader.ready();
        if (missing !== undefined) return missing;
      }
      return (await client.ready()) ?? workers.map((worker) => worker.ready()).find((missing) => missing !== undefined);
    },
    stop: async (deadline) => {
      stopObserving();
      await prober?.stop();
      await probes?.now.stop();
      await ticker?.stop();
      await Promise.all(stages.map(async (stage) => await stage.stop(deadline)));
    },
  };
}

/** Topics, and a Redis that fits Kafka and the configuration. */
async function prepare({ config, log, signal }: Context, components: NotifierComponents): Promise<undefined> {
  const { completeness, relay, kafka } = components;
  return await retryWhileUnavailable({ log, signal }, async () => {
    await ensureTopics(kafka, config.kafka, ['alerts', 'incidents', 'actions', 'commands', 'deadLetters']);
    await completeness.runOnVerifiedState(async () => {
      if (await reconfigure(components)) log.info('the configuration changed: timers and groups are made anew');
      await relay.flush('all');
    });
    // Deliveries that wait for a corrected receiver may be waiting for these settings.
    await components.queues.wake();
    return undefined;
  });
}

/** Deliveries of removed receivers go to others. */
async function startRerouting({ closers, log, signal }: Context, components: NotifierComponents): Promise<void> {
  const parts = { ...components, log };
  const found = await retryWhileUnavailable({ log, signal }, async () => await findGoneReceivers(parts));
  const gone = startGoneReceivers(parts, found);
  closers.add('deliveries of receivers that are gone', async () => await gone.stop());
}

/** Undefined when no network may be probed. */
function probesOf({ config, log }: Context, components: NotifierComponents) {
  const { networks, ...settings } = config.notifier.probe;
  const range = parseAddressRanges(networks);
  if (networks.length === 0 || range.kind === 'bad') return undefined;
  const parts = { ...components, log, resolveName: createResolveName() };
  const allowed = { ...settings, isAllowed: range.contains };
  return { now: createProbeNow(parts, allowed), startRounds: () => startProber(parts, allowed) };
}

/** The timers of incidents and groups. */
async function round(components: NotifierComponents): Promise<void> {
  try {
    await components.completeness.ensure();
    await fireTimers(components, components.now);
    await flushDueGroups(components, components.now);
  } catch (error) {
    if (!(error instanceof StateLost)) throw error;
    await components.completeness.verify();
  }
}

function stageRunner({ config, log, registry, signal }: Context, { kafka, producer }: NotifierComponents) {
  const metrics = declareStageMetrics(registry);
  const { concurrency } = config.notifier;
  return async <In>(stage: Stage<In>): Promise<Running> =>
    await runStage({ stage, kafka, settings: config.kafka, producer, log, metrics, signal, concurrency });
}

function startWorkers(
  { config, log, closers }: Context,
  components: NotifierComponents,
  watches: Map<string, ReceiverWatch>,
): readonly DeliveryWorker[] {
  const { producer, now, client, keys } = components;
  const recipientLog = createRecipientLog(client, keys);
  const consoleUrl = consoleUrlOf(config.console);
  const { linkKeys } = config.console;
  const { retryMinMs, retryMaxMs, retryForMs, receiverFailingAfterMs, links, proxy } = config.notifier;
  return config.notifier.receivers.map((receiver) => {
    const { name, concurrency, maxPerMinute } = receiver;
    const type = channelTypeOf(receiver);
    const channel = type.create(receiver, { now, recipientLog, proxy });
    closers.add(`channel ${name}`, async () => await channel.close());
    const watch = watchReceiver({ receiver: name, receiverFailingAfterMs, producer, log, now });
    watches.set(name, watch);
    return startWorker({
      ...components,
      receiver: name,
      log,
      concurrency,
      retryMinMs,
      retryMaxMs,
      retryForMs,
      watch,
      parts: {
        ...components,
        log,
        channel,
        rateLimit: createRateLimit(client, keys.rateLimit(name), maxPerMinute),
        linksOf: (subject, delivery) => ({
          page: pageOf(consoleUrl, subject),
          ...acknowledgeUrlOf({ consoleUrl, linkKeys }, subject, { delivery, nowMs: now() }),
          links: linksOf(links, subject),
        }),
        leaseMs: type.longestSendMs(receiver) + LEASE_MARGIN_MS,
      },
    });
  });
}

/**
 * Updates gauges from Redis now and then, which also detects a restarted Redis, and empties the
 * outbox of a process that ended, when no alert comes. Returns a function that ends it.
 */
function observeRegularly(
  { queues, store, metrics, client, completeness, silences, relay, now }: NotifierComponents,
  { log }: Context,
  watches: ReadonlyMap<string, ReceiverWatch>,
) {
  let isBusy = false;
  const observe = async (): Promise<void> => {
    if (isBusy || client.redis.status !== 'ready') return;
    isBusy = true;
    try {
      await completeness.verify();
      await relay.flush('own');
      for (const [state, count] of Object.entries(await store.countByState())) metrics.incidents.set({ state }, count);
      for (const receiver of await queues.observe(metrics)) await watches.get(receiver)?.recordWaiting();
      await silences.prune(now());
    } catch (error) {
      log.debug({ detail: errorText(error) }, 'gauges not read');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void observe(), OBSERVE_EVERY_MS);
  return (): void => clearInterval(timer);
}
