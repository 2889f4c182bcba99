// The generic webhook: Alertmanager's version 4 body, an idempotency key, and on demand a signature.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Notification } from '../../../shared/contracts/notification.ts';
import { alertOf } from './alert-body.ts';
import type { Channel } from './channel.ts';
import { createPoster, postSettings } from './http-post.ts';
import { sizeOf, threadOf } from './message/message.ts';
import { secret, secretUrl } from '../../../shared/runtime/settings.ts';
import type { TransportOptions } from './transport.ts';

/** The settings of a receiver of kind `webhook`, without what all receivers have. */
export const webhookSettings = {
  kind: z.literal('webhook'),
  url: secretUrl(z.url({ protocol: /^https?$/u })),
  /** Signs each request when it is set. */
  secret: secret(z.string().default('')),
  headers: z.record(z.string().regex(/^[\w-]+$/u), secret(z.string())).default({}),
  ...postSettings,
};

/** What a webhook needs to know. */
export interface WebhookOptions extends TransportOptions {
  readonly receiver: string;
  readonly url: string;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Alertmanager's zero time, which says that an alert has not ended. */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/** A channel to one webhook. Sending again is harmless: the `Idempotency-Key` is the delivery's id. */
export function createWebhookChannel(options: WebhookOptions): Channel {
  const poster = createPoster(options);
  return {
    kind: 'webhook',
    render: (notification) => ({
      id: notification.id,
      contentType: 'application/json',
      headers: { 'idempotency-key': notification.id },
      body: JSON.stringify(webhookBody(notification, options.receiver)),
    }),
    send: async ({ body, contentType, headers }, signal) => {
      const own = { 'user-agent': 'Foghorn', 'content-type': contentType, ...options.headers, ...headers };
      const signature: Record<string, string> =
        options.secret === '' ? {} : { 'x-foghorn-signature': signatureOf(options.secret, body, options.now()) };
      return await poster.post({ body, headers: { ...own, ...signature } }, signal);
    },
    reconcile: async () => await Promise.resolve({ kind: 'absent' }),
    close: async () => {
      poster.close();
      await Promise.resolve();
    },
  };
}

/** `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 with the receiver's secret over `<seconds>.<body>`, so that an old request cannot be played again. */
export function signatureOf(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/**
 * The body, as https://prometheus.io/docs/alerting/latest/configuration/#webhook_config describes it. Times are RFC 3339. Of a group it holds the one
 * alert that stands for it, counts the others as truncated, and has the figures under `digest`, which Alertmanager's readers pass over.
 */
export function webhookBody(notification: Notification, receiver: string) {
  const { digest, incident, reason } = notification;
  const { labels: own, annotations, startsAt, endsAt, generatorURL } = alertOf(notification);
  const labels: Readonly<Record<string, string>> = { severity: incident.severity, ...own };
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
    alerts: [{ status, labels, annotations, startsAt, endsAt: endsAt ?? NOT_ENDED, generatorURL, fingerprint: id }],
    ...(digest === undefined ? {} : { digest }),
  };
}
