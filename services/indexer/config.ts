// The indexer's settings.
import { z } from 'zod';
import { elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/http/admin-server.ts';
import { setting, wholeNumber } from '../../shared/runtime/settings.ts';

const MIB = 1024 * 1024;

const indexerSettings = z
  .strictObject({
    admin: adminSettings(9311),
    installTemplates: setting(z.boolean().default(true), {
      description:
        'Whether to install or upgrade the index templates at the start; false where the credentials do not allow it.',
    }),
    consumers: wholeNumber(
      3,
      { min: 1, max: 16 },
      {
        description:
          'Consumers of the events; with several, bulk requests continue while one of them fetches from Kafka.',
      },
    ),
    concurrency: wholeNumber(
      3,
      { min: 1, max: 64 },
      { description: 'Partitions that each consumer processes concurrently.' },
    ),
    fetchMinBytes: wholeNumber(
      MIB,
      { min: 1, max: 64 * MIB },
      {
        description:
          'The bytes of events that a fetch waits for: larger batches make larger bulk requests. The consumer property fetch.min.bytes is an eighth of it where kafka.compression is not none.',
        unit: 'bytes',
      },
    ),
    fetchMaxWaitMs: wholeNumber(
      500,
      { min: 0, max: 3000 },
      {
        description:
          'The consumer property fetch.max.wait.ms for events: the delay that waiting for a full batch may add.',
        unit: 'ms',
      },
    ),
    maxBulkBytes: wholeNumber(
      4 * MIB,
      { min: 65_536, max: 64 * MIB },
      { description: 'The largest bulk request; a larger single document is sent alone.', unit: 'bytes' },
    ),
    bulkTargetMs: wholeNumber(
      2000,
      { min: 50, max: 600_000 },
      { description: 'A bulk request that takes longer makes the next ones smaller.', unit: 'ms' },
    ),
    maxBulksInFlight: wholeNumber(4, { min: 1, max: 64 }, { description: 'Concurrent bulk requests.' }),
    itemTries: wholeNumber(
      5,
      { min: 1, max: 100 },
      { description: 'Attempts for documents that Elasticsearch defers (429, 5xx) before the whole batch is retried.' },
    ),
  })
  .prefault({});

/** The sections the indexer reads. */
export const indexerSchema = z.strictObject({
  kafka: kafkaSettings,
  elasticsearch: elasticsearchSettings,
  indexer: indexerSettings,
});

/** The indexer's settings, validated. */
export type IndexerConfig = z.infer<typeof indexerSchema>;
