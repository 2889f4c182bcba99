// Slack by a bot's token: one parent message an incident's episode or digest, edited in place, with its history in the thread.
import { z } from 'zod';
import { within } from '../../../../shared/runtime/within.ts';
import type { Notification, Rendered, SendOutcome } from '../../../../shared/contracts/notification.ts';
import type { Channel, Found } from '../channel.ts';
import { tlsSettings } from '../transport.ts';
import { type SlackPost, slackPostOf } from './post.ts';
import { secret } from '../../../../shared/runtime/settings.ts';
import { createSlackCall, type SlackAccess, type SlackAnswer, type SlackCall, type SlackFailure } from './call.ts';

/** The settings of a receiver of kind `slack`, without what all receivers have. */
export const slackSettings = {
  kind: z.literal('slack'),
  /** A bot's token, `xoxb-…`, with the scopes chat:write and channels:history (groups:history for a private conversation). */
  token: secret(z.string().min(1)),
  channel: z
    .string()
    .regex(/^[CDG][\dA-Z]{5,}$/u, 'the id of a conversation, C…, not its name: only by id can it be looked into'),
  apiUrl: z.url({ protocol: /^https?$/u }).default('https://slack.com/api/'),
  /** Of one delivery, which takes up to three calls. */
  timeoutMs: z.number().int().min(100).max(120_000).default(15_000),
  ...tlsSettings,
};

/** What Slack needs to know. */
export interface SlackOptions extends SlackAccess {
  readonly channel: string;
  readonly timeoutMs: number;
}

/** Where a message is; as text `channel:ts`, the reference that deliveries keep. */
interface Place {
  readonly channel: string;
  readonly ts: string;
}

interface Plan extends SlackPost {
  /** Nothing happened that the thread should tell: the parent's counts are brought up to date. */
  readonly isEditOnly: boolean;
  readonly previous: Place | undefined;
  /** Nothing about this episode can be older; seconds since 1970. */
  readonly oldest: number;
}

/** The name under which the delivery's id lies in a message's metadata. https://docs.slack.dev/messaging/message-metadata/ */
export const SLACK_EVENT_TYPE = 'foghorn_delivery';

/** Slack's clock and ours may differ. */
const HISTORY_MARGIN_MS = 60 * 60 * 1000;
const PAGE_SIZE = 200;
const MAX_PAGES = 10;
const SHORT_TEXT_CHARACTERS = 800;
/** The parent cannot be edited any more: a new one takes its place. */
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found']);
/** The conversation cannot be looked into, by this token or at all; whether it can be posted into is another right. */
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
const MAX_REMEMBERED_LOOKUPS = 1000;
/** Slack takes no offence at the words, only at the form; plain text it always takes. */
const FORM = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long', 'no_text']);

/** A channel to one conversation. */
export function createSlackChannel(options: SlackOptions): Channel {
  const { call, close } = createSlackCall(options);
  const { channel, timeoutMs } = options;
  const never = new AbortController().signal;
  const lookupLimit = limitLookups();
  return {
    kind: 'slack',
    render: (notification) => ({
      id: notification.id,
      contentType: 'application/json',
      headers: {},
      body: JSON.stringify(planOf(notification)),
    }),
    send: async (rendered, signal) =>
      await within(signal, timeoutMs, async (ending) => await sendPlan(call, rendered, { channel, signal: ending })),
    reconcile: async (rendered) =>
      lookupLimit.judge(
        rendered.id,
        await within(
          never,
          timeoutMs,
          async (ending) => await findEarlier(call, rendered, { channel, signal: ending }),
        ),
      ),
    close: async () => {
      close();
      await Promise.resolve();
    },
  };
}

function planOf(notification: Notification): Plan {
  const { digest, incident, previousReference, isCount = false } = notification;
  const beginMs = digest?.sinceMs ?? incident.openedAtMs;
  return {
    ...slackPostOf(notification, true),
    isEditOnly: isCount,
    previous: placeOf(previousReference),
    oldest: Math.max(0, Math.floor((beginMs - HISTORY_MARGIN_MS) / 1000)),
  };
}

