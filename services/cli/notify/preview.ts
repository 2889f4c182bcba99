// A notification in the form of each channel, for people to look at before anybody is notified.
import type { Notification } from '../../../shared/contracts/notification.ts';
import { alertOf } from '../../notifier/channels/alert-body.ts';
import { letterOf } from '../../notifier/channels/email/letter.ts';
import { pagerdutyEvent } from '../../notifier/channels/pagerduty.ts';
import { renderPlainText } from '../../notifier/channels/plain-text.ts';
import { slackPostOf } from '../../notifier/channels/slack/post.ts';
import { teamsBody } from '../../notifier/channels/teams.ts';
import { webhookBody } from '../../notifier/channels/webhook.ts';
import { jsonText } from '../terminal.ts';

/** What is shown, and what a file gets where the two differ: of a mail the page that its reader sees. */
export interface Preview {
  readonly text: string;
  readonly file: string;
}

/** The forms. JSON is indented; `slack` can be laid into Slack's Block Kit Builder. */
export const FORMS: Readonly<Record<string, (notification: Notification) => Preview>> = {
  text: (notification) => both(renderPlainText(notification)),
  slack: (notification) => json(slackPostOf(notification, true).message),
  'slack-webhook': (notification) => json(slackPostOf(notification, false).message),
  email: previewLetter,
  pagerduty: (notification) => json(pagerdutyEvent(notification)),
  teams: (notification) => json(JSON.parse(teamsBody(notification))),
  webhook: (notification) => json(webhookBody(notification, notification.receiver)),
  alertmanager: (notification) => json([alertOf(notification)]),
};

function previewLetter(notification: Notification): Preview {
  const { subject, messageId, threadId, headers, text, html } = letterOf(notification, 'example.org');
  const all = { Subject: subject, 'Message-ID': `<${messageId}>`, References: `<${threadId}>`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return { text: [...lines, '', text].join('\n'), file: html };
}

function json(value: unknown): Preview {
  return both(jsonText(value, 2));
}

function both(text: string): Preview {
  return { text, file: text };
}
