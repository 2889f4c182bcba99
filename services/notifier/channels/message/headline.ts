// The headline of a message: what happened, in a sentence or two. Pure.
import type { Incident } from '../../../../shared/contracts/incident.ts';
import type { Digest, Notification, NotificationReason } from '../../../../shared/contracts/notification.ts';
import { safeText } from '../safe-text.ts';
import type { MessageStatus } from './status.ts';
import { countText, dueText, MAX_NAME_CHARACTERS, spanText, timeText } from './text-format.ts';

const MAX_NOTES = 3;
const MAX_NOTE_CHARACTERS = 300;
const MAX_RECEIVERS = 5;
/** Reasons whose headline has the new notes. */
const SAYS_NEWS: ReadonlySet<NotificationReason> = new Set(['acknowledged', 'repeated', 'updated']);

/** Why a message is sent, as a sentence or two. */
export function headlineOf(notification: Notification, status: MessageStatus): string {
  const { reason, incident, digest, isFirst } = notification;
  if (reason === 'test') return 'This is a test of the receiver; nothing is wrong.';
  const isLate = isFirst === true && status === 'resolved';
  const step = escalationText(notification);
  if (digest !== undefined)
    return `${step}${groupHeadline(digest, status)}${isLate ? ' They were over before the first notification.' : ''}`;
  return isLate ? lateText(incident) : `${step}${incidentHeadline(notification, status)}`;
}

/** Which step it is, and who did not react. */
function escalationText({ escalation, incident: { assignee } }: Notification): string {
  if (escalation === undefined) return '';
  const { step, unanswered } = escalation;
  const names = unanswered.slice(0, MAX_RECEIVERS).map((name) => safeText(name, MAX_NAME_CHARACTERS));
  const left = unanswered.length - names.length;
  const who = [...names, ...(left > 0 ? [`${left} more`] : [])].join(', ');
  const whose = assignee === undefined ? '' : `, though it is assigned to ${safeText(assignee, MAX_NAME_CHARACTERS)}`;
  return `Escalation, step ${step}${who === '' ? '' : `, after no reaction from ${who}`}${whose}. `;
}

/**
 * The incident without what the headline says of it, so that the facts do not repeat it: the new
 * notes and, where that is the news, the assignee and the snooze.
 */
export function withoutNews(notification: Pick<Notification, 'incident' | 'reason' | 'previousNoteId'>): Incident {
  const { incident, reason } = notification;
  if (!SAYS_NEWS.has(reason)) return incident;
  const { assignee, snoozedUntilMs, notes, ...rest } = incident;
  const news = newNotesOf(notification);
  return {
    ...rest,
    ...(reason === 'updated' || assignee === undefined ? {} : { assignee }),
    ...(reason === 'updated' || snoozedUntilMs === undefined ? {} : { snoozedUntilMs }),
    ...(notes === undefined ? {} : { notes: notes.filter((note) => !news.includes(note)) }),
  };
}

function incidentHeadline(
  notification: Pick<Notification, 'incident' | 'reason' | 'previousNoteId' | 'nowMs'>,
  status: MessageStatus,
): string {
  const { incident, reason, nowMs } = notification;
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
        ...noteTexts(notification),
      ].join(' ');
    case 'resolved':
      return `Resolved${by(incident.resolvedBy)} after ${spanText((incident.resolvedAtMs ?? openedAtMs) - openedAtMs)}${whyResolved(incident)}`;
    case 'escalated':
      return `Nobody has acknowledged it for ${spanText((incident.escalatedAtMs ?? openedAtMs) - openedAtMs)}.`;
    default:
      return [
        ...noteTexts(notification),
        ...(reason === 'updated' ? assignmentTexts(incident, nowMs) : []),
        `It goes on: ${countText(episodeCount, 'event')} so far, ${status === 'acknowledged' ? `acknowledged${whose}` : 'nobody has acknowledged it'}.`,
      ].join(' ');
  }
}

/**
 * The latest of the notes after the last message; without that message, the note that is the latest
 * change.
 */
function newNotesOf({
  incident: { notes = [], updatedAtMs },
  previousNoteId,
}: Pick<Notification, 'incident' | 'previousNoteId'>): NonNullable<Incident['notes']> {
  const news =
    previousNoteId === undefined
      ? notes.slice(-1).filter(({ atMs }) => atMs === updatedAtMs)
      : notes.slice(notes.findIndex(({ id }) => id === previousNoteId) + 1);
  return news.slice(-MAX_NOTES);
}

function noteTexts(notification: Pick<Notification, 'incident' | 'previousNoteId'>): readonly string[] {
  return newNotesOf(notification).map(
    ({ author, text }) => `${safeText(author, MAX_NAME_CHARACTERS)} noted: ${sentence(text)}`,
  );
}

/** The assignee and the snooze. */
function assignmentTexts({ assignee, snoozedUntilMs }: Incident, nowMs: number | undefined): readonly string[] {
  return [
    ...(assignee === undefined ? [] : [`Assigned to ${safeText(assignee, MAX_NAME_CHARACTERS)}.`]),
    ...(snoozedUntilMs === undefined ? [] : [`Snoozed until ${dueText(snoozedUntilMs, nowMs)}.`]),
  ];
}

function sentence(text: string): string {
  const safe = safeText(text, MAX_NOTE_CHARACTERS);
  return /[.!?…]$/u.test(safe) ? safe : `${safe}.`;
}

/** What proved that it is over, or what the person wrote who resolved it. */
function whyResolved({ clearedBy, resolution = '' }: Incident): string {
  if (clearedBy !== undefined) return `, by ${sentence(clearedBy.evidence)}`;
  return resolution === '' ? '.' : `: ${sentence(resolution)}`;
}

/** The receiver was not notified while it was open. */
function lateText({ openedAtMs, resolvedAtMs = openedAtMs, resolvedBy }: Incident): string {
  return `It was open from ${timeText(openedAtMs)} to ${timeText(resolvedAtMs)}, and resolved${by(resolvedBy)} before the first notification.`;
}

function groupHeadline(digest: Digest, status: MessageStatus): string {
  const { open, acknowledged, resolved } = digest.count;
  if (status === 'resolved') {
    const { end, sinceMs } = digest;
    const after = end === undefined ? '' : `, the last ${spanText(end.atMs - sinceMs)} after the first began`;
    return `All ${countText(resolved, 'incident')} resolved${after}.`;
  }
  const now = `${countText(open, 'incident')} open, ${acknowledged} acknowledged, ${resolved} resolved`;
  return digest.newCount > 0 ? `${now}; ${digest.newCount} new since the last message.` : `${now}.`;
}

function by(actor: string | undefined): string {
  return actor === undefined || actor === 'system' ? '' : ` by ${safeText(actor, MAX_NAME_CHARACTERS)}`;
}
