// The collector's wiring: inputs, the intake they share, Kafka.
import { createKafka } from '../../shared/kafka/client.ts';
import { BatchingProducer } from '../../shared/kafka/producer.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import { retryWhileUnavailable } from '../../shared/runtime/retry.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../../shared/runtime/running.ts';
import { type CollectorConfig, collectorSchema } from './config.ts';
import type { InputParts, InputType } from './inputs/input.ts';
import { type InputKind, INPUTS } from './inputs/inputs.ts';
import { createIntake } from './intake.ts';
import { declareCollectorMetrics } from './metrics.ts';

/** The collector. */
export const collectorService: ServiceDefinition<typeof collectorSchema> = {
  name: 'collector',
  summary: 'takes events in and confirms them when Kafka has them',
  schema: collectorSchema,
  admin: (config) => config.collector.admin,
  start: startCollector,
};

/**
 * Starts the collector: it listens when Kafka's topic is there. Throws ConfigError for settings
 * that do not fit together.
 */
async function startCollector(context: ServiceContext<CollectorConfig>): Promise<Running> {
  const { config, log, registry, closers, signal } = context;
  const { collector, kafka: settings } = config;
  if (collector.maxRecordBytes > settings.maxRecordBytes)
    throw new ConfigError(
      `collector.maxRecordBytes = ${collector.maxRecordBytes} is more than kafka.maxRecordBytes = ${settings.maxRecordBytes} takes.`,
    );
  const kafka = createKafka(settings, log);
  closers.add('Kafka connections', () => kafka.end());
  await retryWhileUnavailable({ log, signal }, () => ensureTopics(kafka, settings, ['raw']));
  const producer = new BatchingProducer(kafka, settings);
  closers.add('Kafka producer', () => producer.close());
  const metrics = declareCollectorMetrics(registry);
  const intake = createIntake({ producer, metrics, ...collector });
  const running = await startInputs(collector, { intake, metrics, log, now: Date.now, kafka: settings });
  return {
    ready: async () => {
      const missing = await Promise.all([producer.ready(), ...running.map((input) => input.ready())]);
      return missing.find((what) => what !== undefined);
    },
    stop: async (deadline) => {
      await Promise.all(running.map((input) => input.stop(deadline)));
    },
  };
}

async function startInputs(collector: CollectorConfig['collector'], parts: InputParts): Promise<readonly Running[]> {
  const enabled = INPUTS.filter(({ kind }) => collector[kind].enabled);
  return await Promise.all(enabled.map((input: InputType) => input.start(collector[input.kind as InputKind], parts)));
}
