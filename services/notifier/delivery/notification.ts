// A try at a delivery: its subject, how the channel sees it, and its outcome as the notification
// log has it. Pure.
import type { FilledIncident, Incident, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { SuspectedCause } from '../../../shared/contracts/suspected-cause.ts';
import type { Digest, EscalationStep, Notification, SendOutcome } from '../../../shared/contracts/notification.ts';
import type { NotificationLinks } from './links.ts';
import type { Claimed, LogState, Settlement } from './notification-log.ts';
import type { Delivery } from './plan.ts';

/** What is sent, or why nothing is: `suppressed` for now, or `superseded` by a later change. */
export type Subject =
  | {
      readonly kind: 'notify';
      readonly incident: FilledIncident;
      readonly digest?: Digest;
      readonly suspectedCauses?: readonly SuspectedCause[];
      readonly escalation?: EscalationStep;
      /** The incidents that count as notified once it is sent; each gets its activity entry. */
      readonly notified: readonly IncidentBrief[];
      /** To be called when their entries are written. Throws Unavailable. */
      onRecorded?(): Promise<void>;
    }
  | {
      readonly kind: 'suppressed';
      readonly incident: Incident;
      readonly by: string;
      readonly reason: string;
      readonly againAtMs: number;
    }
  | { readonly kind: 'superseded'; readonly incident: Incident; readonly reason: string };

/** A subject that is sent. */
export type NotifySubject = Subject & { readonly kind: 'notify' };

/**
 * Determines the subject. Throws Unavailable, and StateLost when Redis does not hold the incident
 * or group.
 */
export type SubjectOf = (delivery: Delivery, claim: LogState, nowMs: number) => Promise<Subject>;

/** The notification for the channel. */
export function notificationOf(
  { id, receiver, reason, notBeforeMs }: Delivery,
  { incident, digest, suspectedCauses, escalation }: NotifySubject,
  {
    claim,
    nowMs,
    page,
    acknowledgeUrl,
    links,
  }: { readonly claim: Claimed; readonly nowMs: number } & NotificationLinks,
): Notification {
  return {
    id,
    receiver,
    reason,
    incident,
    ...(digest === undefined ? {} : { digest }),
    ...(suspectedCauses === undefined ? {} : { suspectedCauses }),
    ...(escalation === undefined ? {} : { escalation }),
    ...(claim.previousReference === undefined ? {} : { previousReference: claim.previousReference }),
    ...(claim.sentNoteId === undefined ? {} : { previousNoteId: claim.sentNoteId }),
    ...(claim.isFirst ? { isFirst: true as const } : {}),
    ...(notBeforeMs === undefined ? {} : { isCount: true as const }),
    nowMs,
    page,
    ...(acknowledgeUrl === undefined ? {} : { acknowledgeUrl }),
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
  if (outcome.kind === 'unknown' || unknownRevision !== undefined)
    return { kind: 'unknown', detail, atMs, ...(unknownRevision === undefined ? {} : { revision: unknownRevision }) };
  return { kind: isOver ? 'failed' : 'open', detail, atMs };
}
