// The receivers of the configuration: what they may be, and the channel each one gets.
import { z } from 'zod';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { setting } from '../../../shared/runtime/settings.ts';
import { alertmanagerSettings, createAlertmanagerChannel } from './alertmanager.ts';
import type { Channel } from './channel.ts';
import { createEmailChannel, emailSettings, type TakenLetters } from './email/email.ts';
import { createLocalChannel, localSettings } from './local.ts';
import type { ProxySettings } from './proxy.ts';
import { createPagerdutyChannel, pagerdutySettings } from './pagerduty.ts';
import { createSlackChannel, slackSettings } from './slack/slack.ts';
import { createSlackWebhookChannel, slackWebhookSettings } from './slack/webhook.ts';
import { createTeamsChannel, teamsSettings } from './teams.ts';
import { createWebhookChannel, webhookSettings } from './webhook.ts';

/** What every receiver has. The name becomes part of job ids, so it has no colon. */
const common = {
  name: z.string().regex(/^[a-z\d][a-z\d_-]{0,62}$/iu, 'letters, digits, - and _ only'),
  minSeverity: z.enum(SEVERITIES).default('info'),
  /** Deliveries at a time. */
  concurrency: z.number().int().min(1).max(64).default(4),
  /** More deliveries than these wait for the next minute. */
  maxPerMinute: z.number().int().min(1).max(100_000).optional(),
};

const email = z
  .strictObject({ ...common, ...emailSettings })
  .refine(({ tls, username }) => username === '' || tls !== 'none', {
    path: ['tls'],
    message: 'a password does not travel unencrypted: set tls to starttls or implicit, or leave username away',
  });

const receiver = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, ...localSettings }),
  z.strictObject({ ...common, ...slackSettings }),
  z.strictObject({ ...common, ...slackWebhookSettings }),
  email,
  z.strictObject({ ...common, ...pagerdutySettings }),
  z.strictObject({ ...common, ...teamsSettings }),
  z.strictObject({ ...common, ...webhookSettings }),
  z.strictObject({ ...common, ...alertmanagerSettings }),
]);

/** One receiver, validated. */
export type Receiver = z.infer<typeof receiver>;

/** The setting `notifier.receivers`. */
export const receiversSetting = setting(
  z
    .array(receiver)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'two receivers have the same name')
    .default([{ name: 'local', kind: 'local', file: './foghorn-alerts.log', minSeverity: 'info', concurrency: 1 }]),
  {
    description: [
      'Who is told: each has name, kind, minSeverity, concurrency and maxPerMinute (more wait); those reached by HTTP have caFile, certFile and keyFile; and by kind',
      'local: file;',
      'slack: token, channel, apiUrl, timeoutMs;',
      'slack-webhook: webhookUrl, timeoutMs, allowPrivate;',
      'email: host, port, tls (starttls, implicit, none), caFile, hello, username, password, from, to, timeoutMs;',
      'pagerduty: routingKey, url, timeoutMs, allowPrivate;',
      'teams: workflowUrl, timeoutMs, allowPrivate;',
      'webhook: url, secret, headers, timeoutMs, allowPrivate;',
      'alertmanager: url, headers, firingForMs, timeoutMs, allowPrivate.',
    ].join(' '),
  },
);

const LOCAL_SEND_MS = 10_000;

/** The longest that one try of a receiver may take. A channel that asks twice has the time twice: once again in plain words, the beginning before the end, or after a look for an earlier try. */
export function longestSendMs(settings: Receiver): number {
  if (settings.kind === 'local') return LOCAL_SEND_MS;
  return ['slack', 'slack-webhook', 'pagerduty'].includes(settings.kind) ? 2 * settings.timeoutMs : settings.timeoutMs;
}

/** What channels are given beside their own settings. */
export interface ChannelSurroundings {
  /** Remembers who has taken a mail beyond the process. */
  readonly letters?: TakenLetters;
  readonly proxy?: ProxySettings;
}

/** Opens the channel of a receiver. Throws ConfigError when a file that it names cannot be read. */
export function createChannel(
  configured: Receiver,
  now: () => number,
  { letters, proxy }: ChannelSurroundings = {},
): Channel {
  const settings = { ...configured, proxy };
  switch (settings.kind) {
    case 'local':
      return createLocalChannel(settings.file, process.stdout.isTTY ? process.stdout : undefined);
    case 'slack':
      return createSlackChannel(settings);
    case 'slack-webhook':
      return createSlackWebhookChannel(settings);
    case 'email':
      return createEmailChannel(settings, letters);
    case 'pagerduty':
      return createPagerdutyChannel(settings);
    case 'teams':
      return createTeamsChannel(settings);
    case 'webhook':
      return createWebhookChannel({ ...settings, receiver: settings.name, now });
    default:
      return createAlertmanagerChannel({ ...settings, now });
  }
}
