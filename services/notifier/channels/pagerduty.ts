// PagerDuty by its Events API version 2: one alert for each episode, triggered, acknowledged and
// resolved by the same key.
import { z } from 'zod';
import { digestId } from '../../../shared/contracts/ids.ts';
import type { Notification, SendOutcome } from '../../../shared/contracts/notification.ts';
import { alertOf } from './alert-body.ts';
import { type Channel, type ChannelType, type Rendered, receiverSettings } from './channel.ts';
import { createPoster, JSON_HEADERS, outcomeOfStatus, type PostAnswer, postSettings } from './http-post.ts';
import { STANDING } from './message/guide.ts';
import { allLinks, messageOf, sizeOf, threadOf } from './message/message.ts';
import { type MessageStatus, statusOf } from './message/status.ts';
import { safeText } from './safe-text.ts';
import { secret, secretUrl } from '../../../shared/runtime/settings.ts';
import type { TransportOptions } from './transport.ts';

const settings = z.strictObject({
  ...receiverSettings,
  kind: z.literal('pagerduty'),
  /** The integration key of a service or of an event orchestration. */
  routingKey: secret(z.string().regex(/^[\da-z]{32}$/iu, 'the integration key: 32 letters and digits')),
  url: secretUrl(z.url({ protocol: /^https?$/u })).default('https://events.pagerduty.com/v2/enqueue'),
  ...postSettings,
});

interface PagerdutyEvents extends Rendered {
  /** In the order in which they are sent. */
  readonly events: readonly PagerdutyEvent[];
}

/** The kind `pagerduty`. */
export const pagerduty: ChannelType<typeof settings, PagerdutyEvents> = {
  kind: 'pagerduty',
  settings,
  // The dedup key names the episode.
  traits: { editsInPlace: false, followsChanges: true, keepsEpisodes: true },
  // A trigger may go before the event itself.
  longestSendMs: ({ timeoutMs }) => 2 * timeoutMs,
  create: (receiver, { proxy }) => createPagerdutyChannel({ ...receiver, proxy }),
  preview: (notification) => ({ kind: 'json', value: pagerdutyEvent(notification) }),
};

/** Settings of a PagerDuty channel. */
export interface PagerdutyOptions extends TransportOptions {
  readonly routingKey: string;
  readonly url: string;
  readonly timeoutMs: number;
}

