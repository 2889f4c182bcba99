// The generic webhook: Alertmanager's version 4 body, an idempotency key, and on demand a signature.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Notification } from '../../../shared/contracts/notification.ts';
import type { Remediation, RemediationStep } from '../../../shared/contracts/remediation.ts';
import type { Channel } from './channel.ts';
import { createPoster } from './http-post.ts';
import { safeText } from './safe-text.ts';

/** The settings of a receiver of kind `webhook`, without what all receivers have. */
export const webhookSettings = {
  kind: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/u }),
  /** Signs each request when it is set. */
  secret: z.string().default(''),
  headers: z.record(z.string().regex(/^[\w-]+$/u), z.string()).default({}),
  timeoutMs: z.number().int().min(100).max(120_000).default(10_000),
  allowPrivate: z.boolean().default(false),
};

/** What a webhook needs to know. */
export interface WebhookOptions {
  readonly receiver: string;
  readonly url: string;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Alertmanager's zero time, which says that an alert has not ended. */
const NOT_ENDED = '0001-01-01T00:00:00Z';
const MAX_LABEL_CHARACTERS = 1000;

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

/** The body, as https://prometheus.io/docs/alerting/latest/configuration/#webhook_config describes it. Times are RFC 3339. */
export function webhookBody({ incident, links, reason }: Notification, receiver: string) {
  const status = incident.state === 'resolved' ? 'resolved' : 'firing';
  const labels = labelsOf(incident);
  const annotations = annotationsOf(incident);
  const generatorURL = links[0]?.url ?? '';
  return {
    version: '4',
    groupKey: `{}:{incident="${incident.id}"}`,
    truncatedAlerts: 0,
    status,
    receiver,
    notification_reason: reason,
    groupLabels: { alertname: labels['alertname'], host: labels['host'] },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: generatorURL,
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: new Date(incident.openedAtMs).toISOString(),
        endsAt: incident.resolvedAtMs === undefined ? NOT_ENDED : new Date(incident.resolvedAtMs).toISOString(),
        generatorURL,
        fingerprint: incident.id,
      },
    ],
  };
}

function labelsOf({ id, entity, severity, episode }: Incident): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(entity.params)) own[name] = safeText(String(value), MAX_LABEL_CHARACTERS);
  return {
    ...own,
    alertname: entity.ruleId,
    severity,
    host: safeText(entity.host, MAX_LABEL_CHARACTERS),
    provider: safeText(entity.provider, MAX_LABEL_CHARACTERS),
    event_id: String(entity.eventId),
    class: entity.faultClass,
    incident_id: id,
    episode: String(episode),
  };
}

function annotationsOf({ remediation, lastMessage, episodeCount, lastSeenMs }: Incident): Record<string, string> {
  const { title, summary, references, options, verification } = remediation;
  return {
    summary: safeText(title),
    description: safeText(summary),
    event_message: safeText(lastMessage),
    event_count: String(episodeCount),
    last_seen: new Date(lastSeenMs).toISOString(),
    remediation: optionsText(options),
    verification: stepsText(verification),
    runbook_url: references.find(({ url }) => url !== undefined)?.url ?? '',
  };
}

function optionsText(options: Remediation['options']): string {
  return options
    .map(({ title, when, steps }, index) => {
      const condition = when === undefined ? '' : ` (${safeText(when)})`;
      return `${index + 1}. ${safeText(title)}${condition}\n${stepsText(steps)}`;
    })
    .join('\n');
}

function stepsText(steps: readonly RemediationStep[]): string {
  return steps
    .map(({ text, where, command, risk }) =>
      [
        `- ${safeText(text)}`,
        where === undefined ? '' : ` [${safeText(where)}]`,
        command === undefined ? '' : `\n  > ${safeText(command)}`,
        risk === undefined ? '' : `\n  risk: ${safeText(risk)}`,
      ].join(''),
    )
    .join('\n');
}
