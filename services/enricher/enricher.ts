// Wiring of the enricher: foghorn.raw in, foghorn.events and foghorn.alerts out, foghorn.sources
// beside.
import type { RawEvent } from '../../shared/contracts/raw-event.ts';
import { rawTopic } from '../../shared/contracts/raw-event.ts';
import type { Stage } from '../../shared/contracts/stage.ts';
import type { Catalog } from '../../shared/catalog/schema.ts';
import { type Source, sourcesTopic } from '../../shared/contracts/source.ts';
import { createKafka, type KafkaClient } from '../../shared/kafka/client.ts';
import { BatchingProducer } from '../../shared/kafka/producer.ts';
import { readTopic } from '../../shared/kafka/read-topic.ts';
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
import { createPublishedCatalog, type PublishedCatalog } from './published-catalog.ts';
import { Sources } from './sources/sources.ts';

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
const KEEP_EVERY_MS = 60_000;

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
    ensureTopics(kafka, config.kafka, ['raw', 'events', 'alerts', 'sources', 'catalog', 'deadLetters']),
  );
  const producer = new BatchingProducer(kafka, config.kafka);
  closers.add('producer', () => producer.close());
  const sources = new Sources({
    settings: config.enricher.sources,
    producer,
    log,
    metrics,
    catalog: loaded.catalog,
    now: Date.now,
    readSnapshots: async (partitions, ending) => await readSnapshots({ kafka, config, log }, partitions, ending),
  });
  const published = createPublishedCatalog({ kafka, settings: config.kafka, producer, log });
  // Alerts name the entries that they matched, so these come first.
  await published.publish(loaded.catalog, signal);
  const enrich = enrichWithReload(context, { loaded, metrics, sources, published });
  const stage = await runStage({
    stage: createEnricherStage(enrich, metrics),
    kafka,
    settings: config.kafka,
    producer,
    log,
    metrics: declareStageMetrics(registry),
    signal,
    concurrency: config.enricher.concurrency,
    fetchMaxBytes: FETCH_MAX_BYTES,
    watcher: sources,
  });
  return {
    ready: async () => await stage.ready(),
    stop: async (deadline) => {
      await stage.stop(deadline);
      await sources.stop(deadline);
    },
  };
}

/** The latest snapshots of sources that were seen in these partitions last. */
async function readSnapshots(
  { kafka, config, log }: { readonly kafka: KafkaClient } & Pick<ServiceContext<EnricherConfig>, 'config' | 'log'>,
  partitions: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<Iterable<Source>> {
  const found = new Map<string, Source>();
  await retryWhileUnavailable({ log, signal }, async () => {
    found.clear();
    const { bad, detail } = await readTopic(kafka, config.kafka, sourcesTopic, async (values) => {
      for (const source of values)
        if (source.isDropped === true || !partitions.has(source.partition)) found.delete(source.id);
        else found.set(source.id, source);
    });
    if (bad > 0) log.warn({ count: bad, detail }, 'snapshots of sources cannot be read and are left out');
  });
  return found.values();
}

interface ReloadParts {
  readonly loaded: LoadedCatalog;
  readonly metrics: EnricherMetrics;
  readonly sources: Sources;
  readonly published: PublishedCatalog;
}

/**
 * Enriches with the catalogue in force: the one loaded first, until the files change to one without
 * problems.
 */
function enrichWithReload(
  { config, log, closers }: Pick<ServiceContext<EnricherConfig>, 'config' | 'log' | 'closers'>,
  { loaded, metrics, sources, published }: ReloadParts,
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
    sources.useCatalog(catalog);
    const { onEvent } = sources;
    return createEnrich({ catalog, now: Date.now, keepOriginal, maxDocumentBytes, clocks, timeZones, onEvent });
  };
  let enrich = use(loaded.catalog);
  const ending = new AbortController();
  const keeping = published.keep(KEEP_EVERY_MS, ending.signal);
  const reloading =
    folders.length === 0
      ? undefined
      : reloadCatalog(loaded, {
          folders,
          everyMs,
          signal: ending.signal,
          onCatalog: async (catalog) => {
            await published.publish(catalog, ending.signal);
            enrich = use(catalog);
          },
          onProblem: (detail) => {
            metrics.catalogIsRefused.set(1);
            log.error({ detail }, 'the catalogue was changed and is refused; the one before stays in force');
          },
        });
  closers.add('catalogue', async () => {
    ending.abort();
    await Promise.all([keeping, reloading]);
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