const ACTIONS = { firing: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const satisfies Record<
  MessageStatus,
  string
>;
const MAX_SUMMARY_CHARACTERS = 1000;
const MAX_KEY_CHARACTERS = 255;
/** The wait after a 429 without Retry-After: minutes, as the service advises. */
const SLOW_DOWN_MS = 120_000;

/**
 * A channel to one integration. Sending again is harmless: a key that is open takes a second
 * trigger as the same alert.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
export function createPagerdutyChannel(options: PagerdutyOptions): Channel<PagerdutyEvents> {
  const poster = createPoster(options, outcomeOf);
  return {
    render: (notification) => ({ id: notification.id, events: pagerdutyEvents(notification) }),
    send: async ({ events }, signal) => {
      const headers = { ...JSON_HEADERS, accept: 'application/json' };
      let last: SendOutcome = { kind: 'refused', detail: 'there is nothing to send' };
      for (const event of events) {
        const whole = JSON.stringify({ routing_key: options.routingKey, ...event });
        const outcome = await poster.post({ body: whole, headers }, signal);
        if (outcome.kind !== 'sent') return outcome;
        last = { kind: 'sent', reference: event.dedup_key };
      }
      return last;
    },
    reconcile: async () => ({ kind: 'absent' }),
    close: async () => poster.close(),
  };
}

type PagerdutyEvent = ReturnType<typeof pagerdutyEvent>;

/**
 * An incident that was acknowledged or resolved before the first notification is triggered first:
 * PagerDuty drops a resolve without a trigger.
 */
function pagerdutyEvents(notification: Notification): readonly PagerdutyEvent[] {
  const { isFirst, incident, digest, reason } = notification;
  const isBegun = isFirst !== true || reason === 'test' || statusOf(notification) === 'firing';
  if (isBegun) return [pagerdutyEvent(notification)];
  const asItBegan =
    digest === undefined ? {} : { digest: { ...digest, count: { ...digest.count, open: sizeOf(digest) } } };
  const begun: Notification = { ...notification, ...asItBegan, incident: { ...incident, state: 'open' } };
  return [pagerdutyEvent(begun), pagerdutyEvent(notification)];
}

/** The event without the routing key, which is a secret. */
export function pagerdutyEvent(notification: Notification) {
  const { reason } = notification;
  const message = messageOf(notification, STANDING.short);
  const { annotations, startsAt } = alertOf(notification, 'short');
  const dedup_key = dedupKeyOf(notification);
  const event_action = reason === 'test' ? 'trigger' : ACTIONS[statusOf(notification)];
  const client = { client: 'Foghorn', client_url: message.page?.url };
  if (event_action !== 'trigger') return { event_action, dedup_key, ...client };
  return {
    event_action,
    dedup_key,
    ...client,
    payload: {
      summary: safeText(`${reason === 'test' ? 'TEST: ' : ''}${message.title}`, MAX_SUMMARY_CHARACTERS),
      severity: message.severity,
      timestamp: startsAt,
      ...placeOf(notification),
      custom_details: detailsOf(annotations, message.facts),
    },
    links: allLinks(message).map(({ title: text, url: href }) => ({ href, text })),
  };
}

/** https://developer.pagerduty.com/docs/send-alert-event, PD-CEF. A test is about no fault. */
function placeOf({ reason, digest, incident: { entity } }: Notification) {
  const source = reason === 'test' || digest !== undefined ? 'Foghorn' : entity.host;
  const own = { component: entity.provider, group: entity.ruleId, class: entity.faultClass };
  const fields = Object.entries({ source, ...(reason === 'test' ? {} : own) });
  return Object.fromEntries(fields.map(([name, value]) => [name, safeText(value, MAX_KEY_CHARACTERS)]));
}

function detailsOf(
  annotations: Readonly<Record<string, string>>,
  facts: readonly { readonly label: string; readonly value: string }[],
): Readonly<Record<string, string>> {
  const entries = facts.map(({ label, value }) => [label, value] as const);
  const names = [
    'happened',
    'description',
    'event_message',
    'causes',
    'remediation',
    'verification',
    'runbook_url',
  ] as const;
  return Object.fromEntries([
    ...entries,
    ...names.map((name) => [name, annotations[name] ?? ''] as const).filter(([, value]) => value !== ''),
  ]);
}

/** The same for all events of an episode, so that a later one changes the alert of the first. */
function dedupKeyOf(notification: Notification): string {
  const { id, episode } = threadOf(notification);
  const key = `foghorn-${id}-${episode}${notification.reason === 'test' ? '-test' : ''}`;
  return /^[\w.-]{1,255}$/u.test(key) ? key : `foghorn-${digestId([key])}`;
}

/** No event API is at this address. */
const CONFIGURATION = new Set([404]);
/** PagerDuty's texts about an unknown integration key. */
const KEY_FAULT = /routing[ _]key|service[ _]key|integration[ _]key/iu;

/** Only 202 means that an event was taken; a 200 comes from another server. */
function outcomeOf({ status, text, afterMs }: PostAnswer): SendOutcome {
  if (status === 202) return { kind: 'sent', reference: '' };
  if (status >= 200 && status < 300)
    return {
      kind: 'retry',
      detail: `HTTP ${status} is not an answer of PagerDuty; check url and any proxy on the way`,
    };
  const waitMs = status === 429 ? (afterMs ?? SLOW_DOWN_MS) : afterMs;
  return outcomeOfStatus(status, text, waitMs, KEY_FAULT.test(text) ? new Set([400]) : CONFIGURATION);
}
