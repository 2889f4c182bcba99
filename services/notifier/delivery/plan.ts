// Plans the results of transitions: activity entries for Kafka, deliveries for the queues, changes
// of groups. Pure.
import { deliveryIdOf, digestId } from '../../../shared/contracts/ids.ts';
import {
  type ActivityEntry,
  type Audience,
  type IncidentEntry,
  transitionEntry,
} from '../../../shared/contracts/activity.ts';
import type { Incident, IncidentBrief, Transition } from '../../../shared/contracts/incident.ts';
import type { Digest, NotificationReason } from '../../../shared/contracts/notification.ts';
import { type Group, groupOf } from '../policy/group.ts';
import type { OutboxEntry } from '../incidents/store.ts';
import { type EpisodeEnd, endOf } from '../incidents/episode-end.ts';
import { type Decision, decide, isImmediate, targetsOf } from '../policy/decide.ts';
import { escalationsOf } from '../policy/due.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import type { Grouping } from '../policy/route.ts';

/**
 * One delivery to be made: ids, numbers and names, no text of an event, because a queue keeps it in
 * clear text.
 */
export interface Delivery {
  /**
   * See `deliveryIdOf`; the job's id. The id of an update of counts is made of its time instead, so
   * that many become one.
   */
  readonly id: string;
  /** The incident's id, with `isGroup` the group's. */
  readonly subjectId: string;
  readonly isGroup?: true;
  readonly episode: number;
  readonly revision: number;
  readonly receiver: string;
  readonly reason: NotificationReason;
  /** When the collector received the event, epoch milliseconds. */
  readonly receivedAtMs: number;
  /** Not to be made before, epoch milliseconds. */
  readonly notBeforeMs?: number;
  /** For the end of an episode. */
  readonly end?: DeliveryEnd;
}

/**
 * The end of an episode of an incident or a group as it was, for a message that may be sent when
 * the next episode has begun.
 */
export interface DeliveryEnd {
  /** The incident that the message shows. */
  readonly incidentId: string;
  readonly incident: EpisodeEnd;
  /** Missing where the message is about one incident. */
  readonly digest?: Digest;
}

/** An incident that joins a group, or ends or changes in it. */
export interface GroupChange {
  readonly group: Group;
  readonly grouping: Grouping;
  readonly kind: 'join' | 'leave' | 'touch';
  readonly incidentId: string;
  readonly episode: number;
  /** The incident's. */
  readonly revision: number;
  /** When the collector received the event behind it, epoch milliseconds. */
  readonly receivedAtMs: number;
}

/** The plan for a list of transitions. */
export interface Plan {
  readonly actions: readonly ActivityEntry[];
  readonly deliveries: readonly Delivery[];
  readonly groupChanges: readonly GroupChange[];
}

/** The most receivers and steps that an entry lists. */
const MAX_LISTED = 100;

/** How often the counts of an edited message are updated. */
const COUNTS_EVERY_MS = 5 * 60_000;

/** Plans outbox entries; `incidentOf` gives the snapshot a transition belongs to. */
export function plan(entries: readonly OutboxEntry[], incidentOf: (id: string) => Incident, policy: Policy): Plan {
  const actions: ActivityEntry[] = [];
  const deliveries: Delivery[] = [];
  const groupChanges: GroupChange[] = [];
  for (const { transition, escalationStep, ...arrival } of entries) {
    const incident = incidentOf(transition.incidentId);
    const entry = entryOf(transition, incident, policy);
    const decision = decide(transition, incident, policy, escalationStep);
    actions.push(entry);
    if (decision.kind === 'unrouted') actions.push(unroutedEntry(entry, decision.reason));
    if (decision.kind !== 'notify') continue;
    const planned = outcomeOf(decision, incident, { ...transition, ...arrival });
    deliveries.push(...planned.deliveries);
    groupChanges.push(...planned.groupChanges);
  }
  return { actions, deliveries, groupChanges };
}

