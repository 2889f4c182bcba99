// The content of a message about an incident or a group, as plain values, the same for every
// channel.
import type { Digest, Notification, NotificationReason } from '../../../../shared/contracts/notification.ts';
import type { Severity } from '../../../../shared/contracts/remediation.ts';
import { safeText } from '../safe-text.ts';
import { type CommandHint, commandHintsOf } from './command-hints.ts';
import { digestFacts, type Fact, incidentFacts } from './facts.ts';
import { type Guide, guideOf, type GuideDepth } from './guide.ts';
import { headlineOf, withoutNews } from './headline.ts';
import { type MessageStatus, statusOf } from './status.ts';
import { countText, MAX_NAME_CHARACTERS, safeUrl } from './text-format.ts';

/** A link; `url` is absolute, http or https. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

/**
 * The content. Texts are single lines without control characters; each channel escapes markup in
 * its own way.
 */
export interface Message {
  readonly status: MessageStatus;
  readonly severity: Severity;
  /** One word in capitals: the severity, the state, or TEST. */
  readonly label: string;
  /** What is wrong; of a group also on how many hosts, on which ports and by whom. */
  readonly title: string;
  /** What is wrong; the same in all messages of an incident or group, which so form a thread. */
  readonly subject: string;
  /** What happened, as a sentence. */
  readonly headline: string;
  readonly facts: readonly Fact[];
  /** The text of the last event; in a group, of one incident. */
  readonly eventText: string;
  readonly summary: string;
  /** What to do; undefined once resolved. */
  readonly guide: Guide | undefined;
  /** For readers at a machine of Foghorn. */
  readonly hints: readonly CommandHint[];
  /** Its page in the console; undefined where the address is none. */
  readonly page: Link | undefined;
  /** Where its reader acknowledges; undefined where there is nothing to acknowledge. */
  readonly acknowledge: Link | undefined;
  readonly links: readonly Link[];
  readonly runbookUrl: string | undefined;
  /** The incident or the digest and its episode, for people to quote. */
  readonly reference: string;
}

const MAX_TITLE_CHARACTERS = 200;
const MAX_TITLE_PORTS = 2;
const MIN_NAME_CHARACTERS = 40;
const MAX_EVENT_TEXT_CHARACTERS = 400;
const MAX_SUMMARY_CHARACTERS = 1000;
const MAX_LINKS = 5;
const NO_TITLE = 'A fault without a name';

/** The message of a notification. Pure. */
export function messageOf(notification: Notification, depth: GuideDepth): Message {
  const { nowMs: sentAtMs, ...rest } = notification;
  const { incident, digest, reason } = rest;
  const status = statusOf(notification);
  // What stands for long has no age.
  const nowMs = depth.isStanding === true ? undefined : sentAtMs;
  const common = {
    status,
    headline: headlineOf({ ...rest, ...(nowMs === undefined ? {} : { nowMs }) }, status),
    page: pageOf(notification),
    acknowledge: linkOf(digest === undefined ? 'Acknowledge' : 'Acknowledge all', notification.acknowledgeUrl)[0],
    links: notification.links.slice(0, MAX_LINKS).flatMap(({ title, url }) => linkOf(title, url)),
  };
  if (reason === 'test') return { ...common, ...testParts(notification) };
  return {
    ...common,
    severity: incident.severity,
    label: (status === 'firing' ? incident.severity : status).toUpperCase(),
    title: titleOf(notification, status),
    subject: subjectOf(notification),
    facts:
      digest === undefined
        ? incidentFacts(withoutNews(notification), notification.suspectedCauses, nowMs)
        : digestFacts(digest, incident, nowMs),
    hints: commandHintsOf(notification, status),
    reference:
      digest === undefined
        ? `incident ${incident.id}, episode ${incident.episode}`
        : `digest ${safeText(digest.id, MAX_NAME_CHARACTERS)}, episode ${digest.episode}`,
    ...remedyParts(notification, status, depth),
  };
}

/** Reasons of messages whose reader has had the remedy, or has somebody who takes care. */
const KNOWN: ReadonlySet<NotificationReason> = new Set(['acknowledged', 'repeated']);
const NO_REMEDY = { eventText: '', summary: '', guide: undefined, runbookUrl: undefined };

type RemedyParts = Pick<Message, keyof typeof NO_REMEDY>;

