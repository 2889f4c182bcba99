// The generic webhook: Alertmanager's version 4 body, an idempotency key, and an optional
// signature.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Notification } from '../../../shared/contracts/notification.ts';
import { alertOf } from './alert-body.ts';
import { type Channel, type ChannelType, type Rendered, receiverSettings } from './channel.ts';
import { createPoster, JSON_HEADERS, postSettings } from './http-post.ts';
import { sizeOf, threadOf } from './message/message.ts';
import { secret, secretUrl } from '../../../shared/runtime/settings.ts';
import type { TransportOptions } from './transport.ts';

const settings = z.strictObject({
  ...receiverSettings,
  kind: z.literal('webhook'),
  url: secretUrl(z.url({ protocol: /^https?$/u })),
  /** Signs each request when it is set. */
  secret: secret(z.string().default('')),
  headers: z.record(z.string().regex(/^[\w-]+$/u), secret(z.string())).default({}),
  ...postSettings,
});

interface WebhookRequest extends Rendered {
  readonly body: string;
}

/** The kind `webhook`. */
export const webhook: ChannelType<typeof settings, WebhookRequest> = {
  kind: 'webhook',
  settings,
  traits: { editsInPlace: false, followsChanges: false, keepsEpisodes: false },
  longestSendMs: ({ timeoutMs }) => timeoutMs,
  create: (receiver, { now, proxy }) => createWebhookChannel({ ...receiver, receiver: receiver.name, now, proxy }),
  preview: (notification) => ({ kind: 'json', value: webhookBody(notification, notification.receiver) }),
};

/** Settings of a webhook channel. */
export interface WebhookOptions extends TransportOptions {
  readonly receiver: string;
  readonly url: string;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Alertmanager's zero time: the alert has not ended. */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/**
 * A channel to one webhook. Sending again is harmless: the `Idempotency-Key` is the delivery's id.
 */
export function createWebhookChannel(options: WebhookOptions): Channel<WebhookRequest> {
  const poster = createPoster(options);
  return {
    render: (notification) => ({
      id: notification.id,
      body: JSON.stringify(webhookBody(notification, options.receiver)),
    }),
    send: ({ id, body }, signal) => {
      const headers = { ...JSON_HEADERS, ...options.headers, 'idempotency-key': id };
      const signature: Record<string, string> =
        options.secret === '' ? {} : { 'x-foghorn-signature': signatureOf(options.secret, body, options.now()) };
      return poster.post({ body, headers: { ...headers, ...signature } }, signal);
    },
    reconcile: async () => ({ kind: 'absent' }),
    close: async () => poster.close(),
  };
}

/**
 * `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 with the receiver's secret over `<seconds>.<body>`, so
 * that an old request cannot be replayed.
 */
export function signatureOf(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/**
 * The body of https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. Times are
 * RFC 3339. For a group it has the one alert that represents it, counts the others as truncated,
 * and adds the figures under `digest`, which Alertmanager's readers ignore. `url` is its page in
 * the console, `acknowledgeUrl` where whoever has it acknowledges.
 */
export function webhookBody(notification: Notification, receiver: string) {
  const { digest, reason, acknowledgeUrl } = notification;
  const { labels: own, annotations, startsAt, endsAt, generatorURL } = alertOf(notification);
  const labels: Readonly<Record<string, string>> = { severity: notification.incident.severity, ...own };
  const status = endsAt === undefined ? 'firing' : 'resolved';
  const groupLabels =
    digest === undefined ? { alertname: labels['alertname'], host: labels['host'] } : { ...digest.groupLabels };
  const { id } = threadOf(notification);
  return {
    version: '4',
    groupKey: digest === undefined ? `{}:{incident="${id}"}` : `{}:{group=${JSON.stringify(id)}}`,
    truncatedAlerts: digest === undefined ? 0 : Math.max(0, sizeOf(digest) - 1),
    status,
    receiver,
    notification_reason: reason,
    groupLabels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: generatorURL,
    url: generatorURL,
    ...(acknowledgeUrl === undefined ? {} : { acknowledgeUrl }),
    alerts: [{ status, labels, annotations, startsAt, endsAt: endsAt ?? NOT_ENDED, generatorURL, fingerprint: id }],
    ...(digest === undefined ? {} : { digest }),
  };
}
