// The activity entries about the outcome of deliveries. Pure; an entry written twice is one.
import { digestId } from '../../../shared/contracts/ids.ts';
import {
  type DeliveryEntry,
  type EntryBase,
  type EntryDelivery,
  type EntryIncident,
  entryIncidentOf,
  type FailedDeliveryEntry,
} from '../../../shared/contracts/activity.ts';
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Settlement } from './notification-log.ts';
import type { Subject } from './notification.ts';
import { type Delivery, entrySubjectOf } from './plan.ts';

/**
 * One entry for each incident that the delivery notified of, or failed to. `isOver`: it is not
 * tried again, so that an unknown outcome counts as failed.
 */
export function settledEntries(
  delivery: Delivery,
  incidents: readonly IncidentBrief[],
  settlement: Settlement & { readonly isOver: boolean },
): DeliveryEntry[] {
  const { atMs } = settlement;
  return incidents.map((incident) => {
    const common = (type: DeliveryEntry['type']) =>
      fieldsOf(delivery, incident, { type, atMs, reason: delivery.reason });
    if (settlement.kind === 'sent')
      return {
        ...common('notified'),
        type: 'notified',
        providerReference: settlement.reference,
        timeToAlertMs: Math.max(0, atMs - delivery.receivedAtMs),
      };
    const error = settlement.detail;
    return settlement.kind === 'unknown' && !settlement.isOver
      ? { ...common('delivery_unknown'), type: 'delivery_unknown', error }
      : { ...common('delivery_failed'), type: 'delivery_failed', error };
  });
}

/** The entry of a delivery that some of its recipients refused for good while others took it. */
export function partlyRefusedEntry(
  delivery: Delivery,
  incident: IncidentBrief,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): DeliveryEntry {
  // Without the delivery's id, because there is nothing to redrive: every reachable recipient has
  // it.
  const { deliveryId: _, ...own } = undeliverableEntry(delivery, incident, { detail, atMs });
  return { ...own, error: `not everybody: ${detail}` };
}

/** The entry of a delivery that a bug ended before its incidents were known. */
export function brokenEntry(
  delivery: Delivery,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): FailedDeliveryEntry {
  const { id, receiver, reason } = delivery;
  return {
    id: digestId(['delivery_failed', id]),
    atMs,
    subject: 'delivery',
    type: 'delivery_failed',
    actor: 'system',
    reason,
    receiver,
    deliveryId: id,
    error: detail,
    ...entrySubjectOf(delivery),
  };
}

/** The entry of a delivery that nobody gets, because its receiver is no longer configured. */
export function undeliverableEntry(
  delivery: Delivery,
  incident: IncidentBrief,
  { detail, ...own }: { readonly detail: string } & Pick<EntryParts, 'atMs' | 'discriminator'>,
): FailedDeliveryEntry {
  const type = 'delivery_failed';
  return { ...fieldsOf(delivery, incident, { ...own, type, reason: delivery.reason }), type, error: detail };
}

/** The entry of a delivery that is suppressed or superseded. */
export function skippedEntry(
  delivery: Delivery,
  subject: Exclude<Subject, { readonly kind: 'notify' }>,
  atMs: number,
): DeliveryEntry {
  const { incident, kind: type, reason } = subject;
  const discriminator = subject.kind === 'suppressed' ? { discriminator: subject.by } : {};
  return { ...fieldsOf(delivery, incident, { type, atMs, reason, ...discriminator }), type };
}

interface EntryParts {
  readonly type: DeliveryEntry['type'];
  readonly atMs: number;
  readonly reason: string;
  readonly discriminator?: string;
}

function fieldsOf(
  delivery: Delivery,
  incident: IncidentBrief,
  { type, atMs, reason, discriminator }: EntryParts,
): EntryBase & EntryIncident & EntryDelivery {
  return {
    id: digestId([type, delivery.id, incident.id, ...(discriminator === undefined ? [] : [discriminator])]),
    atMs,
    subject: 'delivery',
    actor: 'system',
    reason,
    ...entryIncidentOf(incident),
    ...entrySubjectOf(delivery),
    receiver: delivery.receiver,
    deliveryId: delivery.id,
  };
}
