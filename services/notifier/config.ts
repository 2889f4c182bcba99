// The notifier's settings.
import { z } from 'zod';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/http/admin-server.ts';
import { setting, wholeNumber } from '../../shared/runtime/settings.ts';
import { proxySettings } from './channels/proxy.ts';
import { receiversSetting } from './channels/receivers.ts';
import { parseAddressRanges } from './policy/address-range.ts';
import { inhibitRulesSetting, labelsSetting, routeSetting, timeIntervalsSetting } from './policy/settings.ts';
import { redisSettings } from './redis/settings.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

const addressRange = z
  .string()
  .refine((text) => parseAddressRanges([text]).kind === 'range', 'an address range such as 10.1.0.0/16 or fd00::/8');

const probeSettings = z
  .strictObject({
    networks: setting(z.array(addressRange).max(100).default([]), {
      description:
        'Where the port of an open 309 may be asked whether Windows Media Services has it again, e.g. ["10.1.0.0/16"]; other addresses are never connected to. Empty: nobody is asked.',
    }),
    intervalMs: wholeNumber(
      60_000,
      { min: 1000, max: DAY_MS },
      { description: 'How often the port of an incident is asked.', unit: 'ms' },
    ),
    timeoutMs: wholeNumber(
      3000,
      { min: 100, max: 60_000 },
      { description: 'How long one answer may take.', unit: 'ms' },
    ),
    concurrency: wholeNumber(8, { min: 1, max: 100 }, { description: 'Ports asked at a time.' }),
  })
  .prefault({});

const flappingSettings = z
  .strictObject({
    episodes: wholeNumber(
      5,
      { min: 0, max: 100 },
      {
        description:
          'An incident that begins so often within withinMs flaps: the message of that beginning says so, and no more is told until it was quiet, but a beginning every four hours. 0: never.',
      },
    ),
    withinMs: wholeNumber(
      30 * 60_000,
      { min: 1000, max: DAY_MS },
      { description: 'How close together its beginnings have to be.', unit: 'ms' },
    ),
    quietForMs: wholeNumber(
      10 * 60_000,
      { min: 1000, max: DAY_MS },
      {
        description:
          'When it has neither begun nor ended for so long, it is told how it stands, and it no longer flaps.',
        unit: 'ms',
      },
    ),
  })
  .prefault({});

const notifierSettings = z
  .strictObject({
    admin: adminSettings(9312),
    receivers: receiversSetting,
    proxy: proxySettings,
    route: routeSetting,
    inhibitRules: inhibitRulesSetting,
    timeIntervals: timeIntervalsSetting,
    labels: labelsSetting,
    catalogFolders: setting(z.array(z.string().min(1)).default([]), {
      description:
        'Folders with catalogue entries of your own, as in enricher.catalogFolders, so that routes and silences may name their parameters and ids. In a file that has both sections those of the enricher count as well.',
      readable: 'folder',
    }),
    links: setting(
      z
        .array(z.strictObject({ title: z.string().min(1).max(80), url: z.url({ protocol: /^https?$/u }) }))
        .max(10)
        .default([]),
      {
        description:
          'Links of every message, e.g. to the console or Kibana: title and url, in which {incident}, {group}, {host} and {rule} stand for what it is about.',
      },
    ),
    staleAfterMs: wholeNumber(
      DAY_MS,
      { min: 60_000, max: 90 * DAY_MS },
      {
        description: 'Without an event for so long an incident is marked stale; that alone never resolves it.',
        unit: 'ms',
      },
    ),
    purgeResolvedAfterMs: wholeNumber(
      90 * DAY_MS,
      { min: 7 * DAY_MS, max: 3650 * DAY_MS },
      {
        description:
          'So long after its resolution an incident leaves Redis and Kafka; its document stays in Elasticsearch. Not before reopenWithinMs and dedupKeepMs.',
        unit: 'ms',
      },
    ),
    receiverFailingAfterMs: wholeNumber(
      300_000,
      { min: 1000, max: DAY_MS },
      {
        description: 'A receiver that takes nothing for so long raises an incident of its own, told by the others.',
        unit: 'ms',
      },
    ),
    reopenWithinMs: wholeNumber(
      DAY_MS,
      { min: 0, max: 90 * DAY_MS },
      {
        description: 'An event this soon after the resolution reopens the incident; a later one opens it anew.',
        unit: 'ms',
      },
    ),
    flapping: flappingSettings,
    maxIncidentsPerRule: wholeNumber(
      5000,
      { min: 10, max: 1_000_000 },
      {
        description:
          'The most incidents of a rule that one sender may begin within purgeResolvedAfterMs; more than its hosts and ports. What exceeds is counted by one incident. Each takes about 20 KB of Redis.',
      },
    ),
    maxIncidentsPerSender: wholeNumber(
      10_000,
      { min: 10, max: 1_000_000 },
      { description: 'The same for all rules together.' },
    ),
    dedupMaxEvents: wholeNumber(
      10_000,
      { min: 256, max: 1_000_000 },
      { description: 'Event ids remembered for each incident, so that a repeated one is not counted again.' },
    ),
    dedupKeepMs: wholeNumber(
      7 * DAY_MS,
      { min: HOUR_MS, max: 90 * DAY_MS },
      { description: 'How long event ids are remembered; at least as long as Kafka keeps alerts.', unit: 'ms' },
    ),
    probe: probeSettings,
    attempts: wholeNumber(
      10_000,
      { min: 1, max: 10_000 },
      { description: 'How often a delivery is tried before it counts as failed, unless retryForMs is over before.' },
    ),
    retryForMs: wholeNumber(
      7 * DAY_MS,
      { min: 1000, max: 30 * DAY_MS },
      {
        description:
          'So long after its first failed try a delivery is tried again; then it counts as failed. Longer than a weekend, so that a wrong token is no lost alert.',
        unit: 'ms',
      },
    ),
    retryMinMs: wholeNumber(
      1000,
      { min: 10, max: HOUR_MS },
      { description: 'The first wait after a failed try; it doubles each time, with jitter.', unit: 'ms' },
    ),
    retryMaxMs: wholeNumber(
      300_000,
      { min: 10, max: DAY_MS },
      {
        description:
          'The longest wait between two tries; twelve times as long where somebody has to correct something: log-in, right, certificate, address.',
        unit: 'ms',
      },
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
