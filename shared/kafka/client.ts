// The Kafka connection: settings, kafkajs with our logger, and the translation of its errors.
import kafkajs, { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { z } from 'zod';
import { messageOf, Unavailable } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { setting, wholeNumber } from '../runtime/settings.ts';

/** kafkajs' error classes; a CommonJS module's re-exports cannot be imported by name. */
export const { KafkaJSError, KafkaJSProtocolError } = kafkajs;

/** The section `kafka`. */
export const kafkaSettings = z
  .strictObject({
    brokers: setting(
      z
        .array(z.string().regex(/^.+:\d+$/u, 'host:port'))
        .min(1)
        .default(['127.0.0.1:9092']),
      {
        description: 'The bootstrap brokers, host:port each.',
        alias: 'KAFKA_BROKERS',
      },
    ),
    topicPrefix: setting(
      z
        .string()
        .regex(/^[\w.-]{1,100}$/u)
        .default('foghorn'),
      { description: 'What the names of all topics and consumer groups begin with.' },
    ),
    clientId: setting(z.string().min(1).default('foghorn'), {
      description: 'The client id shown in broker logs and quotas.',
    }),
    tls: setting(z.boolean().default(false), { description: 'Speak TLS to the brokers.' }),
    saslMechanism: setting(z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512']).default('none'), {
      description: 'How to log in.',
    }),
    saslUsername: setting(z.string().default(''), { description: 'The user to log in as.' }),
    saslPassword: setting(z.string().default(''), { description: 'Its password.', secret: true }),
    compression: setting(z.enum(['none', 'gzip']).default('none'), {
      description: 'How produced batches are compressed.',
    }),
    replicationFactor: wholeNumber(
      1,
      { min: 1, max: 10 },
      { description: 'Replicas of topics that Foghorn makes. Set it to 3 on a cluster.' },
    ),
    minInSyncReplicas: wholeNumber(
      1,
      { min: 1, max: 10 },
      { description: 'In-sync replicas a write needs in topics that Foghorn makes. Set it to 2 on a cluster.' },
    ),
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

/** A kafkajs client. Its own retries are short: who waits longer does so in one place, `patiently`. */
export function createKafka(settings: KafkaSettings, log: Logger): Kafka {
  const config: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ssl: settings.tls,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log: entry }) =>
        log.debug({ kafkajs: namespace, detail: entry['error'] ?? entry.message }, 'kafkajs'),
  };
  const sasl = saslOf(settings);
  return new Kafka(sasl === undefined ? config : { ...config, sasl });
}

function saslOf(settings: KafkaSettings): SASLOptions | undefined {
  const { saslMechanism: mechanism, saslUsername: username, saslPassword: password } = settings;
  return mechanism === 'none' ? undefined : { mechanism, username, password };
}

/** What kafkajs threw, as our own: everything a broker or the network may be blamed for is `Unavailable`, the rest stays as it is. */
export function toUnavailable(error: unknown): unknown {
  return error instanceof KafkaJSError ? new Unavailable('Kafka', messageOf(error), { cause: error }) : error;
}
