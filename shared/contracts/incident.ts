// An incident, the transitions it goes through, the pure reducer from one to the next, and how both lie on the wire.
import { decodeJsonObject, type OutRecord, type Topic } from './record.ts';
import type { Remediation, Severity } from './remediation.ts';

/** The life of an incident. Being stale, silenced or assigned are separate facts. */
export type IncidentState = 'open' | 'acknowledged' | 'resolved';

/** What an incident is about: the rule, the host and the event's own values. */
export interface IncidentEntity {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly reference: string;
  readonly faultClass: string;
  readonly host: string;
  readonly provider: string;
  readonly eventId: number;
  readonly channel?: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** The snapshot of an incident. Times are epoch milliseconds. */
export interface Incident {
  readonly id: string;
  /** Grows by one with each reopening, from 1. */
  readonly episode: number;
  /** Grows by one with each transition, from 1. */
  readonly revision: number;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly entity: IncidentEntity;
  readonly remediation: Remediation;
  /** Events of this episode and of all episodes. */
  readonly episodeCount: number;
  readonly totalCount: number;
  /** Of the events: their own times (`@timestamp`), not their arrival. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** The message text of the last event, shortened. */
  readonly lastMessage: string;
  readonly lastEventId: string;
  /** The latest event ids counted, oldest first, bounded: what a rebuild from Kafka knows of repeats. */
  readonly recentEventIds: readonly string[];
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  readonly acknowledgedAtMs?: number;
  readonly resolvedAtMs?: number;
  readonly timeToAcknowledgeMs?: number;
  readonly timeToResolveMs?: number;
}

/** What happened to an incident. `at` is epoch milliseconds; `actor` is `system`, a user or a service. */
export interface Transition {
  readonly kind: 'opened' | 'reopened' | 'repeated' | 'acknowledged' | 'resolved';
  readonly incidentId: string;
  readonly episode: number;
  readonly revision: number;
  readonly from: IncidentState | 'none';
  readonly to: IncidentState;
  readonly at: number;
  readonly actor: string;
  readonly reason: string;
}

/** One row of the action stream: a transition or what became of a delivery. `id` is deterministic, so a row written twice is one. */
export interface Action {
  readonly id: string;
  readonly at: number;
  readonly incidentId: string;
  readonly episode: number;
  readonly revision: number;
  readonly type: Transition['kind'] | 'notified' | 'delivery_failed' | 'delivery_unknown' | 'suppressed' | 'unrouted';
  readonly actor: string;
  readonly reason: string;
  readonly host: string;
  readonly ruleId: string;
  readonly severity: Severity;
  /** For deliveries: the receiver's name, the provider's reference, how long the alert took from the collector's acceptance. */
  readonly channel?: string;
  readonly providerReference?: string;
  readonly timeToAlertMs?: number;
  readonly error?: string;
}

/** Puts a snapshot on the compacted topic. */
export function encodeIncident(incident: Incident): OutRecord {
  return {
    topic: 'incidents',
    key: incident.id,
    value: JSON.stringify(incident),
    headers: { revision: String(incident.revision) },
  };
}

/** Puts an action on its topic. */
export function encodeAction(action: Action): OutRecord {
  return { topic: 'actions', key: action.incidentId, value: JSON.stringify(action), headers: { id: action.id } };
}

/** `foghorn.incidents`. */
export const incidentsTopic: Topic<Incident> = { key: 'incidents', decode: decodeJsonObject<Incident> };

/** `foghorn.actions`. */
export const actionsTopic: Topic<Action> = { key: 'actions', decode: decodeJsonObject<Action> };
