// A notification as a letter: subject, headers, text and HTML. Deterministic, so that the same letter sent twice can be known as one.
import type { Notification } from '../../../../shared/contracts/notification.ts';
import { LONG } from '../message/guide.ts';
import { messageOf, threadOf } from '../message/message.ts';
import { idLine, messageLines } from '../plain-text.ts';
import { safeText } from '../safe-text.ts';
import { htmlOf } from './html.ts';

/** A letter without its addresses. Ids are given without angle brackets. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** The id that all letters of an episode refer to; no letter has it itself, so that none is missing when the first was never delivered. */
  readonly threadId: string;
  readonly headers: Readonly<Record<string, string>>;
}

const MAX_SUBJECT_CHARACTERS = 160;
const MAX_LIST_CHARACTERS = 63;

/**
 * The letter. The subject holds no count and begins with a tag in brackets, which is not part of the base subject that threads are made by (RFC 5256
 * section 2.1). `Auto-Submitted` (RFC 3834 section 5) and the two beside it keep replies of machines away; `List-Id` (RFC 2919) is for filters.
 */
export function letterOf(notification: Notification, domain: string): Letter {
  const message = messageOf(notification, LONG);
  const { id, episode } = threadOf(notification);
  const isUrgent = message.status === 'firing' && message.severity === 'critical';
  return {
    // What looks like an encoded word (RFC 2047) would be decoded by the reader's program into whatever it hides.
    subject: safeText(`[${message.label}] ${message.title}`.replaceAll('=?', '= ?'), MAX_SUBJECT_CHARACTERS),
    text: [...messageLines(message), idLine(notification.id), ''].join('\n'),
    html: htmlOf(message, notification.id),
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
