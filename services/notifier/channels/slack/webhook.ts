// Slack by an incoming webhook: plain posts into one conversation, which can be neither edited nor
// looked up.
import { z } from 'zod';
import type { SendOutcome } from '../../../../shared/contracts/notification.ts';
import { type Channel, type ChannelType, type Rendered, receiverSettings } from '../channel.ts';
import { createPoster, JSON_HEADERS, outcomeOfStatus, type PostAnswer, postSettings } from '../http-post.ts';
import { mentionSettings, type SlackMessage, slackPostOf } from './post.ts';
import { secretUrl } from '../../../../shared/runtime/settings.ts';
import type { TransportOptions } from '../transport.ts';

const settings = z.strictObject({
  ...receiverSettings,
  kind: z.literal('slack-webhook'),
  /** Slack's address for the webhook; whoever has it may post. */
  webhookUrl: secretUrl(z.url({ protocol: /^https?$/u })),
  ...mentionSettings,
  ...postSettings,
});

interface SlackWebhookPost extends Rendered {
  readonly message: SlackMessage;
}

/** The kind `slack-webhook`. */
export const slackWebhook: ChannelType<typeof settings, SlackWebhookPost> = {
  kind: 'slack-webhook',
  settings,
  traits: { editsInPlace: false, followsChanges: false, keepsEpisodes: false },
  // A message whose blocks are refused is sent again as text.
  longestSendMs: ({ timeoutMs }) => 2 * timeoutMs,
  create: (receiver, { proxy }) => createSlackWebhookChannel({ ...receiver, proxy }),
  preview: (notification) => ({ kind: 'json', value: slackPostOf(notification, { isInteractive: false }).message }),
};

/** Settings of a channel to an incoming webhook. */
export interface SlackWebhookOptions extends TransportOptions {
  readonly webhookUrl: string;
  readonly timeoutMs: number;
  readonly mention?: readonly string[];
}

/**
 * A channel to one incoming webhook. After an unknown outcome the message is sent again, since
 * twice is better than not at all.
 */
export function createSlackWebhookChannel(options: SlackWebhookOptions): Channel<SlackWebhookPost> {
  const poster = createPoster({ ...options, url: options.webhookUrl }, outcomeOf);
  const post = (payload: object, signal: AbortSignal): Promise<SendOutcome> =>
    poster.post({ body: JSON.stringify(payload), headers: JSON_HEADERS }, signal);
  return {
    render: (notification) => ({
      id: notification.id,
      message: slackPostOf(notification, { isInteractive: false, mentions: options.mention ?? [] }).message,
    }),
    send: async ({ message }, signal) => {
      const outcome = await post({ ...message, mrkdwn: false, unfurl_links: false }, signal);
      const isForm = outcome.kind === 'refused' && /blocks|too_long|no_text|invalid_payload/u.test(outcome.detail);
      return isForm ? await post({ text: message.text, mrkdwn: false }, signal) : outcome;
    },
    reconcile: async () => ({ kind: 'absent' }),
    close: async () => poster.close(),
  };
}

/** The conversation, service or workspace is gone, or closed to this webhook. */
const CONFIGURATION = new Set([404, 410]);
/**
 * Slack's words for it, in answers of 400 among others:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
 */
const CONFIGURATION_WORDS =
  /\b(?:channel_(?:not_found|is_archived|is_limited_access)|no_active_hooks|no_service|no_team|team_disabled|invalid_token|user_not_found|posting_to_\w+_denied|action_prohibited)\b/u;

/**
 * Slack answers 200 with the word `ok`.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
 */
function outcomeOf({ status, text, afterMs }: PostAnswer): SendOutcome {
  if (status === 200 && text.trim() !== 'ok')
    return {
      kind: 'retry',
      detail: 'the answer is not from Slack; check webhookUrl and any proxy on the way',
      isConfiguration: true,
    };
  return outcomeOfStatus(status, text, afterMs, CONFIGURATION_WORDS.test(text) ? new Set([status]) : CONFIGURATION);
}
