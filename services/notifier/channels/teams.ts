// Microsoft Teams by the address of a workflow: an Adaptive Card with event text in runs, which
// have no markup and mention nobody.
import { z } from 'zod';
import type { Notification, SendOutcome } from '../../../shared/contracts/notification.ts';
import { type Channel, type ChannelType, type Rendered, receiverSettings } from './channel.ts';
import { createPoster, JSON_HEADERS, outcomeOfStatus, type PostAnswer, postSettings } from './http-post.ts';
import { type Guide, type GuideStep, moreText, numberedText, SHORT } from './message/guide.ts';
import { allLinks, hintsWithoutPage, type Message, messageOf } from './message/message.ts';
import { secretUrl } from '../../../shared/runtime/settings.ts';
import type { TransportOptions } from './transport.ts';

const settings = z.strictObject({
  ...receiverSettings,
  kind: z.literal('teams'),
  /** The address of a workflow "when a webhook request is received"; whoever has it may post. */
  workflowUrl: secretUrl(z.url({ protocol: /^https?$/u })),
  /** People who are mentioned in an escalation. */
  mention: z
    .array(
      z.strictObject({
        /** The user principal name, or the object id in Microsoft Entra. */
        id: z.union([z.email(), z.uuid()], 'the user principal name, such as anna@example.org, or the object id'),
        /** What the card shows. */
        name: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} .-]{0,79}$/u, 'letters, digits, spaces, dots and hyphens'),
      }),
    )
    .max(20)
    .refine((people) => new Set(people.map(({ name }) => name)).size === people.length, 'two people have the same name')
    .default([]),
  ...postSettings,
});

type Person = z.output<typeof settings>['mention'][number];

interface TeamsBody extends Rendered {
  readonly body: string;
}

/** The kind `teams`. */
export const teams: ChannelType<typeof settings, TeamsBody> = {
  kind: 'teams',
  settings,
  traits: { editsInPlace: false, followsChanges: false, keepsEpisodes: false },
  longestSendMs: ({ timeoutMs }) => timeoutMs,
  create: (receiver, { proxy }) => createTeamsChannel({ ...receiver, proxy }),
  preview: (notification) => ({ kind: 'json', value: JSON.parse(teamsBody(notification)) }),
};

/** Settings of a Teams channel. */
export interface TeamsOptions extends TransportOptions {
  readonly workflowUrl: string;
  readonly timeoutMs: number;
  readonly mention?: readonly Person[];
}

/**
 * A message may have 28 KB, by
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook;
 * senders were refused with 21.
 */
const MAX_BYTES = 20_000;
/**
 * Of a set Teams shows six buttons, and hides or leaves out the others:
 * https://github.com/MicrosoftDocs/bot-docs/issues/2161,
 * https://github.com/MicrosoftDocs/msteams-docs/issues/5356.
 */
const MAX_ACTIONS = 6;
const COLOURS = { firing: 'attention', acknowledged: 'warning', resolved: 'good' } as const;

/**
 * A channel to one workflow. Teams has no lookup: after an unknown outcome the card is sent again,
 * since twice is better than not at all.
 */
export function createTeamsChannel(options: TeamsOptions): Channel<TeamsBody> {
  const poster = createPoster({ ...options, url: options.workflowUrl }, outcomeOf);
  return {
    render: (notification) => ({ id: notification.id, body: teamsBody(notification, options.mention) }),
    send: ({ body }, signal) => poster.post({ body, headers: JSON_HEADERS }, signal),
    reconcile: async () => ({ kind: 'absent' }),
    close: async () => poster.close(),
  };
}

interface Run {
  readonly type: 'TextRun';
  readonly text: string;
  readonly weight?: 'Bolder';
  readonly fontType?: 'Monospace';
  readonly size?: 'Large';
  readonly color?: string;
  readonly isSubtle?: boolean;
}

type Block =
  | {
      readonly type: 'RichTextBlock';
      readonly inlines: readonly Run[];
      readonly spacing?: 'Medium' | 'Small';
    }
  | MentionBlock
  | ActionBlock;

/** Teams mentions in no run, so that this alone has markup. Made of settings, never of an event. */
interface MentionBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
}

/** Links as buttons. https://adaptivecards.io/explorer/ActionSet.html */
interface ActionBlock {
  readonly type: 'ActionSet';
  readonly actions: readonly { readonly type: 'Action.OpenUrl'; readonly title: string; readonly url: string }[];
}

/**
 * The message with its card; an escalation mentions `people`. What does not fit is left out from
 * the end, and the card says so.
 */
export function teamsBody(notification: Notification, people: readonly Person[] = []): string {
  const message = messageOf(notification, SHORT);
  const called = notification.reason === 'escalated' ? people : [];
  const head = headOf(message, called);
  const rest = blocksOf(message);
  const idBlock = block([run(`${message.reference}, delivery ${notification.id}`, { isSubtle: true })], 'Medium');
  const whole = envelope([...head, ...rest, idBlock], called);
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole;
  const notice = block([run('Shortened: the rest is in the console.', { isSubtle: true })], 'Medium');
  for (let count = rest.length - 1; count >= 0; count -= 1) {
    const body = envelope([...head, ...rest.slice(0, count), notice, idBlock], called);
    if (Buffer.byteLength(body) <= MAX_BYTES) return body;
  }
  return envelope([notice, idBlock], []);
}

/** What happened, whom it concerns and what to press, which is never left out. */
function headOf(message: Message, people: readonly Person[]): readonly Block[] {
  const { label, title, status, headline } = message;
  return [
    block([
      run(`${label}  `, { weight: 'Bolder', size: 'Large', color: COLOURS[status] }),
      run(title, { weight: 'Bolder', size: 'Large' }),
    ]),
    block([run(headline, {})]),
    ...mentionBlocks(people),
    ...actionBlocks(message),
  ];
}