interface Target {
  readonly channel: string;
  readonly signal: AbortSignal;
}

async function sendPlan(call: SlackCall, rendered: Rendered, target: Target): Promise<SendOutcome> {
  const { message, reply, isBroadcast, isEditOnly, previous } = JSON.parse(rendered.body) as Plan;
  const { signal } = target;
  if (previous !== undefined) {
    const edited = await say(call, 'chat.update', { ...previous, ...message }, signal);
    if (edited.ok && isEditOnly) return { kind: 'sent', reference: referenceOf(previous) };
    if (edited.ok) {
      const answer = await say(
        call,
        'chat.postMessage',
        {
          channel: previous.channel,
          thread_ts: previous.ts,
          reply_broadcast: isBroadcast,
          ...reply,
          ...common(rendered),
        },
        signal,
      );
      return answer.ok ? { kind: 'sent', reference: referenceOf(previous) } : answer.outcome;
    }
    if (!GONE.has(edited.code)) return again(edited.outcome);
  }
  const posted = await say(
    call,
    'chat.postMessage',
    { channel: target.channel, ...message, ...common(rendered) },
    signal,
  );
  if (!posted.ok) return posted.outcome;
  const { ts, channel = target.channel } = posted.result as { readonly ts?: string; readonly channel?: string };
  if (ts === undefined) return { kind: 'unknown', detail: 'Slack said ok and did not say where the message is' };
  return { kind: 'sent', reference: referenceOf({ channel, ts }) };
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

/** Says it in blocks or, should Slack not like their form, in a few plain words: an ugly alert is one, a refused one is none. */
async function say(
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

/** An edit repeated is the same edit: however unclear its end, it may be tried again at once. */
function again(outcome: Exclude<SendOutcome, { readonly kind: 'sent' }>): SendOutcome {
  return outcome.kind === 'unknown' ? { kind: 'retry', detail: outcome.detail } : outcome;
}

async function findEarlier(call: SlackCall, { id, body }: Rendered, target: Target): Promise<Found> {
  const { previous, oldest } = JSON.parse(body) as Plan;
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
    const asked = { ...args, oldest: String(args.oldest), limit: PAGE_SIZE, include_all_metadata: true, cursor };
    const answer = await call(method, asked, signal);
    if (!answer.ok) return foundOf(answer);
    const { messages = [], response_metadata } = answer.result as Page;
    const found = messages.find(({ metadata }) => metadata?.event_payload?.delivery === id);
    if (found?.ts !== undefined)
      return { kind: 'sent', reference: referenceOf({ channel: args.channel, ts: found.ts }) };
    cursor = response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return { kind: 'absent' };
  }
  // Latest first, so much later nothing of the try can be: saying it twice is better than never again.
  return { kind: 'absent' };
}

/** Where nothing can be looked up the message is sent again: twice is better than not at all. With a token that is no good that would fail, too, so the look waits. */
function foundOf({ code, outcome }: SlackFailure): Found {
  if (GONE.has(code) || NO_LOOKUP.has(code) || outcome.kind === 'refused') return { kind: 'absent' };
  const { detail } = outcome;
  return { kind: 'unknown', detail, ...(outcome.afterMs === undefined ? {} : { afterMs: outcome.afterMs }) };
}

interface LookupLimit {
  judge(id: string, found: Found): Found;
}

/** An app that may ask once a minute for a few messages never gets to the end of a long conversation: after some throttled looks for one message there is nothing to be found out. */
function limitLookups(): LookupLimit {
  const throttled = new Map<string, number>();
  return {
    judge: (id, found) => {
      const count = (throttled.get(id) ?? 0) + 1;
      throttled.delete(id);
      if (found.kind !== 'unknown' || found.afterMs === undefined) return found;
      if (count >= MAX_THROTTLED_LOOKUPS) return { kind: 'absent' };
      throttled.set(id, count);
      const oldest = throttled.keys().next().value;
      if (throttled.size > MAX_REMEMBERED_LOOKUPS && oldest !== undefined) throttled.delete(oldest);
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
