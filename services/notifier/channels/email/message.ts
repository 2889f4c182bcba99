// A notification as an email: subject, headers, text and HTML. Deterministic, so that an email sent
// twice is recognised as one.
import type { Notification } from '../../../../shared/contracts/notification.ts';
import { LONG, SCREEN } from '../message/guide.ts';
import { hintsWithoutPage, messageOf, threadOf } from '../message/message.ts';
import type { Rendered } from '../channel.ts';
import { idLine, messageLines } from '../plain-text.ts';
import { safeText } from '../safe-text.ts';
import { htmlOf } from './html.ts';

/** An email without its addresses. */
export interface Email extends Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Without angle brackets. */
  readonly messageId: string;
  /**
   * The id that all emails of an episode refer to. None has it itself, so that none is missing when
   * the first was never delivered.
   */
  readonly threadId: string;
  readonly headers: Readonly<Record<string, string>>;
}

const MAX_SUBJECT_CHARACTERS = 160;
const MAX_LIST_CHARACTERS = 63;

/**
 * The email from an address at `domain`. The subject has no count and begins with a tag in
 * brackets, which is not part of the base subject that threads are made by (RFC 5256 section 2.1).
 * `Auto-Submitted` (RFC 3834 section 5) and the next two headers keep automatic replies away;
 * `List-Id` (RFC 2919) is for filters.
 */
export function emailOf(notification: Notification, domain: string): Email {
  const message = messageOf(notification, LONG);
  const { id, episode } = threadOf(notification);
  const isUrgent = message.status === 'firing' && message.severity === 'critical';
  return {
    id: notification.id,
    // Text in the form of an encoded word (RFC 2047) would be decoded by the reader's program.
    subject: safeText(`[${message.label}] ${message.subject}`.replaceAll('=?', '= ?'), MAX_SUBJECT_CHARACTERS),
    text: [...messageLines({ ...message, hints: hintsWithoutPage(message) }), idLine(notification.id), ''].join('\n'),
    // Two screens of a phone; the text has the whole repair.
    html: htmlOf(messageOf(notification, SCREEN), notification.id),
    messageId: `${localPart(notification.id)}@${domain}`,
    threadId: `${localPart(`thread-${id}-${episode}`)}@${domain}`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      Precedence: 'bulk',
      'List-Id': `Foghorn ${listName(notification.receiver)} <${listName(notification.receiver)}.foghorn.${domain}>`,
      'X-Foghorn-Severity': message.severity,
      'X-Foghorn-Status': message.status,
      'X-Foghorn-Delivery': localPart(notification.id),
      ...(isUrgent ? { Importance: 'high' } : {}),
    },
  };
}

/** A dot-atom (RFC 5322 section 3.2.3): nothing in it can end the header or the address. */
function localPart(id: string): string {
  return id
    .slice(0, 200)
    .replaceAll(/[^\w.-]/gu, '_')
    .replaceAll(/\.{2,}|^\.|\.$/gu, '_');
}

function listName(receiver: string): string {
  return receiver
    .slice(0, MAX_LIST_CHARACTERS)
    .replaceAll(/[^\w-]/gu, '-')
    .toLowerCase();
}
