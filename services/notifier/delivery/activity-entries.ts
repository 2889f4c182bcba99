// The activity entries about the outcome of deliveries. Pure; an entry written twice is one.
import { digestId } from '../../../shared/contracts/ids.ts';
import type { ActivityEntry, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Settlement } from './notification-log.ts';
import type { Delivery } from './plan.ts';
import type { Subject } from './subject.ts';

/** One entry for each incident that the delivery notified of, or failed to. `isOver`: it is not tried again, so that an unknown outcome counts as failed. */
export function settledEntries(
  delivery: Delivery,
  incidents: readonly IncidentBrief[],
  settlement: Settlement & { readonly isOver: boolean },
): ActivityEntry[] {
  const isOpen = settlement.kind === 'unknown' && !settlement.isOver;
  const type = settlement.kind === 'sent' ? 'notified' : isOpen ? 'delivery_unknown' : 'delivery_failed';
  const outcome =
    settlement.kind === 'sent'
      ? {
          providerReference: settlement.reference,
          timeToAlertMs: Math.max(0, settlement.atMs - delivery.receivedAtMs),
        }
      : { error: settlement.detail };
  return incidents.map((incident) => ({
    ...entryOf(delivery, incident, { type, atMs: settlement.atMs, reason: delivery.reason }),
    ...outcome,
  }));
}

/** The entry of a delivery that some of its recipients refused for good while others took it. */
export function partlyRefusedEntry(
  delivery: Delivery,
  incident: IncidentBrief,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): ActivityEntry {
  const entry = entryOf(delivery, incident, { type: 'delivery_failed', atMs, reason: delivery.reason });
  // There is nothing to drive again: who could take it has it.
  const { deliveryId: _, ...own } = entry;
  return { ...own, error: `not everybody: ${detail}` };
}

/** The entry of a delivery that a bug ended before its incidents were known; `group` says when `incidentId` is a group's. */
export function brokenEntry(
  delivery: Delivery,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): ActivityEntry {
  const { id, subjectId, isGroup, episode, revision, receiver, reason } = delivery;
  return {
    id: digestId(['delivery_failed', id]),
    atMs,
    incidentId: subjectId,
    episode,
    revision,
    type: 'delivery_failed',
    actor: 'system',
    reason,
    host: '',
    ruleId: '',
    severity: 'error',
    receiver,
    deliveryId: id,
    error: detail,
    ...(isGroup === true ? { group: { id: subjectId, episode, revision } } : {}),
  };
}

/** The entry of a delivery that nobody gets, because its receiver is no longer configured. */
export function undeliverableEntry(
  delivery: Delivery,
  incident: IncidentBrief,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): ActivityEntry {
  return {
    ...entryOf(delivery, incident, { type: 'delivery_failed', atMs, reason: delivery.reason }),
    error: detail,
  };
}

/** The entry of a delivery that is suppressed or superseded. */
export function skippedEntry(
  delivery: Delivery,
  subject: Exclude<Subject, { readonly kind: 'notify' }>,
  atMs: number,
): ActivityEntry {
  const { incident, reason } = subject;
  if (subject.kind === 'superseded') return entryOf(delivery, incident, { type: 'superseded', atMs, reason });
  return entryOf(delivery, incident, { type: 'suppressed', atMs, reason, discriminator: subject.by });
}

interface EntryParts {
  readonly type: ActivityEntry['type'];
  readonly atMs: number;
  readonly reason: string;
  readonly discriminator?: string;
}

function entryOf(
  delivery: Delivery,
  incident: IncidentBrief,
  { type, atMs, reason, discriminator }: EntryParts,
): ActivityEntry {
  const { isGroup, subjectId: id, episode, revision, receiver } = delivery;
  const parts = [
    type,
    delivery.id,
    ...(isGroup === true ? [incident.id] : []),
    ...(discriminator === undefined ? [] : [discriminator]),
  ];
  return {
    id: digestId(parts),
    atMs,
    incidentId: incident.id,
    episode: isGroup === true ? incident.episode : episode,
    revision: isGroup === true ? incident.revision : revision,
    type,
    actor: 'system',
    reason,
    host: incident.entity.host,
    ruleId: incident.entity.ruleId,
    severity: incident.severity,
    receiver,
    deliveryId: delivery.id,
    ...(isGroup === true ? { group: { id, episode, revision } } : {}),
  };
}
