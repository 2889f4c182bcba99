// The kinds of receivers, and the setting, the documentation and the lookup that follow from their
// list.
import { z } from 'zod';
import { setting } from '../../../shared/runtime/settings.ts';
import { alertmanager } from './alertmanager.ts';
import { type ChannelType, receiverSettings } from './channel.ts';
import { email } from './email/email.ts';
import { local } from './local.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack/slack.ts';
import { slackWebhook } from './slack/webhook.ts';
import { teams } from './teams.ts';
import { tlsSettings } from './transport.ts';
import { webhook } from './webhook.ts';

/** All kinds. A new one is a file or folder here, and a line in this list. */
export const CHANNEL_TYPES = [local, slack, slackWebhook, email, pagerduty, teams, webhook, alertmanager] as const;

const [first, ...others] = CHANNEL_TYPES;
const receiver = z.discriminatedUnion('kind', [first.settings, ...others.map(({ settings }) => settings)]);

/** One receiver, validated. */
export type Receiver = z.infer<typeof receiver>;

/** The name of a kind. */
export type Kind = Receiver['kind'];

/** The setting `notifier.receivers`. */
export const receiversSetting = setting(
  z
    .array(receiver)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'two receivers have the same name')
    .default([{ name: 'local', kind: 'local', file: './foghorn-alerts.log', minSeverity: 'info', concurrency: 1 }]),
  {
    description: [
      `Receivers: each has kind, ${Object.keys(receiverSettings).join(', ')};`,
      `those reached by HTTP have ${Object.keys(tlsSettings).join(', ')}; and by kind`,
      `${CHANNEL_TYPES.map(ownSettings).join('; ')}.`,
    ].join(' '),
  },
);

/** E.g. `local: file`. */
function ownSettings({ kind, settings: { shape } }: ChannelType): string {
  const tls = Object.keys(tlsSettings).every((name) => name in shape) ? tlsSettings : {};
  const common = { kind, ...receiverSettings, ...tls };
  const own = Object.keys(shape).filter((name) => !(name in common));
  return `${kind}: ${own.join(', ')}`;
}

/** The kind of a receiver. */
export function channelTypeOf({ kind }: Pick<Receiver, 'kind'>): ChannelType {
  const found = CHANNEL_TYPES.find((type) => type.kind === kind);
  if (found === undefined) throw new TypeError(`There is no receiver kind ${kind}.`);
  return found;
}
