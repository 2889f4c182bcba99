// The activity log: one entry for each transition of an incident, each outcome of a delivery, each
// change of a silence and each command that left nothing else.
import { activityEntry } from './activity-schema.ts';
import { digestId } from './ids.ts';
import type { Incident, Silence, Transition } from './incident.ts';
import type { OutRecord, Topic } from './record.ts';
import type { Severity } from './remediation.ts';
import { decodeBySchema } from './schema.ts';

/** What every entry has. */
export interface EntryBase {
  /** Deterministic, so that an entry written twice is one. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** `system`, a user or a service. */
  readonly actor: string;
  readonly reason: string;
  /** The command that led to it. */
  readonly commandId?: string;
}

/** The incident of an entry, as it was at that time. */
export interface EntryIncident {
  readonly incidentId: string;
  readonly episode: number;
  readonly revision: number;
  readonly host: string;
  readonly ruleId: string;
  readonly severity: Severity;
}

/** A group's message. */
interface EntryGroup {
  readonly id: string;
  readonly episode: number;
  readonly revision: number;
}

/**
 * Who is notified of an episode, as the routes said when it began: the receivers, the steps of
 * escalation for as long as nobody acknowledges it, and why other receivers are passed over.
 */
export interface Audience {
  readonly receivers: readonly {
    readonly receiver: string;
    /** The route that leads there, with its matchers. */
    readonly reason: string;
    /** It is notified again so often while the incident is unresolved; missing for never. */
    readonly repeatMs?: number;
  }[];
  readonly escalations: readonly {
    /** After the beginning of the episode. */
    readonly afterMs: number;
    readonly receivers: readonly string[];
  }[];
  readonly passed: readonly string[];
}

/**
 * A transition of an incident. `unrouted`: no receiver takes it; `purged`: resolved long ago, and
 * from then on in Elasticsearch alone.
 */
export interface IncidentEntry extends EntryBase, EntryIncident {
  readonly subject: 'incident';
  readonly type: Transition['kind'] | 'unrouted' | 'purged';
  readonly ruleName?: string;
  readonly faultClass?: string;
  /** Of `acknowledged`: how long that took in this episode. */
  readonly timeToAcknowledgeMs?: number;
  /** Of `resolved`: how long that took in this episode. */
  readonly timeToResolveMs?: number;
  /** Of `opened` and `reopened`. */
  readonly audience?: Audience;
}

/** The delivery of an entry. */
export interface EntryDelivery {
  readonly subject: 'delivery';
  /** The receiver's name in the configuration. */
  readonly receiver: string;
  /** See `deliveryIdOf`; what a redrive names. */
  readonly deliveryId?: string;
  /** The group's message that the incident was part of. */
  readonly group?: EntryGroup;
}

/** An incident that a receiver was notified of. */
export interface NotifiedEntry extends EntryBase, EntryIncident, EntryDelivery {
  readonly type: 'notified';
  readonly providerReference?: string;
  /** From the collector's acceptance. */
  readonly timeToAlertMs?: number;
}

/**
 * An incident that a receiver was not notified of: `suppressed` for now; `superseded` by a later
 * revision; `delivery_unknown`: it may have arrived.
 */
export interface NotNotifiedEntry extends EntryBase, EntryIncident, EntryDelivery {
  readonly type: 'suppressed' | 'superseded' | 'delivery_unknown';
  readonly error?: string;
}

/**
 * A delivery that failed for good. The incident is missing, or only its id and place are known,
 * where a bug ended the delivery before the incident was read.
 */
export interface FailedDeliveryEntry extends EntryBase, Partial<EntryIncident>, EntryDelivery {
  readonly type: 'delivery_failed';
  readonly error?: string;
}

/** An outcome of a delivery. */
export type DeliveryEntry = NotifiedEntry | NotNotifiedEntry | FailedDeliveryEntry;

/** A silence as somebody made or changed it. */
export interface SilenceEntry extends EntryBase {
  readonly subject: 'silence';
  readonly type: 'silence_created' | 'silence_changed';
  readonly silence: Silence;
}

/**
 * A command that changed no incident and no silence; of `probed` the reason is the answer of the
 * port. The incident, group, silence or receiver is the one that it named.
 */
export interface CommandEntry extends EntryBase, Partial<EntryIncident> {
  readonly subject: 'command';
  readonly type: 'refused' | 'redelivered' | 'probed';
  readonly commandId: string;
  readonly groupId?: string;
  readonly silenceId?: string;
  readonly receiver?: string;
}

/** An entry of the activity log. */
export type ActivityEntry = IncidentEntry | DeliveryEntry | SilenceEntry | CommandEntry;

/** The fields of an entry of any subject, for what shows or stores all of them alike. */
export interface EntryFields extends EntryBase, Partial<EntryIncident> {
  readonly subject: ActivityEntry['subject'];
  readonly type: ActivityEntry['type'];
  readonly ruleName?: string;
  readonly faultClass?: string;
  readonly timeToAcknowledgeMs?: number;
  readonly timeToResolveMs?: number;
  readonly audience?: Audience;
  readonly receiver?: string;
  readonly deliveryId?: string;
  readonly group?: EntryGroup;
  readonly providerReference?: string;
  readonly timeToAlertMs?: number;
  readonly error?: string;
  readonly silence?: Silence;
  readonly silenceId?: string;
  readonly groupId?: string;
}

/** What `entryIncidentOf` reads of an incident. */
type EntryIncidentSource = Pick<Incident, 'id' | 'episode' | 'revision' | 'severity'> & {
  readonly entity: Pick<Incident['entity'], 'host' | 'ruleId'>;
};

/** An incident as entries have it. */
export function entryIncidentOf({ id, episode, revision, severity, entity }: EntryIncidentSource): EntryIncident {
  return { incidentId: id, episode, revision, host: entity.host, ruleId: entity.ruleId, severity };
}

/** The entry of a transition; the same transition always has the same id. */
export function transitionEntry(transition: Transition, { severity, entity }: Incident): IncidentEntry {
  const { incidentId, episode, revision, kind, atMs, actor, reason, from: _, to: __, ...times } = transition;
  return {
    id: digestId(['transition', incidentId, String(revision)]),
    atMs,
    subject: 'incident',
    type: kind,
    actor,
    reason,
    incidentId,
    episode,
    revision,
    host: entity.host,
    ruleId: entity.ruleId,
    severity,
    ruleName: entity.ruleName,
    faultClass: entity.faultClass,
    ...times,
  };
}

/** Puts an entry on its topic, those about one incident, group, silence or receiver in order. */
export function encodeActivityEntry(entry: ActivityEntry): OutRecord {
  return { topic: 'actions', key: keyOf(entry), value: JSON.stringify(entry), headers: { id: entry.id } };
}

function keyOf(entry: ActivityEntry): string {
  if (entry.subject === 'silence') return entry.silence.id;
  if (entry.incidentId !== undefined) return entry.incidentId;
  if (entry.subject === 'command') return entry.groupId ?? entry.silenceId ?? entry.receiver ?? entry.commandId;
  return entry.subject === 'delivery' ? (entry.group?.id ?? entry.receiver) : entry.id;
}

/** `foghorn.actions`. */
export const activityTopic: Topic<ActivityEntry> = {
  key: 'actions',
  decode: (record) => decodeBySchema(activityEntry, record),
};
