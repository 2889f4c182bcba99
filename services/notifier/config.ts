// The notifier's settings.
import { z } from 'zod';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/runtime/admin-server.ts';
import { wholeNumber } from '../../shared/runtime/settings.ts';
import { receiversSetting } from './channels/receivers.ts';
import { inhibitRulesSetting, labelsSetting, routeSetting, timeIntervalsSetting } from './policy/settings.ts';
import { redisSettings } from './redis.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

const notifierSettings = z
  .strictObject({
    admin: adminSettings(9312),
    receivers: receiversSetting,
    route: routeSetting,
    inhibitRules: inhibitRulesSetting,
    timeIntervals: timeIntervalsSetting,
    labels: labelsSetting,
    reopenWithinMs: wholeNumber(
      DAY_MS,
      { min: 0, max: 90 * DAY_MS },
      {
        description: 'An event this soon after the resolution reopens the incident; a later one opens it anew.',
        unit: 'ms',
      },
    ),
    seenEvents: wholeNumber(
      10_000,
      { min: 256, max: 1_000_000 },
      { description: 'Event ids remembered for each incident, so that a repeated one is not counted again.' },
    ),
    seenKeepMs: wholeNumber(
      7 * DAY_MS,
      { min: HOUR_MS, max: 90 * DAY_MS },
      { description: 'How long event ids are remembered; at least as long as Kafka keeps alerts.', unit: 'ms' },
    ),
    attempts: wholeNumber(
      200,
      { min: 1, max: 10_000 },
      { description: 'How often a delivery is tried before it counts as failed.' },
    ),
    retryMinMs: wholeNumber(
      1000,
      { min: 10, max: HOUR_MS },
      { description: 'The first wait after a failed try; it doubles each time, with jitter.', unit: 'ms' },
    ),
    retryMaxMs: wholeNumber(
      300_000,
      { min: 10, max: DAY_MS },
      { description: 'The longest wait between two tries.', unit: 'ms' },
    ),
    concurrency: wholeNumber(2, { min: 1, max: 64 }, { description: 'Partitions worked on at a time.' }),
  })
  .prefault({});

/** The sections the notifier reads. */
export const notifierSchema = z.strictObject({
  kafka: kafkaSettings,
  redis: redisSettings,
  notifier: notifierSettings,
});

/** The notifier's settings, validated. */
export type NotifierConfig = z.infer<typeof notifierSchema>;
