// A notification as a Slack message: the parent that is edited in place, and the line that its
// thread gets.
import { z } from 'zod';
import type { Digest, Notification } from '../../../../shared/contracts/notification.ts';
import { SLACK_ACTIONS, SNOOZES } from '../../../../shared/contracts/slack-actions.ts';
import { SHORT, STANDING, WHOLE } from '../message/guide.ts';
import { hintsWithoutPage, type Message, messageOf } from '../message/message.ts';
import { countText } from '../message/text-format.ts';
import {
  type Block,
  type Button,
  type Confirmation,
  dated,
  escapeThenCut,
  fitBlocks,
  type Menu,
  mention,
  paragraph,
  paragraphs,
  plainText,
  type RichElement,
  richBlocks,
  run,
} from './block-kit.ts';
import { guideBlocks, heading, isCut, scopeOf, wholeBlocks } from './repair.ts';

/** Text for notifications on a phone and the blocks shown instead of it in the channel. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** What is posted for one notification. */
export interface SlackPost {
  readonly message: SlackMessage;
  /** The whole repair, for the thread of a new parent that shows less of it. */
  readonly whole?: SlackMessage;
  /** The line in the thread of a parent that is there already. */
  readonly reply: SlackMessage;
  /** Whether the line is shown in the channel too: a reminder that nobody sees is none. */
  readonly isBroadcast: boolean;
}

/** The setting of the receivers of both kinds. */
export const mentionSettings = {
  /** People (`U…`) and user groups (`S…`) who are mentioned in an escalation. */
  mention: z
    .array(z.string().regex(/^[USW][\dA-Z]{5,}$/u, 'the id of a person, U…, or a user group, S…, not its name'))
    .max(20)
    .default([]),
};

const MAX_TEXT_CHARACTERS = 1000;
const MAX_NOTE_CHARACTERS = 2000;
const MAX_LINK_BUTTONS = 4;
/** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const MAX_BUTTON_VALUE_CHARACTERS = 2000;
const SEVERITY_MARKS = { critical: '🔴', error: '🟠', warning: '🟡', info: '🔵' } as const;
const STATUS_MARKS = { acknowledged: '👀', resolved: '✅' } as const;

/** How a receiver gets its posts. */
export interface SlackPostOptions {
  readonly isInteractive: boolean;
  /** Ids of people and user groups who are mentioned in an escalation. */
  readonly mentions?: readonly string[];
}

/**
 * The post of a notification. `isInteractive`: button presses reach the console, which an incoming
 * webhook does not guarantee, and the message is edited, so that it shows the state as it is.
 */
export function slackPostOf(notification: Notification, { isInteractive, mentions = [] }: SlackPostOptions): SlackPost {
  const called = notification.reason === 'escalated' ? mentions : [];
  const message = messageOf(notification, isInteractive ? STANDING.short : SHORT);
  const headline = `${markOf(message)} ${message.label}  ${message.title}`;
  const buttons = [
    ...(isInteractive ? triageButtons(notification, message) : acknowledgeButtons(message)),
    ...linkButtons(message),
  ];
  const blocks = fitBlocks(
    [...titleBlocks(message, headline), ...mentionBlocks(called), ...richBlocks(factElements(message))],
    [
      ...(buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons } as const]),
      ...(isInteractive ? noteBlocks(notification, message) : []),
      ...(isInteractive ? [] : hintBlocks(message)),
      ...repairBlocks(message, isInteractive && isInThread(notification)),
    ],
    [{ type: 'context', elements: [plainText(`${message.reference}, delivery ${notification.id}`, 'context')] }],
  );
  const line = `${markOf(message)} ${message.headline}`;
  const whole = isInteractive ? wholeOf(notification, message) : undefined;
  return {
    ...(whole === undefined ? {} : { whole }),
    message: { text: escapeThenCut(`${headline}. ${message.headline}`, MAX_TEXT_CHARACTERS), blocks },
    reply: {
      text: escapeThenCut(line, MAX_TEXT_CHARACTERS),
      blocks: [...richBlocks([paragraph(...dated(line))]), ...mentionBlocks(called)],
    },
    isBroadcast: notification.reason === 'repeated' || notification.reason === 'escalated',
  };
}

function repairBlocks({ guide }: Message, hasThread: boolean): readonly Block[] {
  if (guide === undefined) return [];
  return guideBlocks(hasThread ? { ...guide, rest: 'in the thread' } : guide);
}

/**
 * Whether the thread has the whole of this repair. It is posted with the parent: an edited digest
 * may show that of another incident.
 */
function isInThread({ digest, previousReference }: Notification): boolean {
  return digest === undefined || previousReference === undefined;
}

function wholeOf(notification: Notification, { guide }: Message): SlackMessage | undefined {
  if (guide === undefined || !isCut(guide)) return undefined;
  const { guide: whole = guide } = messageOf(notification, WHOLE);
  const title = `The whole repair${scopeOf(whole)}`;
  return {
    text: escapeThenCut(title, MAX_TEXT_CHARACTERS),
    blocks: fitBlocks(richBlocks([heading(title)]), wholeBlocks(whole), []),
  };
}

function mentionBlocks(ids: readonly string[]): readonly Block[] {
  return ids.length === 0 ? [] : richBlocks([paragraph(...ids.flatMap((id) => [mention(id), run(' ')]))]);
}

/** A header cannot be a link. */
function titleBlocks({ page }: Message, headline: string): readonly Block[] {
  if (page === undefined) return [{ type: 'header', text: plainText(headline, 'header') }];
  return richBlocks([paragraph(run(headline, { bold: true }, page.url))]);
}

function markOf({ status, severity }: Message): string {
  return status === 'firing' ? SEVERITY_MARKS[severity] : STATUS_MARKS[status];
}

