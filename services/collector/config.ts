// The collector's settings.
import { z } from 'zod';
import { MAX_PATTERNS_LENGTH } from '../../shared/contracts/host-patterns.ts';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/http/admin-server.ts';
import { httpSettings } from '../../shared/http/settings.ts';
import { secret, setting, wholeNumber } from '../../shared/runtime/settings.ts';

const MIB = 1024 * 1024;

/** They travel with each event, so they are few. */
const hostPatterns = z
  .array(z.string().regex(/^\S{1,255}$/u, 'a host name, * for any characters'))
  .min(1)
  .refine((patterns) => patterns.join(' ').length <= MAX_PATTERNS_LENGTH, {
    error: `patterns of at most ${MAX_PATTERNS_LENGTH} characters together`,
  });

const token = secret(z.string().min(16));

const tokenSettings = z.union([
  token,
  z.strictObject({
    token,
    hosts: hostPatterns.optional(),
    expires: z.iso.datetime({ offset: true }).optional(),
  }),
]);

const certificateSettings = z.strictObject({
  subject: z.string().regex(/^\S{1,255}$/u),
  hosts: hostPatterns.optional(),
});

const eventsSettings = z
  .strictObject({
    ...httpSettings({ name: 'the collector', what: 'POST /v1/events', port: 8309 }),
    tokens: setting(z.record(z.string().regex(/^[\w.-]{1,100}$/u), tokenSettings).default({}), {
      description:
        'Who may send: name → bearer token of at least 16 characters, or an object of token, hosts (patterns of the hosts it may send events of; * for any characters) and expires (RFC 3339). None, and no clientCaFile: everybody.',
      secret: true,
    }),
    clientCaFile: setting(z.string().default(''), {
      description:
        'The file with the certificate authority (PEM) whose client certificates may send, besides tokens. Needs tlsCert.',
      readable: 'file',
    }),
    clientCertificates: setting(z.array(certificateSettings).default([]), {
      description:
        'Which certificates of clientCaFile may send: subject (a pattern of the common name or a DNS name) and hosts, as for tokens; the first that fits counts. Empty: all, for every host.',
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
    maxConnections: wholeNumber(
      1000,
      { min: 1, max: 65_535 },
      {
        description:
          'The most concurrent connections; beyond it the connection that is idle longest is closed for a new one.',
      },
    ),
    maxConnectionsPerAddress: wholeNumber(
      0,
      { min: 0, max: 65_535 },
      {
        description:
          'The most connections of one address (of IPv6: one /64 network); 0: half of maxConnections. Behind a proxy or NAT all agents have one.',
      },
    ),
    bodyTimeoutMs: wholeNumber(
      60_000,
      { min: 100, max: 3_600_000 },
      { description: 'Timeout for the arrival of a request.', unit: 'ms' },
    ),
    bodyStallMs: wholeNumber(
      10_000,
      { min: 100, max: 3_600_000 },
      { description: 'Timeout for each further KiB of a body.', unit: 'ms' },
    ),
  })
  .prefault({});

const collectorSettings = z
  .strictObject({
    admin: adminSettings(9309),
    http: eventsSettings,
    maxRecordBytes: wholeNumber(
      MIB,
      { min: 1024, max: 64 * MIB },
      { description: 'The largest single event; at most kafka.maxRecordBytes.', unit: 'bytes' },
    ),
    maxInFlightBytes: wholeNumber(
      24 * MIB,
      { min: 65_536, max: 4096 * MIB },
      {
        description:
          'Bytes in flight to Kafka of a single sender (token, certificate or address); all senders together may have a third more, each of them less. Beyond it requests are answered with 429.',
        unit: 'bytes',
      },
    ),
    deliverTimeoutMs: wholeNumber(
      10_000,
      { min: 100, max: 600_000 },
      { description: 'How long Kafka may take before the request is answered with 503.', unit: 'ms' },
    ),
  })
  .prefault({});

/** The sections the collector reads. */
export const collectorSchema = z.strictObject({ kafka: kafkaSettings, collector: collectorSettings });

/** The collector's settings, validated. */
export type CollectorConfig = z.infer<typeof collectorSchema>;

/** The settings of the HTTP input. */
export type HttpConfig = CollectorConfig['collector']['http'];
