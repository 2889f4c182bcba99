// The settings of the Lumberjack input.
import { z } from 'zod';
import { listenerSettings } from '../../../../shared/http/settings.ts';
import { wholeNumber } from '../../../../shared/runtime/settings.ts';
import { enabledSetting, senderSettings } from '../senders.ts';

const MIB = 1024 * 1024;

/** The section `collector.lumberjack`. */
export const lumberjackSettings = z
  .strictObject({
    enabled: enabledSetting(false),
    ...listenerSettings({
      what: 'the Lumberjack input (Beats, Elastic Agent)',
      port: 5044,
      logIn: 'client certificates',
    }),
    ...senderSettings,
    maxWindow: wholeNumber(
      65_536,
      { min: 1, max: 1_000_000 },
      { description: 'The most events in one window; bulk_max_size of the agent has to be no more.' },
    ),
    maxFrameBytes: wholeNumber(
      64 * MIB,
      { min: 1024, max: 1024 * MIB },
      { description: 'The largest frame as sent: one event, or the compressed events of a window.', unit: 'bytes' },
    ),
    maxDecodedBytes: wholeNumber(
      256 * MIB,
      { min: 1024, max: 4096 * MIB },
      { description: 'The largest compressed frame after decompression.', unit: 'bytes' },
    ),
    keepAliveMs: wholeNumber(
      3000,
      { min: 100, max: 60_000 },
      {
        description:
          'How often an agent whose window is under way to Kafka gets a sign of life; less than its own timeout (30 s by default).',
        unit: 'ms',
      },
    ),
    stallMs: wholeNumber(
      10_000,
      { min: 100, max: 3_600_000 },
      { description: 'Timeout for each further KiB of a window that has begun.', unit: 'ms' },
    ),
    idleMs: wholeNumber(
      900_000,
      { min: 1000, max: 86_400_000 },
      { description: 'How long a connection may stay without a window.', unit: 'ms' },
    ),
  })
  .prefault({});

/** The settings of the Lumberjack input, validated. */
export type LumberjackConfig = z.infer<typeof lumberjackSettings>;
