// Slack by a bot's token: one parent message for each episode of an incident or digest, edited in
// place, with its history in the thread.
import { z } from 'zod';
import { within } from '../../../../shared/runtime/within.ts';
import type { Notification, SendOutcome } from '../../../../shared/contracts/notification.ts';
import { type Channel, type ChannelType, type Found, type Rendered, receiverSettings } from '../channel.ts';
import { tlsSettings } from '../transport.ts';
import { mentionSettings, type SlackPost, slackPostOf } from './post.ts';
import { secret } from '../../../../shared/runtime/settings.ts';
import { createSlackCall, type SlackAccess, type SlackAnswer, type SlackCall, type SlackFailure } from './call.ts';

const settings = z.strictObject({
  ...receiverSettings,
  kind: z.literal('slack'),
  /**
   * A bot's token, `xoxb-…`, with the scopes chat:write and channels:history (groups:history for a
   * private conversation).
   */
  token: secret(z.string().min(1)),
  channel: z
    .string()
    .regex(/^[CDG][\dA-Z]{5,}$/u, 'the id of a conversation, C…, not its name: only by id can its history be read'),
  apiUrl: z.url({ protocol: /^https?$/u }).default('https://slack.com/api/'),
  /** The time for all calls of one delivery, up to three. */
  timeoutMs: z.number().int().min(100).max(120_000).default(15_000),
  ...mentionSettings,
  ...tlsSettings,
});

/** The kind `slack`. */
export const slack: ChannelType<typeof settings, SlackPlan> = {
  kind: 'slack',
  settings,
  traits: { editsInPlace: true, followsChanges: true, keepsEpisodes: true },
  // An earlier attempt is looked up before the message is sent.
  longestSendMs: ({ timeoutMs }) => 2 * timeoutMs,
  create: (receiver, { proxy }) => createSlackChannel({ ...receiver, proxy }),
  preview: (notification) => ({ kind: 'json', value: slackPostOf(notification, { isInteractive: true }).message }),
};

/** Settings of a Slack channel. */
export interface SlackOptions extends SlackAccess {
  readonly channel: string;
  readonly timeoutMs: number;
  readonly mention?: readonly string[];
}

/** The place of a message; as text `channel:ts`, the reference that deliveries keep. */
interface Place {
  readonly channel: string;
  readonly ts: string;
}

interface SlackPlan extends SlackPost, Rendered {
  /** Only the parent's counts change; the thread gets no line. */
  readonly isEditOnly: boolean;
  /** The parent. */
  readonly previous: Place | undefined;
  /** No message of this episode can be older; seconds since 1970. */
  readonly oldest: number;
}

/**
 * The name of the metadata with the delivery's id.
 * https://docs.slack.dev/messaging/message-metadata/
 */
export const SLACK_EVENT_TYPE = 'foghorn_delivery';

/** The difference that Slack's clock may have to ours. */
const HISTORY_MARGIN_MS = 60 * 60 * 1000;
const PAGE_SIZE = 200;
const MAX_PAGES = 10;
const SHORT_TEXT_CHARACTERS = 800;
/** The parent can no longer be edited: a new one takes its place. */
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found']);
/** The token may not read the conversation's history; posting is another right. */
const NO_LOOKUP = new Set([
  'missing_scope',
  'not_allowed_token_type',
  'no_permission',
  'access_denied',
  'restricted_action',
  'enterprise_is_restricted',
  'method_deprecated',
  'deprecated_endpoint',
  'unknown_method',
  'method_not_supported_for_channel_type',
  'channel_type_not_supported',
  'not_in_channel',
  'channel_not_found',
]);
const MAX_THROTTLED_LOOKUPS = 3;
const MAX_KEPT_LOOKUPS = 1000;
/** Slack refuses the form, not the text; plain text is always taken. */
const FORM = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long', 'no_text']);

/** A channel to one conversation. */
export function createSlackChannel(options: SlackOptions): Channel<SlackPlan> {
  const { call, close } = createSlackCall(options);
  const { channel, timeoutMs, mention } = options;
  const never = new AbortController().signal;
  const lookupLimit = limitLookups();
  return {
    render: (notification) => planOf(notification, mention),
    send: (plan, signal) => within(signal, timeoutMs, (ending) => sendPlan(call, plan, { channel, signal: ending })),
    reconcile: async (plan) => {
      const found = await within(never, timeoutMs, (ending) => findEarlier(call, plan, { channel, signal: ending }));
      return lookupLimit.apply(plan.id, found);
    },
    close: async () => close(),
  };
}

function planOf(notification: Notification, mentions: readonly string[] = []): SlackPlan {
  const { id, digest, incident, previousReference, isCount = false } = notification;
  const beginMs = digest?.sinceMs ?? incident.openedAtMs;
  return {
    id,
    ...slackPostOf(notification, { isInteractive: true, mentions }),
    isEditOnly: isCount,
    previous: placeOf(previousReference),
    oldest: Math.max(0, Math.floor((beginMs - HISTORY_MARGIN_MS) / 1000)),
  };
}

interface Target {
  readonly channel: string;
  readonly signal: AbortSignal;
}

