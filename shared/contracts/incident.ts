// An incident, its transitions, and their form on the wire.
import { decodeSnapshot } from './incident-schema.ts';
import type { EventMoment, HostClock } from './moment.ts';
import type { Flapping } from './flapping.ts';
import type { Probe } from './probe.ts';
import type { Decoded, OutRecord, Topic } from './record.ts';
import type { Remediation, Severity, UnfilledRemediation } from './remediation.ts';
import type { StepDone } from './repair-steps.ts';

/** The state of an incident. Stale, silenced and assigned are separate facts. */
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
  /** The host's addresses, where the event has them. */
  readonly addresses?: readonly string[];
  readonly params: Readonly<Record<string, string | number>>;
}

/**
 * A fault that seems to be gone: resolved when it has not come back by `dueAtMs`. Times are epoch
 * milliseconds.
 */
export interface Recovering {
  readonly sinceMs: number;
  readonly dueAtMs: number;
  /** The evidence. */
  readonly reason: string;
  /** Its place in time; missing in snapshots of earlier versions. */
  readonly by?: ClearedBy;
}

/** Evidence that ended an episode: where it stands in time, what it was and who sent it. */
export interface ClearedBy extends EventMoment {
  /** For people, with the sender, e.g. `WMServer event 311 of media01, sent by agent-web`. */
  readonly evidence: string;
  /** Whose clock `atMs` is by; the host's where it does not say. */
  readonly clock?: 'foghorn';
}

/** Who sent events of an incident. */
export interface EventSender {
  /** An authenticated identity where there is one, else the address. */
  readonly name: string;
  /** The program, as it names itself. */
  readonly agent?: string;
}

/** What somebody wrote down about an incident. `id` is that of the command. */
export interface Note {
  readonly id: string;
  readonly atMs: number;
  readonly author: string;
  readonly text: string;
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
  readonly remediation: Remediation | UnfilledRemediation;
  /**
   * By the latest event; missing where the entry declares none, and in snapshots of earlier
   * versions.
   */
  readonly probe?: Probe;
  /** Events of this episode and of all episodes. */
  readonly episodeCount: number;
  readonly totalCount: number;
  /**
   * Of the events, for people: their own times (`@timestamp`), by the host's clock. The latest may
   * have an earlier time than one before, when the clock was set.
   */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /**
   * The latest event's place in time, by which everything is decided (`moment.ts`), and the latest
   * receipt; missing in snapshots of earlier versions.
   */
  readonly latest?: EventMoment;
  readonly lastReceivedMs?: number;
  /** What the events said of their host's clock lately. */
  readonly clock?: HostClock;
  /** Who sent the events of this episode, in order of their first; bounded. */
  readonly senders?: readonly EventSender[];
  /** The message text of the last event, shortened. */
  readonly lastMessage: string;
  readonly lastEventId: string;
  /**
   * The latest event ids counted, and ids of commands done, oldest first, bounded: what a rebuild
   * from Kafka knows of repeats.
   */
  readonly recentEventIds: readonly string[];
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  readonly acknowledgedAtMs?: number;
  readonly resolvedAtMs?: number;
  readonly timeToAcknowledgeMs?: number;
  /** With `resolved`: how long that took in this episode. */
  readonly timeToResolveMs?: number;
  readonly acknowledgedBy?: string;
  readonly resolvedBy?: string;
  /** The own time of the evidence that resolved it; missing when a person resolved it. */
  readonly clearedAtMs?: number;
  readonly clearedBy?: ClearedBy;
  readonly recovering?: Recovering;
  /** Why it was resolved: what the person wrote, or the evidence. */
  readonly resolution?: string;
  /** The steps of the repair that are done, in the order in which they were. */
  readonly stepsDone?: readonly StepDone[];
  /** Who takes care of it. */
  readonly assignee?: string;
  /** Nobody is notified of it until then. */
  readonly snoozedUntilMs?: number;
  /** The latest, oldest first, bounded; of all episodes. */
  readonly notes?: readonly Note[];
  /** The number of escalation steps done in this episode. */
  readonly escalationStep?: number;
  /** When the last step was, epoch milliseconds. */
  readonly escalatedAtMs?: number;
  /** The episode began in a storm of its rule: it is sent together with the others. */
  readonly isInStorm?: true;
  /** No event came for long. Says nothing about the fault: silence is no evidence. */
  readonly staleSinceMs?: number;
  /** When its latest episodes began, oldest first, bounded. */
  readonly beginningsMs?: readonly number[];
  readonly flapping?: Flapping;
  /** The cause that another fault of the host suggests, once one did in this episode. */
  readonly suspectedCause?: string;
}

