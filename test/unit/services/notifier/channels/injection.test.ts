// What an attacker wrote into an event, through every channel: nothing of it comes alive, and
// nothing is refused for its form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { alertOf } from '../../../../../services/notifier/channels/alert-body.ts';
import { emailOf } from '../../../../../services/notifier/channels/email/message.ts';
import { pagerdutyEvent } from '../../../../../services/notifier/channels/pagerduty.ts';
import { slackPostOf } from '../../../../../services/notifier/channels/slack/post.ts';
import { teamsBody } from '../../../../../services/notifier/channels/teams.ts';
import { webhookBody } from '../../../../../services/notifier/channels/webhook.ts';
import type { Notification } from '../../../../../shared/contracts/notification.ts';
import { blocksFault, runsOf, type SlackBlock } from '../../../../support/fake-slack.ts';
import { aDigest, HOSTILE, hostileNotification } from '../../../../support/notifications.ts';

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

function absent(text: string, what: RegExp): void {
  const found = what.exec(text);
  assert.equal(
    found?.[0],
    undefined,
    found === null ? '' : text.slice(Math.max(0, found.index - 40), found.index + 80),
  );
}

/** All strings of a value, keys too. */
function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...stringsOf(inner)]);
}

function inGroup(notification: Notification, text: string): Notification {
  const tallies = Array.from({ length: 30 }, () => ({ value: text, count: 7 }));
  const digest = aDigest({
    id: text,
    groupLabels: { [text]: text },
    byPort: tallies.map((tally) => ({ ...tally, hostCount: 7, holder: text })),
    byHostGroup: tallies,
    byRule: tallies,
    topHosts: tallies,
  });
  return { ...notification, digest };
}

/** Texts in a Slack message that Slack looks for mentions, links or markup in. */
function parsedTexts(blocks: readonly SlackBlock[]): readonly string[] {
  return blocks.flatMap(({ text, elements = [] }) => [
    ...(typeof text === 'object' ? [text] : []).map((one) => {
      assert.equal(one.type, 'plain_text');
      return one.text;
    }),
    ...parsedTexts(elements),
  ]);
}

/** Links in rich text: the title alone may be one. */
function linksIn(blocks: readonly SlackBlock[]): readonly SlackBlock[] {
  return blocks.flatMap((block) => (block.type === 'link' ? [block] : linksIn(block.elements ?? [])));
}

for (const [name, text] of Object.entries(HOSTILE)) {
  for (const [form, notification] of [
    ['alone', hostileNotification(text)],
    ['in a group', inGroup(hostileNotification(text), text)],
  ] as const) {
    test(`Slack: ${name}, ${form}`, () => {
      for (const isInteractive of [true, false]) {
        const { message, reply, whole = reply } = slackPostOf(notification, { isInteractive });
        for (const { blocks, text: fallback } of [message, reply, whole]) {
          const plain = JSON.parse(JSON.stringify(blocks)) as readonly SlackBlock[];
          assert.equal(blocksFault(plain), undefined);
          for (const one of [fallback, ...parsedTexts(plain)]) {
            absent(one, /[<>]/u);
            absent(one, /&(?!(?:amp|lt|gt);)/u);
            absent(one, CONTROLS);
          }
          absent(runsOf(plain).join(''), CONTROLS);
          absent(JSON.stringify(plain), /"emoji":true/u);
          absent(JSON.stringify(plain), /"type":"(?:mrkdwn|user|broadcast|channel|usergroup)"/u);
          for (const link of linksIn(plain)) assert.equal(link.url, notification.page);
          absent(JSON.stringify(plain.map(({ elements }) => elements?.map(({ url }) => url))), /"(?!https?:)\w+:/u);
        }
      }
    });

    test(`Teams: ${name}, ${form}`, () => {
      const body = teamsBody(notification);
      assert.ok(Buffer.byteLength(body) <= 20_000, String(Buffer.byteLength(body)));
      const { content } = (
        JSON.parse(body) as {
          attachments: [{ content: { body: { type: string; actions?: { url: string }[] }[] } }];
        }
      ).attachments[0];
      // A run is shown as it is, and so is the title of a button; every other element of a card
      // would read markdown.
      const types = new Set(content.body.map(({ type }) => type));
      assert.deepEqual([...types].toSorted(), ['ActionSet', 'RichTextBlock']);
      absent(JSON.stringify(content.body), /"type":"(?!RichTextBlock|TextRun|ActionSet|Action\.OpenUrl)/u);
      for (const { url } of content.body.flatMap(({ actions = [] }) => actions)) assert.match(url, /^https?:/u);
      for (const one of stringsOf(content)) {
        absent(one, /\{\{|\$\{|<\/?at>/iu);
        absent(one, CONTROLS);
      }
    });

    test(`PagerDuty, webhook and Alertmanager: ${name}, ${form}`, () => {
      const event = pagerdutyEvent(notification);
      assert.ok(Buffer.byteLength(JSON.stringify(event)) < 512_000);
      assert.ok(event.dedup_key.length <= 255);
      if ('payload' in event) {
        const { summary } = (event as { payload: { summary: string } }).payload;
        assert.ok(summary.length >= 1 && summary.length <= 1024);
      }
      const alert = alertOf(notification);
      for (const label of Object.keys(alert.labels)) assert.match(label, /^[A-Za-z_][A-Za-z0-9_]*$/u);
      for (const one of stringsOf([event, alert])) absent(one.replaceAll('\n', ''), CONTROLS);
      JSON.parse(JSON.stringify(webhookBody(notification, 'x')));
    });

    test(`email: ${name}, ${form}`, async () => {
      const letter = emailOf(notification, 'example.org');
      absent(letter.subject, /[\r\n]/u);
      for (const value of Object.values(letter.headers)) absent(value, /[\r\n]/u);
      absent(letter.html, /<(?:script|img|iframe|svg|object|embed|form|link)\b/iu);
      absent(letter.html, /<[^>]*\s(?:on\w+|src)\s*=/iu);
      absent(letter.html, /href="(?!https?:)/iu);
      absent(`${letter.html}${letter.text}`.replaceAll('\n', ''), CONTROLS);
      const composer = createTransport({ streamTransport: true, buffer: true });
      const { headers, messageId, threadId, ...rest } = letter;
      const made = await composer.sendMail({
        from: 'a@example.org',
        to: 'b@example.org',
        ...rest,
        messageId: `<${messageId}>`,
        references: [`<${threadId}>`],
        headers,
      });
      const mail = await simpleParser(made.message);
      assert.equal(mail.bcc, undefined);
      assert.equal(mail.subject, letter.subject.trim());
      assert.equal(mail.messageId, `<${messageId}>`);
      assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
      assert.equal(mail.attachments.length, 0);
    });
  }
}
