// The receivers of the configuration: what they may be, and the channel each one gets.
import { z } from 'zod';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { setting } from '../../../shared/runtime/settings.ts';
import type { Channel } from './channel.ts';
import { createLocalChannel, localSettings } from './local.ts';
import { createWebhookChannel, webhookSettings } from './webhook.ts';

/** What every receiver has. The name becomes part of job ids, so it has no colon. */
const common = {
  name: z.string().regex(/^[a-z\d][a-z\d_-]{0,62}$/iu, 'letters, digits, - and _ only'),
  minSeverity: z.enum(SEVERITIES).default('info'),
  /** Deliveries at a time. */
  concurrency: z.number().int().min(1).max(64).default(4),
};

const receiver = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, ...localSettings }),
  z.strictObject({ ...common, ...webhookSettings }),
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
    description:
      'Who is told: each has name, kind (local: file; webhook: url, secret, headers, timeoutMs, allowPrivate), minSeverity and concurrency.',
  },
);

/** Opens the channel of a receiver. */
export function createChannel(settings: Receiver, now: () => number): Channel {
  if (settings.kind === 'webhook') return createWebhookChannel({ ...settings, receiver: settings.name, now });
  return createLocalChannel(settings.file, process.stdout.isTTY ? process.stdout : undefined);
}