/** An incident with the text of its remediation filled in, for people. */
export type FilledIncident = Omit<Incident, 'remediation'> & { readonly remediation: Remediation };

/** An incident without its long parts: enough to route, suppress and count it. */
export type IncidentBrief = Omit<Incident, 'remediation' | 'recentEventIds' | 'lastMessage' | 'notes'>;

/** A change of an incident. `actor` is `system`, a user or a service. */
export interface Transition {
  readonly kind:
    | 'opened'
    | 'reopened'
    | 'repeated'
    | 'acknowledged'
    | 'unacknowledged'
    | 'recovering'
    | 'resolved'
    | 'assigned'
    | 'note_added'
    | 'step_done'
    | 'step_undone'
    | 'snoozed'
    | 'snooze_ended'
    | 'escalated'
    | 'stale';
  readonly incidentId: string;
  readonly episode: number;
  readonly revision: number;
  readonly from: IncidentState | 'none';
  readonly to: IncidentState;
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
  /** With `acknowledged`: how long that took in this episode. */
  readonly timeToAcknowledgeMs?: number;
  readonly timeToResolveMs?: number;
}

/**
 * A person's decision that nobody is notified of some incidents for a while. Times are epoch
 * milliseconds.
 */
export interface Silence {
  readonly id: string;
  /** In Alertmanager's form, e.g. `host="media01"`; all have to be true. */
  readonly matchers: readonly string[];
  readonly author: string;
  readonly comment: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Grows by one with each change. */
  readonly revision: number;
}

/**
 * Evidence in `foghorn.alerts` that a fault is gone: an event of the catalogue that clears an
 * entry. It clears the incident `incidentId`, or, where the event does not state which, all
 * incidents of the rule on the host whose parameters agree with `params`.
 */
export interface Clearing {
  readonly kind: 'clearing';
  readonly incidentId?: string;
  readonly ruleId: string;
  readonly host: string;
  readonly params: Readonly<Record<string, string | number>>;
  /** The clearing event's id. */
  readonly eventId: string;
  /** The event's own time and its acceptance at the collector, epoch milliseconds. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  /** Whose clock `atMs` is by: Foghorn's for a probe, else the host's. */
  readonly clock?: 'foghorn';
  /** Where the event stands in its log, and what is known of its host's clock. */
  readonly channel?: string;
  readonly recordId?: string;
  readonly hostClock?: HostClock;
  /** Who sent it, and by which program; see `Arrival`. */
  readonly sender?: string;
  readonly agent?: string;
  /** What the event says, for people, e.g. `WMServer event 311 of media01`. */
  readonly evidence: string;
  /** The fault must not come back for so long. */
  readonly quietForMs?: number;
}

/** Puts evidence on `foghorn.alerts`, behind the alerts of the same incident. */
export function encodeClearing(clearing: Clearing): OutRecord {
  return {
    topic: 'alerts',
    key: clearing.incidentId ?? clearing.host,
    value: JSON.stringify(clearing),
    headers: { id: clearing.eventId },
  };
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

/**
 * An incident that was resolved so long ago that only Elasticsearch knows it; its last revision.
 */
export interface Tombstone {
  readonly kind: 'tombstone';
  readonly id: string;
  readonly revision: number;
}

/** Takes the snapshots of an incident from the compacted topic. */
export function encodeTombstone({ id, revision }: Tombstone): OutRecord {
  return { topic: 'incidents', key: id, value: null, headers: { revision: String(revision) } };
}

/** `foghorn.incidents`; without tombstones of purged incidents. */
export const incidentsTopic: Topic<Incident> = {
  key: 'incidents',
  decode: (record) => {
    const decoded = decodeSnapshot(record);
    return decoded.kind === 'value' && 'kind' in decoded.value ? { kind: 'none' } : (decoded as Decoded<Incident>);
  },
};

/** `foghorn.incidents` with tombstones of purged incidents. */
export const allIncidentsTopic: Topic<Incident | Tombstone> = { key: 'incidents', decode: decodeSnapshot };
