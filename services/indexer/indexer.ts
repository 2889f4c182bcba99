// The indexer's wiring: Elasticsearch and its templates, then a loop for each of the five topics.
import type { IndexableEvent } from '../../shared/contracts/enriched-event.ts';
import type { Stage } from '../../shared/contracts/stage.ts';
import { createElasticsearch } from '../../shared/elasticsearch/client.ts';
import { indexNames } from '../../shared/elasticsearch/names.ts';
import { supportedVersion } from '../../shared/elasticsearch/version.ts';
import { createKafka, type KafkaClient } from '../../shared/kafka/client.ts';
import { BatchingProducer } from '../../shared/kafka/producer.ts';
import { declareStageMetrics } from '../../shared/kafka/stage-metrics.ts';
import { createRemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { runStage } from '../../shared/kafka/stage.ts';
import { retryWhileUnavailable } from '../../shared/runtime/retry.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../../shared/runtime/running.ts';
import { BulkWriter } from './bulk-writer.ts';
import { type IndexerConfig, indexerSchema } from './config.ts';
import { declareIndexerMetrics } from './metrics.ts';
import { activityStage, deadLettersStage, eventsStage, incidentsStage, sourcesStage } from './stages.ts';
import { installTemplates } from './template-installer.ts';
import { placedTemplates } from './templates/all.ts';

/**
 * The bytes fetched of a partition at a time, and so of a bulk request: large enough for its fixed
 * cost, small enough for memory.
 */
const FETCH_MAX_BYTES = 2 * 1024 * 1024;
const MAX_IDS_LOGGED = 5;

/** The indexer. */
export const indexerService: ServiceDefinition<typeof indexerSchema> = {
  name: 'indexer',
  summary: 'indexes events, incidents, actions and sources in Elasticsearch, each exactly once',
  schema: indexerSchema,
  admin: (config) => config.indexer.admin,
  start: startIndexer,
};

/**
 * Starts the indexer: waits for Elasticsearch, installs the templates, then consumes. Throws
 * ConfigError for a version, templates or topics that cannot serve.
 */
export async function startIndexer(context: ServiceContext<IndexerConfig>): Promise<Running> {
  const { config, log, registry, closers, signal } = context;
  const elasticsearch = createElasticsearch(config.elasticsearch);
  closers.add('Elasticsearch', () => elasticsearch.close());
  await retryWhileUnavailable({ log, signal }, async () => {
    await supportedVersion(elasticsearch);
    if (config.indexer.installTemplates)
      await installTemplates(elasticsearch, placedTemplates(config.elasticsearch), log);
  });
  const metrics = declareIndexerMetrics(registry);
  const onConflicts = (target: string, ids: readonly string[]): void =>
    log.warn(
      { target, count: ids.length, ids: ids.slice(0, MAX_IDS_LOGGED) },
      'events came that claim the identity of others and state something else: kept as dead letters of the reason conflict',
    );
  const writer = new BulkWriter({ elasticsearch, metrics, now: Date.now, onConflicts, ...config.indexer });
  const { write } = writer;
  const kafka = createKafka(config.kafka, log);
  closers.add('Kafka connections', () => kafka.end());
  const run = stageRunner(context, kafka);
  const texts = createRemediationTexts(log, { isSure: true });
  const names = indexNames(config.elasticsearch);
  const observe = ({ receivedAtMs }: IndexableEvent): void =>
    metrics.indexLatencySeconds.observe(Math.max(0, Date.now() - receivedAtMs) / 1000);
  const consumers = Array.from({ length: config.indexer.consumers }, () =>
    run(eventsStage(write, names.events, observe)),
  );
  const [catalog, events, ...others] = await Promise.all([
    texts.follow(context, kafka),
    Promise.all(consumers).then(membersOf),
    run(incidentsStage(write, names.incidents, texts)),
    run(activityStage(write, names.actions)),
    run(sourcesStage(write, names.sources)),
    run(deadLettersStage(write, names.deadLetters)),
  ]);
  const stages = [events, ...others];
  return {
    async ready() {
      const missing = await Promise.all([
        elasticsearch.ready(),
        ...[...stages, catalog].map((reader) => reader.ready()),
      ]);
      return [...missing, writer.ready()].find((what) => what !== undefined);
    },
    async stop(deadline) {
      await Promise.all(stages.map((stage) => stage.stop(deadline)));
    },
  };
}

/**
 * The members of one group: ready when any of them has work, because there may be fewer partitions
 * than members.
 */
function membersOf(members: readonly Running[]): Running {
  return {
    async ready() {
      const missing = await Promise.all(members.map((member) => member.ready()));
      return missing.includes(undefined) ? undefined : missing[0];
    },
    async stop(deadline) {
      await Promise.all(members.map((member) => member.stop(deadline)));
    },
  };
}

function stageRunner({ config, log, registry, closers, signal }: ServiceContext<IndexerConfig>, kafka: KafkaClient) {
  const { kafka: settings, indexer } = config;
  const producer = new BatchingProducer(kafka, settings);
  closers.add('Kafka producer', () => producer.close());
  const metrics = declareStageMetrics(registry);
  const { concurrency, fetchMinBytes, fetchMaxWaitMs } = indexer;
  return async <In>(stage: Stage<In>): Promise<Running> =>
    await runStage({
      stage,
      kafka,
      settings,
      producer,
      log,
      metrics,
      signal,
      concurrency,
      ...(stage.from.key === 'events' ? { fetchMinBytes, fetchMaxWaitMs } : {}),
      fetchMaxBytes: FETCH_MAX_BYTES,
    });
}
