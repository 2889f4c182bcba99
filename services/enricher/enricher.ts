// Wiring of the enricher: foghorn.raw in, foghorn.events and foghorn.alerts out.
import type { RawEvent } from '../../shared/contracts/raw-event.ts';
import { rawTopic } from '../../shared/contracts/raw-event.ts';
import type { Stage } from '../../shared/contracts/stage.ts';
import type { Catalog } from '../../shared/catalog/schema.ts';
import { createKafka } from '../../shared/kafka/client.ts';
import { BatchingProducer } from '../../shared/kafka/producer.ts';
import { runStage } from '../../shared/kafka/stage.ts';
import { declareStageMetrics } from '../../shared/kafka/stage-metrics.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import { retryWhileUnavailable } from '../../shared/runtime/retry.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../../shared/runtime/running.ts';
import { loadCatalog, type LoadedCatalog, reloadCatalog } from './catalog-reload.ts';
import { type EnricherConfig, enricherSchema } from './config.ts';
import { createEnrich, type Enrich } from './enrich.ts';
import { createHostClocks } from './host-clocks.ts';
import { declareEnricherMetrics, type EnricherMetrics } from './metrics.ts';

/** The enricher as a service. */
export const enricherService: ServiceDefinition<typeof enricherSchema> = {
  name: 'enricher',
  summary: 'reads raw events, recognises known faults, tags them with their remediation',
  schema: enricherSchema,
  admin: (config) => config.enricher.admin,
  start,
};

/**
 * Half of what the others fetch costs nothing here and saves 30 MB: documents, their texts and
 * kafkajs' copies of them lie in memory side by side.
 */
const FETCH_MAX_BYTES = 512 * 1024;

async function start(context: ServiceContext<EnricherConfig>): Promise<Running> {
  const { config, log, registry, closers, signal } = context;
  if (config.enricher.maxDocumentBytes > config.kafka.maxRecordBytes)
    throw new ConfigError(
      `enricher.maxDocumentBytes = ${config.enricher.maxDocumentBytes} is more than kafka.maxRecordBytes = ${config.kafka.maxRecordBytes} takes.`,
    );
  const loaded = await loadCatalog(config.enricher.catalogFolders);
  const metrics = declareEnricherMetrics(registry);
  const kafka = createKafka(config.kafka, log);
  closers.add('Kafka connections', () => kafka.end());
  await retryWhileUnavailable({ log, signal }, () =>
    ensureTopics(kafka, config.kafka, ['raw', 'events', 'alerts', 'deadLetters']),
  );
  const producer = new BatchingProducer(kafka, config.kafka);
  closers.add('producer', () => producer.close());
  const enrich = enrichWithReload(context, loaded, metrics);
  return await runStage({
    stage: createEnricherStage(enrich, metrics),
    kafka,
    settings: config.kafka,
    producer,
    log,
    metrics: declareStageMetrics(registry),
    signal,
    concurrency: config.enricher.concurrency,
    fetchMaxBytes: FETCH_MAX_BYTES,
  });
}

/**
 * Enriches with the catalogue in force: the one loaded first, until the files change to one without
 * problems.
 */
function enrichWithReload(
  { config, log, closers }: Pick<ServiceContext<EnricherConfig>, 'config' | 'log' | 'closers'>,
  loaded: LoadedCatalog,
  metrics: EnricherMetrics,
): Enrich {
  const {
    catalogFolders: folders,
    catalogReloadMs: everyMs,
    keepOriginal,
    maxDocumentBytes,
    timeZones,
  } = config.enricher;
  const clocks = createHostClocks();
  const use = (catalog: Catalog): Enrich => {
    metrics.catalogEntries.set(catalog.entries.length);
    metrics.catalogIsRefused.set(0);
    log.info({ entries: catalog.entries.length }, 'catalogue loaded');
    return createEnrich({ catalog, now: Date.now, keepOriginal, maxDocumentBytes, clocks, timeZones });
  };
  let enrich = use(loaded.catalog);
  if (folders.length === 0) return enrich;
  const ending = new AbortController();
  const reloading = reloadCatalog(loaded, {
    folders,
    everyMs,
    signal: ending.signal,
    onCatalog: (catalog) => {
      enrich = use(catalog);
    },
    onProblem: (detail) => {
      metrics.catalogIsRefused.set(1);
      log.error({ detail }, 'the catalogue was changed and is refused; the one before stays in force');
    },
  });
  closers.add('catalogue', async () => {
    ending.abort();
    await reloading;
  });
  return (raw) => enrich(raw);
}

/** The stage around `enrich`. */
export function createEnricherStage(enrich: Enrich, metrics: EnricherMetrics): Stage<RawEvent> {
  return {
    name: 'enricher',
    from: rawTopic,
    handle: async (batch) => {
      const verdicts = batch.map((raw) => enrich(raw));
      const now = Date.now();
      for (const raw of batch) metrics.enrichLatencySeconds.observe(Math.max(0, now - raw.receivedAtMs) / 1000);
      return verdicts;
    },
  };
}
