// A try at a delivery as the channel sees it, and its outcome as the ledger does. Pure.
import type { Notification, SendOutcome } from '../../../shared/contracts/notification.ts';
import type { NotifySubject } from './deliver.ts';
import type { Claimed, Settlement } from './notification-log.ts';
import type { Delivery } from './plan.ts';

/** What the channel is asked to say. */
export function notificationOf(
  { id, receiver, reason, notBeforeMs }: Delivery,
  { incident, digest, namedCauses }: NotifySubject,
  { claim, links }: { readonly claim: Claimed; readonly links: Notification['links'] },
): Notification {
  return {
    id,
    receiver,
    reason,
    incident,
    ...(digest === undefined ? {} : { digest }),
    ...(namedCauses === undefined ? {} : { namedCauses }),
    ...(claim.previousReference === undefined ? {} : { previousReference: claim.previousReference }),
    ...(claim.sentNoteId === undefined ? {} : { previousNoteId: claim.sentNoteId }),
    ...(claim.isFirst ? { isFirst: true as const } : {}),
    ...(notBeforeMs === undefined ? {} : { isCount: true as const }),
    links,
  };
}

/** How the claim ends with this outcome; `isOver`: it is not tried again. */
export function settlementOf(
  outcome: SendOutcome,
  {
    isOver,
    atMs,
    unknownRevision,
  }: { readonly isOver: boolean; readonly atMs: number; readonly unknownRevision: number | undefined },
): Settlement {
  if (outcome.kind === 'sent') return { kind: 'sent', reference: outcome.reference, atMs };
  const { detail } = outcome;
  if (outcome.kind === 'unknown')
    return { kind: 'unknown', detail, atMs, ...(unknownRevision === undefined ? {} : { revision: unknownRevision }) };
  return { kind: isOver ? 'failed' : 'open', detail, atMs };
}