/** The entry of a transition; that of a beginning says who is notified of the episode. */
function entryOf(transition: Transition, incident: Incident, policy: Policy): IncidentEntry {
  const entry = transitionEntry(transition, incident);
  return transition.kind === 'opened' || transition.kind === 'reopened'
    ? { ...entry, audience: audienceOf(incident, policy) }
    : entry;
}

function audienceOf(incident: Incident, policy: Policy): Audience {
  const labels = labelsOf(incident, policy.labelRules);
  const { targets, passed } = targetsOf(incident, labels, policy);
  return {
    receivers: targets.slice(0, MAX_LISTED).map(({ receiver, reason, grouping: { repeatMs } }) => ({
      receiver,
      reason,
      ...(repeatMs === 0 ? {} : { repeatMs }),
    })),
    escalations: escalationsOf(policy.root, labels)
      .slice(0, MAX_LISTED)
      .map(({ afterMs, receivers }) => ({ afterMs, receivers })),
    passed: passed.slice(0, MAX_LISTED),
  };
}

/** The deliveries and group changes that a decision to notify leads to for one incident. */
export function outcomeOf(
  { targets, labels, reason, isCount }: Decision & { readonly kind: 'notify' },
  incident: IncidentBrief,
  {
    episode,
    revision,
    receivedAtMs,
    end,
    atMs,
  }: Pick<Delivery, 'episode' | 'revision' | 'receivedAtMs'> & Pick<OutboxEntry, 'end'> & Pick<Transition, 'atMs'>,
): Omit<Plan, 'actions'> {
  const ended = reason === 'resolved' ? endFor(incident, episode, end) : {};
  const common = { subjectId: incident.id, episode, revision, reason, receivedAtMs, ...ended };
  // The age of the first of many events is no measure of the time that a message takes.
  const dueMs = (Math.floor(atMs / COUNTS_EVERY_MS) + 1) * COUNTS_EVERY_MS;
  const later = isCount === true ? { notBeforeMs: dueMs, receivedAtMs: dueMs } : {};
  const receivers = [...new Set(targets.filter(isImmediate).map(({ receiver }) => receiver))];
  return {
    deliveries: receivers.map((receiver) => deliveryOf({ ...common, ...later, receiver })),
    groupChanges: targets
      .filter((target) => !isImmediate(target))
      .map((target) => ({
        group: groupOf(target, labels, incident),
        grouping: target.grouping,
        kind: changeOf(reason),
        incidentId: incident.id,
        episode,
        revision,
        receivedAtMs,
      })),
  };
}

/** The delivery of an incident's or a group's revision to a receiver. */
export function deliveryOf(parts: Omit<Delivery, 'id'>): Delivery {
  const { subjectId, episode, revision, receiver, notBeforeMs } = parts;
  const own = deliveryIdOf(subjectId, episode, revision, receiver);
  const id = notBeforeMs === undefined ? own : `n-${subjectId}-${episode}-counts${notBeforeMs}-${receiver}`;
  return { ...parts, id };
}

/** The subject of a delivery as activity entries name it. */
export function entrySubjectOf({ subjectId: id, isGroup, episode, revision }: Delivery) {
  return isGroup === true ? { group: { id, episode, revision } } : { incidentId: id, episode, revision };
}

/**
 * From the outbox or, after a rebuild, from the incident, unless that is in its next episode
 * already.
 */
function endFor(incident: IncidentBrief, episode: number, known: EpisodeEnd | undefined): Pick<Delivery, 'end'> {
  const end = known ?? (incident.episode === episode ? endOf(incident) : undefined);
  return end === undefined ? {} : { end: { incidentId: incident.id, incident: end } };
}

function changeOf(reason: NotificationReason): GroupChange['kind'] {
  if (reason === 'opened' || reason === 'reopened' || reason === 'escalated') return 'join';
  return reason === 'resolved' ? 'leave' : 'touch';
}

function unroutedEntry(entry: IncidentEntry, reason: string): IncidentEntry {
  const { incidentId, revision } = entry;
  return { ...entry, id: digestId(['unrouted', incidentId, String(revision)]), type: 'unrouted', reason };
}
