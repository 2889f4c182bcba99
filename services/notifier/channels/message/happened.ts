// What happened, in a sentence or two: the line of a thread, the first line of everything else. Pure.
import type { Incident } from '../../../../shared/contracts/incident.ts';
import type { Digest, Notification } from '../../../../shared/contracts/notification.ts';
import { safeText } from '../safe-text.ts';
import type { MessageStatus } from './status.ts';
import { countText, MAX_NAME_CHARACTERS, spanText, timeText } from './words.ts';

const MAX_NOTES = 3;
const MAX_NOTE_CHARACTERS = 300;

/** Why a message is sent, as a sentence or two. */
export function happenedOf(notification: Notification, status: MessageStatus): string {
  const { reason, incident, digest, isFirst } = notification;
  if (reason === 'test') return 'This is a test of the channel; nothing is wrong.';
  const isUntold = isFirst === true && status === 'resolved';
  if (digest !== undefined)
    return `${happenedToGroup(digest, status)}${isUntold ? ' They were over before they were told.' : ''}`;
  return isUntold ? untoldText(incident) : happenedToIncident(notification, status);
}

function happenedToIncident(
  { incident, reason, previousNoteId }: Pick<Notification, 'incident' | 'reason' | 'previousNoteId'>,
  status: MessageStatus,
): string {
  const { episode, openedAtMs, episodeCount } = incident;
  const whose = by(incident.acknowledgedBy);
  switch (reason) {
    case 'opened':
      return 'This is new.';
    case 'reopened':
      return `It is back: episode ${episode}.`;
    case 'acknowledged':
      return [
        `Acknowledged${whose} ${spanText((incident.acknowledgedAtMs ?? openedAtMs) - openedAtMs)} after it began.`,
        ...noteTexts(incident, previousNoteId),
      ].join(' ');
    case 'resolved':
      return `Resolved${by(incident.resolvedBy)} after ${spanText((incident.resolvedAtMs ?? openedAtMs) - openedAtMs)}.`;
    case 'escalated':
      return `Nobody has acknowledged it for ${spanText((incident.escalatedAtMs ?? openedAtMs) - openedAtMs)}.`;
    default:
      return [
        ...noteTexts(incident, previousNoteId),
        ...(reason === 'updated' ? careTexts(incident) : []),
        `It goes on: ${countText(episodeCount, 'event')} so far, ${status === 'acknowledged' ? `acknowledged${whose}` : 'nobody has acknowledged it'}.`,
      ].join(' ');
  }
}

/** The notes that the last message did not have, the latest of them; where that is not known, one that is the latest that happened. */
function noteTexts({ notes = [], updatedAtMs }: Incident, previousNoteId: string | undefined): readonly string[] {
  const news =
    previousNoteId === undefined
      ? notes.slice(-1).filter(({ atMs }) => atMs === updatedAtMs)
      : notes.slice(notes.findIndex(({ id }) => id === previousNoteId) + 1);
  return news
    .slice(-MAX_NOTES)
    .map(({ author, text }) => `${safeText(author, MAX_NAME_CHARACTERS)} noted: ${sentence(text)}`);
}

/** Who has it, and whether it sleeps. */
function careTexts({ assignee, snoozedUntilMs }: Incident): readonly string[] {
  return [
    ...(assignee === undefined ? [] : [`Assigned to ${safeText(assignee, MAX_NAME_CHARACTERS)}.`]),
    ...(snoozedUntilMs === undefined ? [] : [`Snoozed until ${timeText(snoozedUntilMs)}.`]),
  ];
}

function sentence(text: string): string {
  const safe = safeText(text, MAX_NOTE_CHARACTERS);
  return /[.!?…]$/u.test(safe) ? safe : `${safe}.`;
}

/** Who is notified of it only now has to know that there was something. */
function untoldText({ openedAtMs, resolvedAtMs = openedAtMs, resolvedBy }: Incident): string {
  return `It was open from ${timeText(openedAtMs)} to ${timeText(resolvedAtMs)}, and resolved${by(resolvedBy)} before it was told.`;
}

function happenedToGroup(digest: Digest, status: MessageStatus): string {
  const { open, acknowledged, resolved } = digest.count;
  if (status === 'resolved') return `All ${countText(resolved, 'incident')} resolved.`;
  const now = `${countText(open, 'incident')} open, ${acknowledged} acknowledged, ${resolved} resolved`;
  return digest.newCount > 0 ? `${now}; ${digest.newCount} new since the last message.` : `${now}.`;
}

function by(actor: string | undefined): string {
  return actor === undefined || actor === 'system' ? '' : ` by ${safeText(actor, MAX_NAME_CHARACTERS)}`;
}
