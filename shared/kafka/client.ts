// The Kafka connection: settings, kafkajs with our logger, and the translation of its errors.
import type { Admin, KafkaConfig, SASLOptions } from 'kafkajs';
import { z } from 'zod';
import { errorText, Unavailable } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { setting, wholeNumber } from '../runtime/settings.ts';
import { createConnections } from './connections.ts';
import { tlsOptions, tlsSettings } from './tls.ts';
import { whyNotInstalled as whyNotDecoding } from './decoding/install.ts';
import { whyNotInstalled as whyNotEncoding } from './encoding/install.ts';
import { Kafka, kafkajs, logLevel } from './kafkajs.ts';
import { partitionSettings } from './partition-settings.ts';

/** kafkajs' error classes; a CommonJS module's re-exports cannot be imported by name. */
export const { KafkaJSAggregateError, KafkaJSError, KafkaJSProtocolError } = kafkajs;

/** The address of a broker. */
export const brokerAddress = z.string().regex(/^.+:\d+$/u, 'host:port');

/** How to log in to brokers. */
export const loginSettings = {
  saslMechanism: setting(z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512']).default('none'), {
    description: 'How to log in.',
  }),
  saslUsername: setting(z.string().default(''), { description: 'The user to log in as.' }),
  saslPassword: setting(z.string().default(''), { description: 'Its password.', secret: true }),
};

/** The section `kafka`. */
export const kafkaSettings = z
  .strictObject({
    brokers: setting(z.array(brokerAddress).min(1).default(['127.0.0.1:9092']), {
      description: 'The bootstrap brokers, host:port each.',
      alias: 'KAFKA_BROKERS',
    }),
    topicPrefix: setting(
      z
        .string()
        .regex(/^[\w.-]{1,100}$/u)
        .default('foghorn'),
      { description: 'Prefix of the names of all topics and consumer groups.' },
    ),
    clientId: setting(z.string().min(1).default('foghorn'), {
      description: 'The client id shown in broker logs and quotas.',
    }),
    tls: tlsSettings,
    ...loginSettings,
    compression: setting(z.enum(['none', 'gzip']).default('gzip'), {
      description: 'Compression of produced batches.',
    }),
    replicationFactor: wholeNumber(
      1,
      { min: 1, max: 10 },
      { description: 'Replicas of topics that Foghorn creates. Set it to 3 on a cluster.' },
    ),
    minInSyncReplicas: wholeNumber(
      1,
      { min: 1, max: 10 },
      { description: 'In-sync replicas that a write needs, in topics that Foghorn creates. Set it to 2 on a cluster.' },
    ),
    partitions: partitionSettings,
    maxRecordBytes: wholeNumber(
      4_194_304,
      { min: 65_536, max: 67_108_864 },
      { description: 'The largest record that topics take.', unit: 'bytes' },
    ),
  })
  .prefault({});

/** The section `kafka`, validated. */
export type KafkaSettings = z.infer<typeof kafkaSettings>;

const CONNECTION_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 15_000;

/** A kafkajs client of ours. */
export interface KafkaClient extends Kafka {
  /** Logs a change made in Kafka. */
  changed(detail: string): void;
  /** A warning for the operator, once, however often the start is tried. */
  warn(detail: string): void;
  /**
   * Ends the connections left after everything made of this client was closed. The client cannot be
   * used afterwards.
   */
  end(): void;
}

/**
 * A kafkajs client. Its own retries are short: longer retries are in one place,
 * `retryWhileUnavailable`. Throws ConfigError for TLS files that cannot be used.
 */
export function createKafka(settings: KafkaSettings, log: Logger): KafkaClient {
  const connections = createConnections(log);
  const config: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ssl: tlsOptions(settings.tls),
    socketFactory: connections.open,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log: entry }) =>
        entry.message.startsWith(OUT_OF_RANGE)
          ? warnOfGap(log, entry)
          : log.debug({ kafkajs: namespace, detail: entry['error'] ?? entry.message }, 'kafkajs'),
  };
  const sasl = saslOf(settings);
  const said = new Set<string>();
  const lacking = whyNotDecoding();
  if (lacking !== undefined) log.warn({ detail: lacking }, 'record batches are read with fewer safeguards');
  const slower = whyNotEncoding();
  if (slower !== undefined) log.warn({ detail: slower }, 'record batches are written with more CPU');
  return Object.assign(new Kafka(sasl === undefined ? config : { ...config, sasl }), {
    changed: (detail: string): void => log.info({ detail }, 'Kafka was changed'),
    warn: (detail: string): void => {
      if (!said.has(detail)) log.warn({ detail }, 'Kafka serves, but not as planned');
      said.add(detail);
    },
    end: () => connections.end(),
  });
}

/** Records may be lost then, and kafkajs goes on without an error. */
const OUT_OF_RANGE = 'Offset out of range';

function warnOfGap(log: Logger, { topic, partition, groupId }: Readonly<Record<string, unknown>>): void {
  log.warn(
    { topic, partition, groupId },
    "the group's offset lies outside of the topic: its retention removed records before they were read, or it was made anew; reading goes on with the first record there is",
  );
}

function saslOf(settings: KafkaSettings): SASLOptions | undefined {
  const { saslMechanism: mechanism, saslUsername: username, saslPassword: password } = settings;
  return mechanism === 'none' ? undefined : { mechanism, username, password };
}

/**
 * Of a plain Error that kafkajs throws where it takes a broker for connected that is not, as after
 * one that hung (`findConnectedBroker` in its brokerPool.js).
 */
const NOT_CONNECTED = 'Broker not connected';

/** Whether kafkajs throws it for what a broker or the network causes. */
export function isOfKafka(error: unknown): error is Error {
  return error instanceof KafkaJSError || (error instanceof Error && error.message === NOT_CONNECTED);
}

/**
 * An error of kafkajs as our own: `Unavailable` for whatever a broker or the network may cause;
 * others stay as they are.
 */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof KafkaJSAggregateError)
    return new Unavailable('Kafka', error.errors.map(errorText).join('; '), { cause: error });
  return isOfKafka(error) ? new Unavailable('Kafka', errorText(error), { cause: error }) : error;
}

/** Works with an admin client of its own. Throws Unavailable while Kafka is. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { fetchTopicMetadata, listTopics } = admin;
    return await work({
      ...admin,
      fetchTopicMetadata: answered(fetchTopicMetadata),
      listTopics: answered(listTopics),
    });
  } catch (error) {
    throw toUnavailable(error);
  } finally {
    await disconnectQuietly(admin);
  }
}

/**
 * kafkajs swallows why no broker answered, and then reads a property of null. Throws Unavailable
 * instead.
 */
function answered<Args extends unknown[], Answer>(
  ask: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  return async (...args) => {
    try {
      return await ask(...args);
    } catch (error) {
      if (error instanceof TypeError)
        throw new Unavailable('Kafka', 'no broker answered about its topics', { cause: error });
      throw error;
    }
  };
}

/** Disconnects a client of whatever kind. */
export async function disconnectQuietly(client: { disconnect(): Promise<void> }): Promise<void> {
  try {
    await client.disconnect();
  } catch {
    // It never connected, or its broker is gone: there is nothing to close.
  }
}
