// The collector's settings.
import { z } from 'zod';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/runtime/admin-server.ts';
import { setting, wholeNumber } from '../../shared/runtime/settings.ts';

const MIB = 1024 * 1024;

const httpSettings = z
  .strictObject({
    host: setting(z.string().min(1).default('127.0.0.1'), {
      description: 'The address that POST /v1/events listens on. Beyond loopback it takes tokens and TLS.',
    }),
    port: wholeNumber(
      8309,
      { min: 0, max: 65_535 },
      { description: 'The port that POST /v1/events listens on; 0 takes a free one.' },
    ),
    tokens: setting(z.record(z.string().regex(/^[\w.-]{1,100}$/u), z.string().min(16)).default({}), {
      description: 'Who may send: name → bearer token of at least 16 characters. None: everybody.',
      secret: true,
    }),
    tlsCert: setting(z.string().default(''), {
      description: 'The file with the certificate chain (PEM). Empty: no TLS.',
      readable: 'file',
    }),
    tlsKey: setting(z.string().default(''), {
      description: 'The file with its private key (PEM).',
      readable: 'file',
    }),
    allowInsecure: setting(z.boolean().default(false), {
      description: 'Listen beyond loopback although there are no tokens or no TLS.',
    }),
    maxBodyBytes: wholeNumber(
      8 * MIB,
      { min: 1024, max: 256 * MIB },
      { description: 'The largest request body, as sent.', unit: 'bytes' },
    ),
    maxDecodedBytes: wholeNumber(
      16 * MIB,
      { min: 1024, max: 256 * MIB },
      { description: 'The largest request body after decompression.', unit: 'bytes' },
    ),
    maxEvents: wholeNumber(20_000, { min: 1, max: 1_000_000 }, { description: 'The most events in one request.' }),
    maxConnections: wholeNumber(1000, { min: 1, max: 65_535 }, { description: 'The most connections at a time.' }),
    bodyTimeoutMs: wholeNumber(
      60_000,
      { min: 100, max: 3_600_000 },
      { description: 'How long a request may take to arrive.', unit: 'ms' },
    ),
  })
  .prefault({});

const collectorSettings = z
  .strictObject({
    admin: adminSettings(9309),
    http: httpSettings,
    maxRecordBytes: wholeNumber(
      MIB,
      { min: 1024, max: 64 * MIB },
      { description: 'The largest single event; at most kafka.maxRecordBytes.', unit: 'bytes' },
    ),
    maxInFlightBytes: wholeNumber(
      24 * MIB,
      { min: 65_536, max: 4096 * MIB },
      {
        description: 'Bytes taken in that Kafka has not yet; beyond it senders are asked to come again.',
        unit: 'bytes',
      },
    ),
    deliverTimeoutMs: wholeNumber(
      10_000,
      { min: 100, max: 600_000 },
      { description: 'How long Kafka may take before the sender is asked to come again.', unit: 'ms' },
    ),
  })
  .prefault({});

/** The sections the collector reads. */
export const collectorSchema = z.strictObject({ kafka: kafkaSettings, collector: collectorSettings });

/** The collector's settings, validated. */
export type CollectorConfig = z.infer<typeof collectorSchema>;

/** The settings of the HTTP input. */
export type HttpConfig = CollectorConfig['collector']['http'];
