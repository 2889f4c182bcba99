// The notifier's settings.
import { z } from 'zod';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/http/admin-server.ts';
import { consoleLinkSettings } from '../../shared/http/console-address.ts';
import { setting, wholeNumber } from '../../shared/runtime/settings.ts';
import { proxySettings } from './channels/proxy.ts';
import { receiversSetting } from './channels/receivers.ts';
import { addressRangesSetting } from '../../shared/matchers/address-range.ts';
import { inhibitRulesSetting, labelsSetting, routeSetting, timeIntervalsSetting } from './policy/settings.ts';
import { redisSettings } from './redis/settings.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

const probeSettings = z
  .strictObject({
    networks: setting(addressRangesSetting, {
      description:
        'Networks in which ports may be probed to find out whether the fault of an incident is gone, e.g. ["10.1.0.0/16"]; Foghorn connects to no other address. Empty: no probes.',
    }),
    intervalMs: wholeNumber(
      60_000,
      { min: 1000, max: DAY_MS },
      { description: 'Interval between two probes of an incident.', unit: 'ms' },
    ),
    timeoutMs: wholeNumber(3000, { min: 100, max: 60_000 }, { description: 'Timeout of a probe.', unit: 'ms' }),
    concurrency: wholeNumber(8, { min: 1, max: 100 }, { description: 'Concurrent probes.' }),
  })
  .prefault({});

const flappingSettings = z
  .strictObject({
    episodes: wholeNumber(
      5,
      { min: 0, max: 100 },
      {
        description:
          'Episodes within withinMs from which on an incident is flapping: the message of that episode says so, and further ones are suppressed until it was quiet, with a reminder every four hours. 0: never.',
      },
    ),
    withinMs: wholeNumber(
      30 * 60_000,
      { min: 1000, max: DAY_MS },
      { description: 'The time range in which episodes are counted.', unit: 'ms' },
    ),
    quietForMs: wholeNumber(
      10 * 60_000,
      { min: 1000, max: DAY_MS },
      {
        description:
          'Time without an opening or a resolution after which flapping ends and the current state is notified.',
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
          'Links of every message beside the one to the console, e.g. to Kibana: title and url, with the placeholders {incident}, {group}, {host} and {rule}.',
      },
    ),
    staleAfterMs: wholeNumber(
      DAY_MS,
      { min: 60_000, max: 90 * DAY_MS },
      {
        description: 'Time without an event after which an incident is marked stale; that alone never resolves it.',
        unit: 'ms',
      },
    ),
    purgeResolvedAfterMs: wholeNumber(
      90 * DAY_MS,
      { min: 7 * DAY_MS, max: 3650 * DAY_MS },
      {
        description:
          'Time after its resolution at which an incident is purged from Redis and Kafka; its document stays in Elasticsearch. At least reopenWithinMs and dedupKeepMs.',
        unit: 'ms',
      },
    ),
    receiverFailingAfterMs: wholeNumber(
      300_000,
      { min: 1000, max: DAY_MS },
      {
        description:
          'Time without a successful delivery after which a failing receiver opens an incident of its own, sent to the other receivers.',
        unit: 'ms',
      },
    ),
    reopenWithinMs: wholeNumber(
      DAY_MS,
      { min: 0, max: 90 * DAY_MS },
      {
        description:
          'Time after the resolution within which an event reopens the incident; a later event opens it with a new first episode.',
        unit: 'ms',
      },
    ),
    flapping: flappingSettings,
    maxIncidentsPerRule: wholeNumber(
      5000,
      { min: 10, max: 1_000_000 },
      {
        description:
          'The most incidents of a rule that one sender may open within purgeResolvedAfterMs; set it above the number of its hosts and ports. Further ones are counted by one incident. Each takes about 5 KB of Redis.',
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
      { description: 'Event ids stored for each incident to recognise repeated events.' },
    ),
    dedupKeepMs: wholeNumber(
      7 * DAY_MS,
      { min: HOUR_MS, max: 90 * DAY_MS },
      { description: 'How long event ids are stored; at least as long as Kafka keeps alerts.', unit: 'ms' },
    ),
    probe: probeSettings,
    attempts: wholeNumber(
      10_000,
      { min: 1, max: 10_000 },
      { description: 'Attempts before a delivery has failed, unless retryForMs ends earlier.' },
    ),
    retryForMs: wholeNumber(
      7 * DAY_MS,
      { min: 1000, max: 30 * DAY_MS },
      {
        description:
          'Time after its first failed attempt for which a delivery is retried; then it has failed. The default is longer than a weekend, so that a wrong token loses no alert.',
        unit: 'ms',
      },
    ),
    retryMinMs: wholeNumber(
      1000,
      { min: 10, max: HOUR_MS },
      { description: 'The wait after the first failed attempt; it doubles with each one, with jitter.', unit: 'ms' },
    ),
    retryMaxMs: wholeNumber(
      300_000,
      { min: 10, max: DAY_MS },
      {
        description:
          'The longest wait between two attempts; twelve times as long where an operator has to correct something: credentials, permissions, certificate, address.',
        unit: 'ms',
      },
    ),
    concurrency: wholeNumber(2, { min: 1, max: 64 }, { description: 'Partitions processed concurrently.' }),
  })
  .prefault({});

/** The sections the notifier reads. */
export const notifierSchema = z.strictObject({
  kafka: kafkaSettings,
  redis: redisSettings,
  notifier: notifierSettings,
  console: consoleLinkSettings,
});

/** The notifier's settings, validated. */
export type NotifierConfig = z.infer<typeof notifierSchema>;
