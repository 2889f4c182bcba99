// The collector's settings.
import { z } from 'zod';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/http/admin-server.ts';
import { wholeNumber } from '../../shared/runtime/settings.ts';
import { INPUTS, inputSettings } from './inputs/inputs.ts';

const MIB = 1024 * 1024;

const collectorSettings = z
  .strictObject({
    admin: adminSettings(9309),
    ...inputSettings,
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
          'Bytes in flight to Kafka of a sender (token, certificate or address) that is alone; all senders together may have four ninths more, each of them less, and so each address of a sender. Beyond it requests are answered with 429 (by the input hec with 503), other inputs read no further.',
        unit: 'bytes',
      },
    ),
    deliverTimeoutMs: wholeNumber(
      10_000,
      { min: 100, max: 600_000 },
      { description: 'How long Kafka may take before the request is answered with 503.', unit: 'ms' },
    ),
  })
  .refine(
    (collector) => INPUTS.some(({ kind }) => collector[kind].enabled),
    `no input is enabled; set one of ${INPUTS.map(({ kind }) => `${kind}.enabled`).join(', ')} to true`,
  )
  .prefault({});

/** The sections the collector reads. */
export const collectorSchema = z.strictObject({ kafka: kafkaSettings, collector: collectorSettings });

/** The collector's settings, validated. */
export type CollectorConfig = z.infer<typeof collectorSchema>;
