// What there is to say about an incident or a group of them, as plain values: every channel says the same, each in its own form.
import type { Digest, Notification } from '../../../../shared/contracts/notification.ts';
import type { Severity } from '../../../../shared/contracts/remediation.ts';
import { safeText } from '../safe-text.ts';
import { type Act, actsOf } from './acts.ts';
import { digestFacts, type Fact, incidentFacts } from './facts.ts';
import { type Guide, guideOf, type GuideDepth } from './guide.ts';
import { happenedOf } from './happened.ts';
import { type MessageStatus, statusOf } from './status.ts';
import { MAX_NAME_CHARACTERS, safeUrl } from './words.ts';

/** A link; `url` is absolute, http or https. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

/** All of it. Texts are single lines without control characters; markup is still in them, each channel makes it harmless in its own way. */
export interface Message {
  readonly status: MessageStatus;
  readonly severity: Severity;
  /** One word in capitals: the severity, or what has become of it, or that it is a test. */
  readonly label: string;
  /** What is wrong and where; the same as long as the incident lives. */
  readonly title: string;
  /** Why this is sent, as a sentence. */
  readonly happened: string;
  readonly facts: readonly Fact[];
  /** The event's own words; those of one event where a group is told of. */
  readonly said: string;
  readonly summary: string;
  /** What to do; undefined when it is over. */
  readonly guide: Guide | undefined;
  /** For readers who have no buttons. */
  readonly acts: readonly Act[];
  readonly links: readonly Link[];
  readonly runbookUrl: string | undefined;
  /** The incident or the digest and its episode, for people to quote. */
  readonly quoted: string;
}

const MAX_TITLE_CHARACTERS = 200;
const MAX_SAID_CHARACTERS = 400;
const MAX_SUMMARY_CHARACTERS = 1000;
const MAX_LINKS = 5;
const NO_TITLE = 'A fault without a name';

/** The message of a notification. Pure. */
export function messageOf(notification: Notification, depth: GuideDepth): Message {
  const { incident, digest, reason } = notification;
  const { remediation, lastMessage } = incident;
  const status = statusOf(notification);
  const links = notification.links.slice(0, MAX_LINKS).flatMap(({ title, url }) => linkOf(title, url));
  return {
    status,
    severity: incident.severity,
    label: reason === 'test' ? 'TEST' : (status === 'firing' ? incident.severity : status).toUpperCase(),
    title: titleOf(notification),
    happened: happenedOf(notification, status),
    facts: digest === undefined ? incidentFacts(incident, notification.namedCauses) : digestFacts(digest, incident),
    said: safeText(lastMessage, MAX_SAID_CHARACTERS),
    summary: safeText(remediation.summary, MAX_SUMMARY_CHARACTERS),
    guide: status === 'resolved' ? undefined : guideOf(incident, depth, digest !== undefined),
    acts: actsOf(notification, status),
    links,
    runbookUrl: [incident.entity.reference, ...remediation.references.map(({ url }) => url)]
      .map(safeUrl)
      .find((url) => url !== undefined),
    quoted:
      digest === undefined
        ? `incident ${incident.id}, episode ${incident.episode}`
        : `digest ${safeText(digest.id, MAX_NAME_CHARACTERS)}, episode ${digest.episode}`,
  };
}

/** Which episode of what is told of; the same for all messages that belong together. */
export function threadOf({ incident, digest }: Notification): { readonly id: string; readonly episode: number } {
  return digest ?? incident;
}

/** How many incidents a digest is about. */
export function sizeOf({ count }: Digest): number {
  return count.open + count.acknowledged + count.resolved;
}

function linkOf(title: string, url: string): readonly Link[] {
  const safe = safeUrl(url);
  return safe === undefined ? [] : [{ title: safeText(title, MAX_NAME_CHARACTERS) || safe, url: safe }];
}

function titleOf({ incident, digest }: Notification): string {
  const { title } = incident.remediation;
  if (digest === undefined)
    return safeText(title, MAX_TITLE_CHARACTERS) || safeText(incident.entity.ruleId, MAX_TITLE_CHARACTERS) || NO_TITLE;
  const name = digest.byRule.length > 1 ? 'several kinds of fault' : incident.entity.ruleName || title;
  return safeText(`Several incidents: ${name}`, MAX_TITLE_CHARACTERS);
}