/** What is over needs no advice. */
function factElements({ status, headline, facts, eventText, summary }: Message): readonly RichElement[] {
  const lines = facts.map(({ label, value }) => [run(`${label}: `, { bold: true }), ...dated(value)]);
  const state = paragraphs([[...dated(headline, { bold: true })], ...lines]);
  if (status === 'resolved') return state;
  return [
    ...state,
    ...(eventText === '' ? [] : [{ type: 'rich_text_quote', elements: [run(eventText)] } as const]),
    ...(summary === '' ? [] : [paragraph(...dated(summary))]),
  ];
}

function hintBlocks(message: Message): readonly Block[] {
  return richBlocks(
    hintsWithoutPage(message).flatMap(({ label, command }) => [
      heading(label),
      { type: 'rich_text_preformatted', elements: [run(command)] } as const,
    ]),
  );
}

function triageButtons({ incident, digest, reason }: Notification, { status }: Message): readonly (Button | Menu)[] {
  if (reason === 'test' || status === 'resolved') return [];
  if (digest !== undefined) return groupButtons(digest, status);
  const value = `${incident.id}:${incident.episode}`;
  return [
    ...(status === 'firing' ? [{ ...press(SLACK_ACTIONS.acknowledge, 'Acknowledge', value), ...PRIMARY }] : []),
    press(SLACK_ACTIONS.assignToMe, 'Assign to me', value),
    snoozeMenu(value),
    press(SLACK_ACTIONS.resolve, 'Resolve', value),
  ];
}

/** A new id empties the line: it changes with each note and with nothing else. */
function noteBlocks({ incident, digest, reason }: Notification, { status }: Message): readonly Block[] {
  if (reason === 'test' || digest !== undefined || status === 'resolved') return [];
  const { id, episode, notes = [] } = incident;
  return [
    {
      type: 'input',
      block_id: `${id}:${episode}:${notes.at(-1)?.atMs ?? 0}`,
      dispatch_action: true,
      label: plainText('Add a note', 'button'),
      element: {
        type: 'plain_text_input',
        action_id: SLACK_ACTIONS.note,
        max_length: MAX_NOTE_CHARACTERS,
        dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
      },
    },
  ];
}

function snoozeMenu(value: string): Menu {
  const options = Object.entries(SNOOZES).map(([key, label]) => ({
    text: plainText(label, 'button'),
    value: `${value}:${key}`,
  }));
  return {
    type: 'static_select',
    action_id: SLACK_ACTIONS.snooze,
    placeholder: plainText('Snooze', 'button'),
    options,
  };
}

/** Buttons that change perhaps two thousand incidents ask for a confirmation with the number. */
function groupButtons(
  { id, episode, revision, count, suppressedCount, groupLabels }: Digest,
  status: Message['status'],
): readonly Button[] {
  const value = `${id}:${episode}:${revision}`;
  const held = suppressedCount === 0 ? '' : `, ${suppressedCount} held back`;
  const open = countText(count.open, 'open incident');
  const acknowledge = { ...press(SLACK_ACTIONS.acknowledgeGroup, 'Acknowledge all', value), ...PRIMARY };
  const matchers = matchersOf(groupLabels);
  const canSilence = Object.keys(groupLabels).length > 0 && matchers.length <= MAX_BUTTON_VALUE_CHARACTERS;
  return [
    ...(status === 'firing' ? [{ ...acknowledge, confirm: confirmation('Acknowledge all', `${open}${held}`) }] : []),
    ...(canSilence ? [press(SLACK_ACTIONS.silenceGroup, 'Silence 1 h', matchers)] : []),
    {
      ...press(SLACK_ACTIONS.resolveGroup, 'Resolve all', value),
      confirm: confirmation('Resolve all', `${open}, ${count.acknowledged} acknowledged${held}`),
    },
  ];
}

const PRIMARY = { style: 'primary' } as const;

function press(action_id: string, text: string, value: string): Button {
  return { type: 'button', action_id, text: plainText(text, 'button'), value };
}

function confirmation(what: string, which: string): Confirmation {
  return {
    title: plainText(`${what}?`, 'button'),
    text: plainText(
      `All incidents that this group has notified of: up to ${which}, as this was written.`,
      'confirmation',
    ),
    confirm: plainText(what, 'confirmationButton'),
    deny: plainText('Not now', 'confirmationButton'),
  };
}

/**
 * Values stay values whatever is in them:
 * https://prometheus.io/docs/alerting/latest/configuration/#matcher has three escapes.
 */
function matchersOf(labels: Readonly<Record<string, string>>): string {
  const quote = (text: string): string =>
    `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  return JSON.stringify(Object.entries(labels).map(([name, value]) => `${quote(name)}=${quote(value)}`));
}

/** Where no press reaches the console, a page asks. */
function acknowledgeButtons({ acknowledge }: Message): readonly Button[] {
  if (acknowledge === undefined) return [];
  return [{ ...open(SLACK_ACTIONS.acknowledgeLink, acknowledge.title, acknowledge.url), ...PRIMARY }];
}

function open(action_id: string, text: string, url: string): Button {
  return { type: 'button', action_id, text: plainText(text, 'button'), url };
}

function linkButtons({ page, runbookUrl, links }: Message): readonly Button[] {
  return [
    ...(page === undefined ? [] : [open(SLACK_ACTIONS.page, page.title, page.url)]),
    ...(runbookUrl === undefined ? [] : [open(SLACK_ACTIONS.runbook, 'Article', runbookUrl)]),
    ...links.slice(0, MAX_LINK_BUTTONS).map(({ title, url }, index) => open(`foghorn_link_${index}`, title, url)),
  ];
}