/** Nothing to do is shown once it is over, and little to who knows it. */
function remedyParts(
  { incident, digest, reason }: Notification,
  status: MessageStatus,
  depth: GuideDepth,
): RemedyParts {
  const isStanding = depth.isStanding === true;
  const isKnown = KNOWN.has(reason) || (reason === 'updated' && digest === undefined);
  if (!isStanding && (status === 'resolved' || isKnown)) return NO_REMEDY;
  const { remediation, lastMessage, entity } = incident;
  return {
    eventText: safeText(lastMessage, MAX_EVENT_TEXT_CHARACTERS),
    summary: safeText(remediation.summary, MAX_SUMMARY_CHARACTERS),
    guide: status === 'resolved' ? undefined : guideOf(incident, depth, digest !== undefined),
    runbookUrl: [entity.reference, ...remediation.references.map(({ url }) => url)]
      .map(safeUrl)
      .find((url) => url !== undefined),
  };
}

/** A test names no fault, so that nobody takes it for one. */
function testParts({
  receiver,
}: Notification): Omit<Message, 'status' | 'headline' | 'page' | 'acknowledge' | 'links'> {
  const name = safeText(receiver, MAX_NAME_CHARACTERS);
  return {
    ...NO_REMEDY,
    severity: 'info',
    label: 'TEST',
    title: `Test message for ${name}`,
    subject: `Test message for ${name}`,
    facts: [],
    hints: [],
    reference: `test of ${name}`,
  };
}

/** The commands for a reader elsewhere, who has none of them where there is a page. */
export function hintsWithoutPage({ hints, page }: Pick<Message, 'hints' | 'page'>): Message['hints'] {
  return page === undefined ? hints : [];
}

/** Every link that changes nothing, the one to the console first. */
export function allLinks({ page, links, runbookUrl }: Pick<Message, 'page' | 'links' | 'runbookUrl'>): readonly Link[] {
  return [
    ...(page === undefined ? [] : [page]),
    ...links,
    ...(runbookUrl === undefined ? [] : [{ title: 'Article', url: runbookUrl }]),
  ];
}

/** The episode of the incident or group; the same for all messages that belong together. */
export function threadOf({ incident, digest }: Notification): { readonly id: string; readonly episode: number } {
  return digest ?? incident;
}

/** The number of incidents in a digest. */
export function sizeOf({ count }: Digest): number {
  return count.open + count.acknowledged + count.resolved;
}

function pageOf({ digest, page, reason }: Notification): Link | undefined {
  const title = reason === 'test' ? 'Open Foghorn' : digest === undefined ? 'Open the incident' : 'Open the digest';
  return linkOf(title, page)[0];
}

function linkOf(title: string, url: string | undefined): readonly Link[] {
  const safe = safeUrl(url);
  return safe === undefined ? [] : [{ title: safeText(title, MAX_NAME_CHARACTERS) || safe, url: safe }];
}

function titleOf(notification: Notification, status: MessageStatus): string {
  const { digest } = notification;
  if (digest === undefined) return subjectOf(notification);
  const ports = digest.byPort.slice(0, MAX_TITLE_PORTS).map(({ value, count, holder }) => {
    const by = holder === undefined || status === 'resolved' ? '' : `, likely ${safeText(holder, MAX_NAME_CHARACTERS)}`;
    return `port ${safeText(value, MAX_NAME_CHARACTERS)} (${count.toLocaleString('en-US')}${by})`;
  });
  const more = digest.byPort.length - ports.length;
  const figures = [countText(digest.hostCount, 'host'), ...ports, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  // The name gives way, not the figures.
  const room = Math.max(MIN_NAME_CHARACTERS, MAX_TITLE_CHARACTERS - figures.length - 2);
  return safeText(`${safeText(nameOf(notification, digest), room)}: ${figures}`, MAX_TITLE_CHARACTERS);
}

function subjectOf(notification: Notification): string {
  const { incident, digest } = notification;
  const { title } = incident.remediation;
  if (digest !== undefined) return safeText(`Several incidents: ${nameOf(notification, digest)}`, MAX_TITLE_CHARACTERS);
  return safeText(title, MAX_TITLE_CHARACTERS) || safeText(incident.entity.ruleId, MAX_TITLE_CHARACTERS) || NO_TITLE;
}

function nameOf({ incident: { entity, remediation } }: Notification, { byRule }: Digest): string {
  return byRule.length > 1 ? 'Several kinds of fault' : entity.ruleName || remediation.title;
}