function actionBlocks(message: Message): readonly Block[] {
  const { acknowledge } = message;
  const all = [...(acknowledge === undefined ? [] : [acknowledge]), ...allLinks(message)];
  const actions = all.map(({ title, url }) => ({ type: 'Action.OpenUrl', title: inert(title), url }) as const);
  const sets = Array.from({ length: Math.ceil(actions.length / MAX_ACTIONS) }, (_, index) =>
    actions.slice(index * MAX_ACTIONS, (index + 1) * MAX_ACTIONS),
  );
  return sets.map((some) => ({ type: 'ActionSet', actions: some }));
}

/**
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
 */
function mentionBlocks(people: readonly Person[]): readonly Block[] {
  return people.length === 0
    ? []
    : [{ type: 'TextBlock', text: people.map(({ name }) => mentionText(name)).join(' '), wrap: true }];
}

function mentionText(name: string): string {
  return `<at>${name}</at>`;
}

/**
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
function envelope(body: readonly Block[], people: readonly Person[]): string {
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full', ...(people.length === 0 ? {} : { entities: people.map(mentionOf) }) },
    body,
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card };
  return JSON.stringify({ type: 'message', attachments: [attachment] });
}

function mentionOf(person: Person) {
  return { type: 'mention', text: mentionText(person.name), mentioned: person } as const;
}

function blocksOf(message: Message): readonly Block[] {
  return [...factBlocks(message), ...(message.guide === undefined ? [] : guideBlocks(message.guide))];
}

function factBlocks(message: Message): readonly Block[] {
  const { facts, eventText, summary } = message;
  return [
    ...facts.map(({ label: name, value }) => block([run(`${name}: `, { weight: 'Bolder' }), run(value, {})], 'Small')),
    ...(eventText === '' ? [] : [block([run('Event says: ', { weight: 'Bolder' }), run(eventText, {})], 'Small')]),
    ...(summary === '' ? [] : [block([run(summary, {})], 'Medium')]),
    ...hintsWithoutPage(message).map(({ label: hint, command }) =>
      block([run(`${hint}: `, { weight: 'Bolder' }), run(command, { fontType: 'Monospace' })], 'Small'),
    ),
  ];
}

function guideBlocks(guide: Guide): readonly Block[] {
  const scope = guide.scope === '' ? '' : ` (${guide.scope})`;
  return [
    ...section(`Find out${scope}`, guide.causes),
    ...guide.options.flatMap(({ title: way, when, ...some }, index) => [
      ...section(`Repair ${index + 1}: ${way}${index === 0 ? scope : ''}`, index === 0 ? some.steps : []),
      ...(index === 0 ? tail(moreText(some, guide)) : tail(when)),
    ]),
    ...section('Then check', guide.verification.steps),
    ...tail(moreText(guide.verification, guide)),
  ];
}

function section(title: string, steps: readonly GuideStep[]): readonly Block[] {
  if (steps.length === 0 && !title.startsWith('Repair')) return [];
  return [block([run(title, { weight: 'Bolder' })], 'Medium'), ...steps.flatMap(stepBlocks)];
}

function stepBlocks({ command, risk, ...step }: GuideStep): readonly Block[] {
  return [
    block([run(numberedText(step, '• '), {})], 'Small'),
    ...(command === undefined ? [] : [block([run(command, { fontType: 'Monospace' })], 'Small')]),
    ...(risk === undefined ? [] : [block([run(`Risk: ${risk}`, { isSubtle: true })], 'Small')]),
  ];
}

function tail(text: string): readonly Block[] {
  return text === '' ? [] : [block([run(text, { isSubtle: true })], 'Small')];
}

function block(inlines: readonly Run[], spacing?: 'Medium' | 'Small'): Block {
  return { type: 'RichTextBlock', inlines, ...(spacing === undefined ? {} : { spacing }) };
}

function run(text: string, style: Omit<Run, 'type' | 'text'>): Run {
  return { type: 'TextRun', text: inert(text), ...style };
}

/**
 * Dates and templates are filled in even where there is no markup: `{{DATE(…)}}`, `${…}`. A mention
 * is found by its text: `<at>…</at>`.
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
 */
function inert(text: string): string {
  return text
    .replaceAll('{{', '{ {')
    .replaceAll('${', '$ {')
    .replaceAll(/<(?=\/?at>)/giu, '< ');
}

/** The workflow is gone, or has another address. */
const CONFIGURATION = new Set([404, 410]);
/** In a 400: the workflow is switched off, or its address is signed wrongly. */
const CONFIGURATION_WORDS =
  /WorkflowTriggerIsNotEnabled|WorkflowNotFound|WorkflowDisabled|DirectApi\w+|AuthorizationFailed|InvalidSignature/iu;

/** Workflows answer 202; the older connectors answered 200, with failures in the text only. */
function outcomeOf({ status, text, afterMs }: PostAnswer): SendOutcome {
  const isHidden = status === 200 && /returned HTTP error|<html/iu.test(text);
  if (isHidden)
    return /\b429\b/u.test(text)
      ? { kind: 'retry', detail: 'Teams limits the rate (429)', afterMs: afterMs ?? 5000 }
      : { kind: 'retry', detail: 'HTTP 200 with an error in its text; check workflowUrl and any proxy on the way' };
  return outcomeOfStatus(status, text, afterMs, CONFIGURATION_WORDS.test(text) ? new Set([status]) : CONFIGURATION);
}
