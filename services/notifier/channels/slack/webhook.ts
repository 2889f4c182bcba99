// Slack by an incoming webhook: plain posts into one conversation; what was posted can be neither edited nor looked for.
import { z } from 'zod';
import type { Rendered, SendOutcome } from '../../../../shared/contracts/notification.ts';
import type { Channel } from '../channel.ts';
import { createPoster, outcomeOfStatus, type PostAnswer, postSettings } from '../http-post.ts';
import { type SlackMessage, slackPostOf } from './post.ts';
import { secretUrl } from '../../../../shared/runtime/settings.ts';
import type { TransportOptions } from '../transport.ts';

/** The settings of a receiver of kind `slack-webhook`, without what all receivers have. */
export const slackWebhookSettings = {
  kind: z.literal('slack-webhook'),
  /** The address that Slack gives; who knows it may post. */
  webhookUrl: secretUrl(z.url({ protocol: /^https?$/u })),
  ...postSettings,
};

/** What an incoming webhook needs to know. */
export interface SlackWebhookOptions extends TransportOptions {
  readonly webhookUrl: string;
  readonly timeoutMs: number;
}

/** A channel to one incoming webhook. After an unclear end the message is sent again, since twice is better than not at all. */
export function createSlackWebhookChannel(options: SlackWebhookOptions): Channel {
  const poster = createPoster({ ...options, url: options.webhookUrl }, judge);
  const post = async (body: string, signal: AbortSignal): Promise<SendOutcome> =>
    await poster.post({ body, headers: { 'user-agent': 'Foghorn', 'content-type': 'application/json' } }, signal);
  return {
    kind: 'slack-webhook',
    render: (notification) => ({
      id: notification.id,
      contentType: 'application/json',
      headers: {},
      body: JSON.stringify({ ...slackPostOf(notification, false).message, mrkdwn: false, unfurl_links: false }),
    }),
    send: async (rendered, signal) => {
      const outcome = await post(rendered.body, signal);
      const isForm = outcome.kind === 'refused' && /blocks|too_long|no_text|invalid_payload/u.test(outcome.detail);
      return isForm ? await post(inWords(rendered), signal) : outcome;
    },
    reconcile: async () => await Promise.resolve({ kind: 'absent' }),
    close: async () => {
      poster.close();
      await Promise.resolve();
    },
  };
}

function inWords({ body }: Rendered): string {
  const { text } = JSON.parse(body) as SlackMessage;
  return JSON.stringify({ text, mrkdwn: false });
}

/** No such conversation, service or workspace any more, or none that this webhook may post to. */
const CONFIGURATION = new Set([404, 410]);
/** Slack says these with status 400: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
const CONFIGURATION_WORDS =
  /\b(?:channel_(?:not_found|is_archived|is_limited_access)|no_active_hooks|no_service|no_team|team_disabled|invalid_token|user_not_found|posting_to_\w+_denied|action_prohibited)\b/u;

/** Slack answers 200 and the word `ok`. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
function judge({ status, text, afterMs }: PostAnswer): SendOutcome {
  if (status === 200 && text.trim() !== 'ok')
    return {
      kind: 'retry',
      detail: 'what answered is not Slack; check webhookUrl and any proxy on the way',
      isConfiguration: true,
    };
  return outcomeOfStatus(status, text, afterMs, CONFIGURATION_WORDS.test(text) ? new Set([status]) : CONFIGURATION);
}
