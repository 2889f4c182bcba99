// Forwards to an Alertmanager that is there already: each incident is one alert of its API, ended when the incident is resolved.
import { z } from 'zod';
import type { Rendered, SendOutcome } from '../../../shared/contracts/notification.ts';
import { type AlertBody, alertOf } from './alert-body.ts';
import type { Channel } from './channel.ts';
import { createPoster, judgeByStatus, type PostAnswer, postSettings } from './http-post.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** The settings of a receiver of kind `alertmanager`, without what all receivers have. */
export const alertmanagerSettings = {
  kind: z.literal('alertmanager'),
  /** The Alertmanager's own address, e.g. `http://alertmanager:9093`; the path of its API is added. */
  url: z.url({ protocol: /^https?$/u }),
  /** E.g. `authorization` for one behind a proxy that asks who comes. */
  headers: z.record(z.string().regex(/^[\w-]+$/u), z.string()).default({}),
  /**
   * An alert that is not sent again counts as over there after so long; longer than the route's repeat_interval. An Alertmanager forgets alerts when
   * it restarts: a short repeat_interval tells it again.
   */
  firingForMs: z
    .number()
    .int()
    .min(60_000)
    .max(90 * DAY_MS)
    .default(7 * DAY_MS),
  ...postSettings,
  /** It stands inside the house as a rule. */
  allowPrivate: z.boolean().default(true),
};

/** What forwarding needs to know. */
export interface AlertmanagerOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly firingForMs: number;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A channel to one Alertmanager. Sending again is harmless: alerts with the same labels are one. https://prometheus.io/docs/alerting/latest/alerts_api/ */
export function createAlertmanagerChannel(options: AlertmanagerOptions): Channel {
  const base = options.url.endsWith('/') ? options.url : `${options.url}/`;
  const poster = createPoster({ ...options, url: new URL('api/v2/alerts', base).href }, judge);
  return {
    kind: 'alertmanager',
    render: (notification) => ({
      id: notification.id,
      contentType: 'application/json',
      headers: {},
      body: JSON.stringify([alertOf(notification)]),
    }),
    send: async (rendered, signal) =>
      await poster.post(
        {
          body: withEnd(rendered, options.now() + options.firingForMs),
          headers: { 'user-agent': 'Foghorn', 'content-type': rendered.contentType, ...options.headers },
        },
        signal,
      ),
    reconcile: async () => await Promise.resolve({ kind: 'absent' }),
    close: async () => {
      poster.close();
      await Promise.resolve();
    },
  };
}

/** What still burns is said to burn until then; left without an end it would be over after the Alertmanager's resolve_timeout. */
function withEnd({ body }: Rendered, endMs: number): string {
  const alerts = JSON.parse(body) as readonly AlertBody[];
  return JSON.stringify(alerts.map((alert) => ({ ...alert, endsAt: alert.endsAt ?? new Date(endMs).toISOString() })));
}

/** It answers 200 with nothing or JSON; a page comes from something before it. */
function judge(answer: PostAnswer): SendOutcome {
  if (answer.status < 300 && /<html|<!doctype/iu.test(answer.text))
    return { kind: 'retry', detail: 'what answered is no Alertmanager; check url and any proxy on the way' };
  return judgeByStatus(answer);
}
