// Wiring of the enricher: foghorn.raw in, foghorn.events and foghorn.alerts out.
import type { RawEvent } from '../../shared/contracts/raw-event.ts';
import { rawTopic } from '../../shared/contracts/raw-event.ts';
import type { Stage, Verdict } from '../../shared/contracts/stage.ts';
import { createKafka } from '../../shared/kafka/client.ts';
import { createProducer } from '../../shared/kafka/producer.ts';
import { runStage } from '../../shared/kafka/stage.ts';
import { declareStageMetrics } from '../../shared/kafka/stage-metrics.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { patiently } from '../../shared/runtime/patience.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../../shared/runtime/service.ts';
import { loadCatalogFolders } from './catalog-files.ts';
import { type EnricherConfig, enricherSchema } from './config.ts';
import { createEnrich, type Enrich } from './enrich.ts';
import { declareEnricherMetrics, type EnricherMetrics } from './metrics.ts';

/** The enricher as a service. */
export const enricherService: ServiceDefinition<typeof enricherSchema> = {
  name: 'enricher',
  summary: 'reads raw events, recognises known faults, tags them with their remediation',
  schema: enricherSchema,
  admin: (config) => config.enricher.admin,
  start,
};

async function start({ config, log, registry, closers, signal }: ServiceContext<EnricherConfig>): Promise<Running> {
  const catalog = await loadCatalogFolders(config.enricher.catalogFolders);
  log.info({ entries: catalog.entries.length }, 'catalogue loaded');
  const kafka = createKafka(config.kafka, log);
  await patiently(
    { log, signal },
    async () => await ensureTopics(kafka, config.kafka, ['raw', 'events', 'alerts', 'deadLetters']),
  );
  const producer = createProducer(kafka, config.kafka);
  closers.add('producer', async () => await producer.close());
  const { keepOriginal, maxDocumentBytes } = config.enricher;
  const enrich = createEnrich({ catalog, now: Date.now, keepOriginal, maxDocumentBytes });
  return await runStage({
    stage: createEnricherStage(enrich, declareEnricherMetrics(registry), log),
    kafka,
    settings: config.kafka,
    producer,
    log,
    metrics: declareStageMetrics(registry),
    signal,
    concurrency: config.enricher.concurrency,
  });
}

/** The stage around `enrich`. A bug met with one event makes that event a dead letter `internal` and spares its neighbours. */
export function createEnricherStage(enrich: Enrich, metrics: EnricherMetrics, log: Logger): Stage<RawEvent> {
  return {
    name: 'enricher',
    from: rawTopic,
    handle: async (batch) => {
      const verdicts = batch.map((raw): Verdict => {
        try {
          return enrich(raw);
        } catch (error) {
          log.error({ err: error }, 'a bug in reading an event: it becomes a dead letter');
          return { kind: 'dead', reason: 'internal', detail: messageOf(error) };
        }
      });
      const now = Date.now();
      for (const raw of batch) metrics.enrichLatencySeconds.observe(Math.max(0, now - raw.receivedAtMs) / 1000);
      return await Promise.resolve(verdicts);
    },
  };
}
