// The catalogue as everybody else has it: its faults in foghorn.catalog, which alerts name.
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import type { Catalog } from '../../shared/catalog/schema.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { type KafkaClient, type KafkaSettings, withAdmin } from '../../shared/kafka/client.ts';
import type { RecordProducer } from '../../shared/kafka/producer.ts';
import { ensureTopics } from '../../shared/kafka/topics.ts';
import { sleep } from '../../shared/runtime/backoff.ts';
import { errorText, Unavailable } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { retryWhileUnavailable } from '../../shared/runtime/retry.ts';

/** Writes the catalogue in force, and keeps it written. */
export interface PublishedCatalog {
  /** Resolves when its entries are stored; waits for Kafka until `signal` aborts. */
  publish(catalog: Catalog, signal: AbortSignal): Promise<void>;
  /**
   * Looks every `everyMs` until `signal` aborts whether the topic was deleted or made anew, and
   * writes the catalogue that was published last again.
   */
  keep(everyMs: number, signal: AbortSignal): Promise<void>;
}

/** Its parts. */
interface PublishedCatalogParts {
  readonly kafka: KafkaClient;
  readonly settings: KafkaSettings;
  readonly producer: RecordProducer;
  readonly log: Logger;
}

/** Nothing is written yet. */
export function createPublishedCatalog({ kafka, settings, producer, log }: PublishedCatalogParts): PublishedCatalog {
  let last: Catalog | undefined;
  /** The end of the topic when it had everything; it never goes back as long as the topic lives. */
  let complete = 0n;
  const endOf = async (): Promise<bigint> => {
    await ensureTopics(kafka, settings, ['catalog']);
    const topic = topicName(settings.topicPrefix, 'catalog');
    const ends = await withAdmin(kafka, async (admin) => await admin.fetchTopicOffsets(topic));
    return ends.reduce((sum, { high }) => sum + BigInt(high), 0n);
  };
  const write = async ({ entries }: Catalog, signal: AbortSignal): Promise<void> => {
    const records = entries.filter(({ kind }) => kind === 'fault').map(encodeEntry);
    await retryWhileUnavailable({ log, signal }, async () => {
      await producer.send(records);
      const end = await endOf();
      if (end < BigInt(records.length)) throw new Unavailable('Kafka', 'foghorn.catalog was made anew meanwhile');
      complete = end;
    });
  };
  const look = async (signal: AbortSignal): Promise<void> => {
    if (last === undefined || (await endOf()) >= complete) return;
    log.warn('foghorn.catalog was made anew: the entries are written again');
    await write(last, signal);
  };
  return {
    publish: async (catalog, signal) => {
      await write(catalog, signal);
      last = catalog;
    },
    keep: async (everyMs, signal) => {
      for (;;) {
        await sleep(everyMs, signal);
        if (signal.aborted) return;
        await look(signal).catch((error: unknown) => {
          // The next look may succeed.
          if (error instanceof Unavailable) return;
          log.error({ detail: errorText(error) }, 'foghorn.catalog cannot be made or read; incidents lose their text');
        });
      }
    },
  };
}
