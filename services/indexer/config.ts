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
      description: 'Install or upgrade the index templates at the start; false for credentials that may not.',
    }),
    consumers: wholeNumber(
      3,
      { min: 1, max: 16 },
      { description: 'Consumers of the events: while one fetches from Kafka, the others keep Elasticsearch at work.' },
    ),
    concurrency: wholeNumber(
      3,
      { min: 1, max: 64 },
      { description: 'Partitions worked on at a time by each consumer.' },
    ),
    fetchMinBytes: wholeNumber(
      MIB,
      { min: 1, max: 64 * MIB },
      {
        description: 'Kafka waits for so much before it hands out events, so that bulk requests are worth their while.',
        unit: 'bytes',
      },
    ),
    fetchMaxWaitMs: wholeNumber(
      250,
      { min: 0, max: 3000 },
      { description: 'But no longer than this: what waiting adds until an event can be searched.', unit: 'ms' },
    ),
    maxBulkBytes: wholeNumber(
      4 * MIB,
      { min: 65_536, max: 64 * MIB },
      { description: 'The largest bulk request; a single larger document goes alone.', unit: 'bytes' },
    ),
    bulkTargetMs: wholeNumber(
      2000,
      { min: 50, max: 600_000 },
      { description: 'A bulk request that takes longer makes the next ones smaller.', unit: 'ms' },
    ),
    maxBulksInFlight: wholeNumber(4, { min: 1, max: 64 }, { description: 'Bulk requests under way at a time.' }),
    itemTries: wholeNumber(
      5,
      { min: 1, max: 100 },
      { description: 'How often documents that Elasticsearch puts off are sent before their whole batch waits.' },
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
