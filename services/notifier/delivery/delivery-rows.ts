// The rows of the action stream that say what became of a delivery. Pure; a row written twice is one.
import { digestId } from '../../../shared/contracts/ids.ts';
import type { Action, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Settlement } from './ledger.ts';
import type { Delivery } from './plan.ts';
import type { Subject } from './subject.ts';

/** A row for each incident that the delivery told of, or failed to tell of. `isOver`: it will not be tried again, so that what is unknown has failed as far as anybody knows. */
export function settledRows(
  delivery: Delivery,
  incidents: readonly IncidentBrief[],
  settlement: Settlement & { readonly isOver: boolean },
): Action[] {
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
    ...rowOf(delivery, incident, { type, at: settlement.atMs, reason: delivery.reason }),
    ...outcome,
  }));
}

/** The row of a delivery that some of its recipients refused for good while others took it. */
export function partlyRefusedRow(
  delivery: Delivery,
  incident: IncidentBrief,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): Action {
  const row = rowOf(delivery, incident, { type: 'delivery_failed', at: atMs, reason: delivery.reason });
  // There is nothing to drive again: who could take it has it.
  const { deliveryId: _, ...own } = row;
  return { ...own, error: `not everybody: ${detail}` };
}

/** The row of a delivery that a bug ended before what it tells of was known; `group` says when `incidentId` is a group's. */
export function brokenRow(
  delivery: Delivery,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): Action {
  const { id, incidentId, isGroup, episode, revision, receiver, reason } = delivery;
  return {
    id: digestId(['delivery_failed', id]),
    at: atMs,
    incidentId,
    episode,
    revision,
    type: 'delivery_failed',
    actor: 'system',
    reason,
    host: '',
    ruleId: '',
    severity: 'error',
    channel: receiver,
    deliveryId: id,
    error: detail,
    ...(isGroup === true ? { group: { id: incidentId, episode, revision } } : {}),
  };
}

/** The row of a delivery that nobody gets, because its receiver is no longer configured. */
export function undeliverableRow(
  delivery: Delivery,
  incident: IncidentBrief,
  { detail, atMs }: { readonly detail: string; readonly atMs: number },
): Action {
  return {
    ...rowOf(delivery, incident, { type: 'delivery_failed', at: atMs, reason: delivery.reason }),
    error: detail,
  };
}

/** The row of a delivery that was held back or is needless by now. */
export function passedRow(
  delivery: Delivery,
  subject: Exclude<Subject, { readonly kind: 'tell' }>,
  at: number,
): Action {
  const { incident, reason } = subject;
  if (subject.kind === 'overtaken') return rowOf(delivery, incident, { type: 'overtaken', at, reason });
  return rowOf(delivery, incident, { type: 'suppressed', at, reason, discriminator: subject.by });
}

interface RowParts {
  readonly type: Action['type'];
  readonly at: number;
  readonly reason: string;
  readonly discriminator?: string;
}

function rowOf(delivery: Delivery, incident: IncidentBrief, { type, at, reason, discriminator }: RowParts): Action {
  const { isGroup, incidentId: id, episode, revision, receiver } = delivery;
  const parts = [
    type,
    delivery.id,
    ...(isGroup === true ? [incident.id] : []),
    ...(discriminator === undefined ? [] : [discriminator]),
  ];
  return {
    id: digestId(parts),
    at,
    incidentId: incident.id,
    episode: isGroup === true ? incident.episode : episode,
    revision: isGroup === true ? incident.revision : revision,
    type,
    actor: 'system',
    reason,
    host: incident.entity.host,
    ruleId: incident.entity.ruleId,
    severity: incident.severity,
    channel: receiver,
    deliveryId: delivery.id,
    ...(isGroup === true ? { group: { id, episode, revision } } : {}),
  };
}