async function sendPlan(call: SlackCall, plan: SlackPlan, target: Target): Promise<SendOutcome> {
  const { message, reply, isBroadcast, isEditOnly, previous } = plan;
  const { signal } = target;
  if (previous !== undefined) {
    const edited = await post(call, 'chat.update', { ...previous, ...message }, signal);
    if (edited.ok && isEditOnly) return { kind: 'sent', reference: referenceOf(previous) };
    if (edited.ok) {
      const answer = await post(
        call,
        'chat.postMessage',
        {
          channel: previous.channel,
          thread_ts: previous.ts,
          reply_broadcast: isBroadcast,
          ...reply,
          ...common(plan),
        },
        signal,
      );
      return answer.ok ? { kind: 'sent', reference: referenceOf(previous) } : answer.outcome;
    }
    if (!GONE.has(edited.code)) return editAgain(edited.outcome);
  }
  const posted = await post(call, 'chat.postMessage', { channel: target.channel, ...message, ...common(plan) }, signal);
  if (!posted.ok) return posted.outcome;
  const { ts, channel = target.channel } = posted.result as { readonly ts?: string; readonly channel?: string };
  if (ts === undefined) return { kind: 'unknown', detail: 'Slack answered ok without the place of the message' };
  return await addWhole(call, plan, { place: { channel, ts }, signal });
}

/** The repair in the thread of a new parent. The parent has arrived, whatever becomes of it. */
async function addWhole(
  call: SlackCall,
  { id, whole }: SlackPlan,
  { place, signal }: { readonly place: Place; readonly signal: AbortSignal },
): Promise<SendOutcome> {
  const sent = { kind: 'sent', reference: referenceOf(place) } as const;
  if (whole === undefined) return sent;
  const { channel, ts: thread_ts } = place;
  const args = { channel, thread_ts, ...whole, ...common({ id: `${id}-repair` }) };
  const answer = await post(call, 'chat.postMessage', args, signal);
  return answer.ok ? sent : { ...sent, refused: `the whole repair in the thread: ${answer.outcome.detail}` };
}

function common({ id }: Rendered): Readonly<Record<string, unknown>> {
  return {
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: SLACK_EVENT_TYPE, event_payload: { delivery: id } },
  };
}

/**
 * Posts or edits with blocks or, where Slack refuses their form, as short plain text, so that a
 * notification arrives.
 */
async function post(
  call: SlackCall,
  method: string,
  args: Readonly<Record<string, unknown>> & { readonly text: string },
  signal: AbortSignal,
): Promise<SlackAnswer> {
  const answer = await call(method, args, signal);
  if (answer.ok || !FORM.has(answer.code)) return answer;
  const text = args.text.slice(0, SHORT_TEXT_CHARACTERS).replace(/&\w*$|[\ud800-\udbff]$/u, '');
  return await call(method, { ...args, text, blocks: [] }, signal);
}

/** An edit can be repeated without harm, so an unknown outcome is retried without a lookup. */
function editAgain(outcome: Exclude<SendOutcome, { readonly kind: 'sent' }>): SendOutcome {
  return outcome.kind === 'unknown' ? { kind: 'retry', detail: outcome.detail } : outcome;
}

async function findEarlier(call: SlackCall, { id, previous, oldest }: SlackPlan, target: Target): Promise<Found> {
  if (previous !== undefined) {
    const inThread = await search(
      call,
      'conversations.replies',
      { ...previous, oldest },
      { id, signal: target.signal },
    );
    if (inThread.kind === 'sent') return { kind: 'sent', reference: referenceOf(previous) };
    if (inThread.kind === 'unknown') return inThread;
  }
  return await search(
    call,
    'conversations.history',
    { channel: target.channel, oldest },
    { id, signal: target.signal },
  );
}

interface Page {
  readonly messages?: readonly {
    readonly ts?: string;
    readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly delivery?: unknown } };
  }[];
  readonly has_more?: boolean;
  readonly response_metadata?: { readonly next_cursor?: string };
}

async function search(
  call: SlackCall,
  method: string,
  args: { readonly channel: string; readonly ts?: string; readonly oldest: number },
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<Found> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { ...args, oldest: String(args.oldest), limit: PAGE_SIZE, include_all_metadata: true, cursor };
    const answer = await call(method, query, signal);
    if (!answer.ok) return foundOf(answer);
    const { messages = [], response_metadata } = answer.result as Page;
    const found = messages.find(({ metadata }) => metadata?.event_payload?.delivery === id);
    if (found?.ts !== undefined)
      return { kind: 'sent', reference: referenceOf({ channel: args.channel, ts: found.ts }) };
    cursor = response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return { kind: 'absent' };
  }
  // Pages are the latest first. The attempt is on none of them, and twice is better than not at
  // all.
  return { kind: 'absent' };
}

/**
 * Where no lookup is possible the message is sent again: twice is better than not at all. With an
 * invalid token that would fail, too, so the lookup waits.
 */
function foundOf({ code, outcome }: SlackFailure): Found {
  if (GONE.has(code) || NO_LOOKUP.has(code) || outcome.kind === 'refused') return { kind: 'absent' };
  const { detail } = outcome;
  return { kind: 'unknown', detail, ...(outcome.afterMs === undefined ? {} : { afterMs: outcome.afterMs }) };
}

interface LookupLimit {
  apply(id: string, found: Found): Found;
}

/**
 * An app that may read a few messages a minute never gets through a long conversation: after some
 * throttled lookups a message counts as absent.
 */
function limitLookups(): LookupLimit {
  const throttled = new Map<string, number>();
  return {
    apply: (id, found) => {
      const count = (throttled.get(id) ?? 0) + 1;
      throttled.delete(id);
      if (found.kind !== 'unknown' || found.afterMs === undefined) return found;
      if (count >= MAX_THROTTLED_LOOKUPS) return { kind: 'absent' };
      throttled.set(id, count);
      const oldest = throttled.keys().next().value;
      if (throttled.size > MAX_KEPT_LOOKUPS && oldest !== undefined) throttled.delete(oldest);
      return found;
    },
  };
}

function referenceOf({ channel, ts }: Place): string {
  return `${channel}:${ts}`;
}

function placeOf(reference: string | undefined): Place | undefined {
  const { channel, ts } = /^(?<channel>[CDG][\dA-Z]+):(?<ts>\d+\.\d+)$/u.exec(reference ?? '')?.groups ?? {};
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}
