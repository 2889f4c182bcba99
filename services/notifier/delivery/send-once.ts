// One sending of a delivery; an earlier attempt of unknown outcome is reconciled first.
import { deliveryIdOf } from '../../../shared/contracts/ids.ts';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import type { Channel } from '../channels/channel.ts';
import type { NotificationLinks } from './links.ts';
import { notificationOf, type NotifySubject } from './notification.ts';
import type { Claimed, NotificationLog } from './notification-log.ts';
import type { Delivery } from './plan.ts';

/** What a sending works with; `now` gives epoch milliseconds. */
interface SendParts {
  readonly channel: Channel;
  readonly notificationLog: Pick<NotificationLog, 'isHeld'>;
  linksOf(subject: NotifySubject, delivery: Delivery): NotificationLinks;
  readonly now: () => number;
}

/** What is sent, by which claim. */
interface Sending {
  readonly delivery: Delivery;
  readonly subject: NotifySubject;
  readonly claim: Claimed;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface Sent {
  readonly outcome: SendOutcome;
  /** The earlier revision that has to be looked for again, if any. */
  readonly unknownRevision?: number;
  /** The earlier revision that had arrived after all. */
  readonly foundRevision?: number;
}

/**
 * A message that may have arrived is reconciled first; its reference is the one to edit. A look may
 * take longer than Redis takes to be lost and filled again, with a new attempt beside this one:
 * without the claim nothing is sent, and the answer is undefined. Throws Unavailable and StateLost.
 */
export async function sendOnce(
  { channel, linksOf, notificationLog, now }: SendParts,
  { delivery, subject, claim, signal }: Sending,
): Promise<Sent | undefined> {
  const { id, receiver, subjectId, episode } = delivery;
  const notification = notificationOf(delivery, subject, { claim, nowMs: now(), ...linksOf(subject, delivery) });
  const { unconfirmedRevision } = claim;
  if (unconfirmedRevision === undefined) return { outcome: await channel.send(channel.render(notification), signal) };
  const isThis = unconfirmedRevision === delivery.revision;
  const earlierId = isThis ? id : deliveryIdOf(subjectId, episode, unconfirmedRevision, receiver);
  const found = await channel.reconcile(channel.render({ ...notification, id: earlierId }));
  if (found.kind === 'unknown') return { outcome: found, ...(isThis ? {} : { unknownRevision: unconfirmedRevision }) };
  if (found.kind === 'sent' && isThis) return { outcome: found };
  if (!(await notificationLog.isHeld(delivery, claim.token))) return undefined;
  if (found.kind !== 'sent') return { outcome: await channel.send(channel.render(notification), signal) };
  const known = { ...notification, previousReference: found.reference };
  const outcome = await channel.send(channel.render(known), signal);
  // What only this attempt has found stays in doubt when the edit fails: its own delivery looks.
  const doubt = outcome.kind === 'sent' ? {} : { unknownRevision: unconfirmedRevision };
  return { outcome, foundRevision: unconfirmedRevision, ...doubt };
}
