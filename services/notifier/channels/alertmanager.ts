// Forwards to an Alertmanager that is there already: each incident is one alert of its API, ended when the incident is resolved.
import { z } from 'zod';
import type { Rendered, SendOutcome } from '../../../shared/contracts/notification.ts';
import { type AlertBody, alertOf } from './alert-body.ts';
import type { Channel } from './channel.ts';
import { createPoster, judgeByStatus, type PostAnswer, postSettings } from './http-post.ts';
import { secret, secretUrl } from '../../../shared/runtime/settings.ts';
import type { TransportOptions } from './transport.ts';

const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** An Alertmanager tells nobody of what is over before it has told that it began: it waits that long, by its group_wait, 30 s unless it is told otherwise. */
const UNTOLD_MS = 2 * MINUTE_MS;

/** The settings of a receiver of kind `alertmanager`, without what all receivers have. */
export const alertmanagerSettings = {
  kind: z.literal('alertmanager'),
  /** The Alertmanager's own address, e.g. `http://alertmanager:9093`; the path of its API is added. */
  url: secretUrl(z.url({ protocol: /^https?$/u })),
  /** E.g. `authorization` for one behind a proxy that asks who comes. */
  headers: z.record(z.string().regex(/^[\w-]+$/u), secret(z.string())).default({}),
  /** An alert that is not sent again counts as over there after so long; each is sent again after a third of it. */
  firingForMs: z
    .number()
    .int()
    .min(60_000)
    .max(90 * DAY_MS)
    .default(15 * MINUTE_MS),
  ...postSettings,
  /** It stands inside the house as a rule. */
  allowPrivate: z.boolean().default(true),
};

/** What forwarding needs to know. */
export interface AlertmanagerOptions extends TransportOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly firingForMs: number;
  readonly timeoutMs: number;
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
      body: JSON.stringify({ alert: alertOf(notification), isFirst: notification.isFirst === true } satisfies Told),
    }),
    send: async (rendered, signal) =>
      await poster.post(
        {
          body: withEnd(rendered, { nowMs: options.now(), firingForMs: options.firingForMs }),
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

interface Told {
  readonly alert: AlertBody;
  /** It was not notified of the episode before. */
  readonly isFirst: boolean;
}

/** What still burns is said to burn for so long; left without an end it would be over after the Alertmanager's resolve_timeout. */
function withEnd(
  { body }: Rendered,
  { nowMs, firingForMs }: { readonly nowMs: number; readonly firingForMs: number },
): string {
  const { alert, isFirst } = JSON.parse(body) as Told;
  const endMs = nowMs + (alert.endsAt === undefined ? firingForMs : UNTOLD_MS);
  const endsAt = alert.endsAt === undefined || isFirst ? new Date(endMs).toISOString() : alert.endsAt;
  return JSON.stringify([{ ...alert, endsAt }]);
}

/** It answers 200 with nothing or JSON; a page comes from something before it. */
function judge(answer: PostAnswer): SendOutcome {
  if (answer.status < 300 && /<html|<!doctype/iu.test(answer.text))
    return { kind: 'retry', detail: 'what answered is no Alertmanager; check url and any proxy on the way' };
  return judgeByStatus(answer);
}
