// The console's wiring: Elasticsearch for reading, Kafka for commands and live changes, and the API
// in front of them.
import { type ActivityEntry, activityTopic } from '../../shared/contracts/activity.ts';
import { type Incident, incidentsTopic } from '../../shared/contracts/incident.ts';
import { createElasticsearch } from '../../shared/elasticsearch/client.ts';
import { indexNames } from '../../shared/elasticsearch/names.ts';
import { createKafka } from '../../shared/kafka/client.ts';
import { followed, followTopics } from '../../shared/kafka/follow-topics.ts';
import { createRemediationTexts, type RemediationTexts } from '../../shared/kafka/remediation-texts.ts';
import { BatchingProducer } from '../../shared/kafka/producer.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { closeStarting } from '../../shared/runtime/closers.ts';
import { retryWhileUnavailable } from '../../shared/runtime/retry.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../../shared/runtime/running.ts';
import { addOperations } from './api/all-operations.ts';
import { createCatalog } from './api/catalog-operations.ts';
import { startConsoleServer } from './api/server.ts';
import { createBulkJobs } from './change/bulk-jobs.ts';
import { createCommandSender } from './change/command-sender.ts';
import { type ConsoleConfig, consoleSchema } from './config.ts';
import { createHub, type Hub } from './live/hub.ts';
import { createStreams } from './live/stream.ts';
import { declareConsoleMetrics } from './metrics.ts';
import { type BuiltPages, readBuiltPages } from './pages/built-pages.ts';
import { addAcknowledgeLink } from './pages/acknowledge-link.ts';
import { addPages } from './pages/pages.ts';
import { createReader } from './read/reader.ts';

/** The console. */
export const consoleService: ServiceDefinition<typeof consoleSchema> = {
  name: 'console',
  summary: 'shows incidents and takes what people want done with them',
  schema: consoleSchema,
  admin: (config) => config.console.admin,
  start: startConsole,
};

/** A running console; `port` is where it listens. */
interface RunningConsole extends Running {
  readonly port: number;
}

/** Live rows, and the outcomes of commands, wait behind one whose entry is not here. */
const ENTRY_WAIT_MS = 2000;

/**
 * Starts the console: it listens when Kafka's topics are there. Elasticsearch may come later.
 * Throws ConfigError for settings that do not fit together.
 */
export async function startConsole(context: ServiceContext<ConsoleConfig>): Promise<RunningConsole> {
  const { config, log, registry, closers, signal } = context;
  const settings = config.console;
  const metrics = declareConsoleMetrics(registry);
  const elasticsearch = createElasticsearch(config.elasticsearch);
  closers.add('Elasticsearch', () => elasticsearch.close());
  const { kafka, producer } = openKafka(context);
  const hub = createHub();
  const texts = createRemediationTexts(log, { waitMs: ENTRY_WAIT_MS });
  const following = retryWhileUnavailable({ log, signal }, async () => {
    await ensureTopics(kafka, config.kafka, ['commands', 'actions', 'incidents']);
    const topics = [
      followed<ActivityEntry>(activityTopic, hub.activity),
      followed<Incident>(incidentsTopic, liveRow(texts, hub)),
    ];
    return await followTopics(kafka, config.kafka, {
      topics,
      log,
      onSkipped: (topic) => metrics.consoleSkippedRecords.inc({ topic }),
    });
  });
  closeStarting(closers, 'Kafka follower', following);
  const [catalog, follower] = await Promise.all([texts.follow(context, kafka), following]);
  const sender = createCommandSender({ producer, hub, metrics, log, now: Date.now });
  const parts = {
    reader: createReader(elasticsearch, indexNames(config.elasticsearch), Date.now),
    sender,
    streams: createStreams({ ...settings, hub, metrics, now: Date.now }),
    bulkJobs: createBulkJobs({ sender, hub, log, now: Date.now }),
    ...settings,
    catalog: createCatalog(settings.catalogFolders),
    signingSecret: settings.slackSigningSecret,
    now: Date.now,
  };
  const server = await startConsoleServer({ settings: settings.http, metrics, log }, (api) => {
    addOperations(api, parts);
    addAcknowledgeLink(api, parts);
    addPages(api, pagesOfBuild(log));
  });
  return {
    port: server.port,
    ready: async () => {
      if (!server.isListening()) return 'the console does not listen';
      const missing = await Promise.all([elasticsearch.ready(), producer.ready(), catalog.ready(), follower.ready()]);
      return missing.find((what) => what !== undefined);
    },
    stop: (deadline) => server.stop(deadline),
  };
}

function openKafka({ config, log, closers }: ServiceContext<ConsoleConfig>) {
  const kafka = createKafka(config.kafka, log);
  closers.add('Kafka connections', () => kafka.end());
  const producer = new BatchingProducer(kafka, config.kafka);
  closers.add('Kafka producer', () => producer.close());
  return { kafka, producer };
}

function pagesOfBuild(log: Logger): BuiltPages | undefined {
  const pages = readBuiltPages(packagePath('dist', 'web'));
  if (pages === undefined) log.warn('there are no pages for browsers: npm run build makes them');
  return pages;
}

function liveRow(texts: RemediationTexts, hub: Hub) {
  return async (incident: Incident): Promise<void> => {
    await texts.load([incident]);
    hub.incident(texts.fill(incident));
  };
}
