// An Alertmanager: each incident is one alert of its API, ended when the incident is resolved.
import { z } from 'zod';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import { type AlertBody, alertOf } from './alert-body.ts';
import { type Channel, type ChannelType, type Rendered, receiverSettings } from './channel.ts';
import { createPoster, JSON_HEADERS, outcomeByStatus, type PostAnswer, postSettings } from './http-post.ts';
import { secret, secretUrl } from '../../../shared/runtime/settings.ts';
import type { TransportOptions } from './transport.ts';

const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/**
 * An Alertmanager drops an alert that ends within its group_wait, 30 s by default, before it has
 * notified of it.
 */
const SHORT_ALERT_MS = 2 * MINUTE_MS;

const settings = z.strictObject({
  ...receiverSettings,
  kind: z.literal('alertmanager'),
  /**
   * The Alertmanager's own address, e.g. `http://alertmanager:9093`; the path of its API is added.
   */
  url: secretUrl(z.url({ protocol: /^https?$/u })),
  /** E.g. `authorization` for one behind a proxy with a log-in. */
  headers: z.record(z.string().regex(/^[\w-]+$/u), secret(z.string())).default({}),
  /**
   * The time after which the Alertmanager takes an alert for resolved unless it is sent again; it
   * is sent again after a third of it.
   */
  firingForMs: z
    .number()
    .int()
    .min(60_000)
    .max(90 * DAY_MS)
    .default(15 * MINUTE_MS),
  ...postSettings,
  /** An Alertmanager usually has a private address. */
  allowPrivate: z.boolean().default(true),
});

interface RenderedAlert extends Rendered {
  readonly alert: AlertBody;
  /** The Alertmanager was not notified of the episode before. */
  readonly isFirst: boolean;
}

/** The kind `alertmanager`. */
export const alertmanager: ChannelType<typeof settings, RenderedAlert> = {
  kind: 'alertmanager',
  settings,
  // Its labels name the episode.
  traits: {
    editsInPlace: false,
    followsChanges: false,
    keepsEpisodes: true,
    resendMs: ({ firingForMs }) => Math.floor(firingForMs / 3),
  },
  longestSendMs: ({ timeoutMs }) => timeoutMs,
  create: (receiver, { now, proxy }) => createAlertmanagerChannel({ ...receiver, now, proxy }),
  preview: (notification) => ({ kind: 'json', value: [alertOf(notification)] }),
};

/** Settings of an Alertmanager channel. */
export interface AlertmanagerOptions extends TransportOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly firingForMs: number;
  readonly timeoutMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * A channel to one Alertmanager. Sending again is harmless: alerts with the same labels are one.
 * https://prometheus.io/docs/alerting/latest/alerts_api/
 */
export function createAlertmanagerChannel(options: AlertmanagerOptions): Channel<RenderedAlert> {
  const base = options.url.endsWith('/') ? options.url : `${options.url}/`;
  const poster = createPoster({ ...options, url: new URL('api/v2/alerts', base).href }, outcomeOf);
  return {
    render: (notification) => ({
      id: notification.id,
      alert: alertOf(notification),
      isFirst: notification.isFirst === true,
    }),
    send: (rendered, signal) => {
      const body = withEnd(rendered, { nowMs: options.now(), firingForMs: options.firingForMs });
      return poster.post({ body, headers: { ...JSON_HEADERS, ...options.headers } }, signal);
    },
    reconcile: async () => ({ kind: 'absent' }),
    close: async () => poster.close(),
  };
}

/**
 * A firing alert ends `firingForMs` from now; without an end it would be resolved after the
 * Alertmanager's resolve_timeout.
 */
function withEnd(
  { alert, isFirst }: RenderedAlert,
  { nowMs, firingForMs }: { readonly nowMs: number; readonly firingForMs: number },
): string {
  const endMs = nowMs + (alert.endsAt === undefined ? firingForMs : SHORT_ALERT_MS);
  const endsAt = alert.endsAt === undefined || isFirst ? new Date(endMs).toISOString() : alert.endsAt;
  return JSON.stringify([{ ...alert, endsAt }]);
}

/** An Alertmanager answers 200 with nothing or JSON; HTML comes from another server on the way. */
function outcomeOf(answer: PostAnswer): SendOutcome {
  if (answer.status < 300 && /<html|<!doctype/iu.test(answer.text))
    return { kind: 'retry', detail: 'the answer is not from an Alertmanager; check url and any proxy on the way' };
  return outcomeByStatus(answer);
}
