// Decides who is notified of a transition. Pure: one decision with its reason, which is stored.
import type { IncidentBrief, Transition } from '../../../shared/contracts/incident.ts';
import type { EscalationStep, NotificationReason } from '../../../shared/contracts/notification.ts';
import { escalationsOf } from './due.ts';
import { labelsOf } from './labels.ts';
import type { Labels } from '../../../shared/matchers/matcher.ts';
import type { Policy } from './policy.ts';
import { failingReceiverOf } from './receiver-failing.ts';
import { type Route, type Routing, routeIncident, type Target, targetOf } from './route.ts';

/**
 * The decision. `quiet`: no notification. `unrouted`: a notification is due, but no receiver takes
 * it.
 */
export type Decision =
  | {
      readonly kind: 'notify';
      readonly targets: readonly Target[];
      readonly labels: Labels;
      readonly reason: NotificationReason;
      /** Only the counts have changed: it may wait, and one message covers many changes. */
      readonly isCount?: true;
    }
  | { readonly kind: 'quiet'; readonly reason: string }
  | { readonly kind: 'unrouted'; readonly reason: string };

/** The reason of a notification by the kind of transition. A missing kind notifies nobody. */
const REASONS: Readonly<Partial<Record<Transition['kind'], NotificationReason>>> = {
  opened: 'opened',
  reopened: 'reopened',
  acknowledged: 'acknowledged',
  unacknowledged: 'updated',
  escalated: 'escalated',
  snooze_ended: 'repeated',
  resolved: 'resolved',
};

/** Kinds that notify only where a message is edited. */
const EDITS: ReadonlySet<Transition['kind']> = new Set(['assigned', 'note_added', 'snoozed', 'stale', 'repeated']);

/**
 * Notifies every receiver that the routes lead to of the beginning and the end of an episode, and
 * of the end of a snooze; those that follow changes also of an acknowledgement and its end; the
 * receivers of an escalation of that step, and then of acknowledgement and end; those that edit a
 * message of one incident also of its assignee, notes, snoozing and, at once, its counts.
 * Everything else stays quiet. `steps`: the steps of escalation that were done at the transition.
 */
export function decide(
  transition: Transition,
  incident: IncidentBrief,
  policy: Policy,
  steps = incident.escalationStep ?? 0,
): Decision {
  const { kind } = transition;
  const reason = REASONS[kind] ?? (EDITS.has(kind) && mayEdit(policy) ? 'updated' : undefined);
  if (reason === undefined) return { kind: 'quiet', reason: `${kind}: already notified of this episode` };
  const labels = labelsOf(incident, policy.labelRules);
  const { targets, passed } = targetsOf(incident, labels, policy);
  const chosen = audienceOf(kind, targets, { steps, of: (range) => escalatedTargets(incident, labels, policy, range) });
  if (chosen.length > 0)
    return { kind: 'notify', targets: chosen, labels, reason, ...(kind === 'repeated' ? { isCount: true } : {}) };
  if (kind !== 'opened' && kind !== 'reopened') return { kind: 'quiet', reason: `${kind}: nobody has to know` };
  const why = policy.candidates.length === 0 ? 'no receiver is configured' : passed.join('; ');
  return { kind: 'unrouted', reason: why };
}

/**
 * The targets of an incident. An incident about a failing receiver does not go to that receiver; if
 * no other is left, it goes to all others.
 */
export function targetsOf(
  incident: IncidentBrief,
  labels: Labels,
  { root, fallback, storm, candidates }: Policy,
): Routing {
  const { severity } = incident;
  const tree = incident.isInStorm === true ? (storm ?? root) : root;
  const { targets, passed } = routeIncident(tree, labels, { severity, candidates });
  const failing = failingReceiverOf(incident);
  if (failing === undefined) return { targets, passed };
  const why = [...passed, `${failing}: it is the receiver that fails`];
  const others = candidates.filter(({ name }) => name !== failing);
  const left = targets.filter(({ receiver }) => receiver !== failing);
  if (left.length > 0) return { targets: left, passed: why };
  const { targets: all, passed: more } = routeIncident(fallback, labels, { severity, candidates: others });
  return { targets: all, passed: [...why, ...more] };
}

/**
 * Whether a target is notified of each incident at once and once, without a group and its timers.
 */
export function isImmediate({ grouping }: Pick<Target, 'grouping'>): boolean {
  return grouping.by === 'each' && grouping.waitMs === 0 && grouping.repeatMs === 0;
}

interface Escalated {
  readonly steps: number;
  /** Who is notified by the steps from one to another. */
  readonly of: (range: readonly [number, number]) => readonly Target[];
}

function audienceOf(kind: Transition['kind'], targets: readonly Target[], { steps, of }: Escalated): readonly Target[] {
  if (kind === 'escalated') return of([steps - 1, steps]);
  if (kind === 'acknowledged' || kind === 'unacknowledged')
    return [...targets, ...of([0, steps])].filter(({ followsChanges }) => followsChanges);
  if (EDITS.has(kind))
    return [...targets, ...of([0, steps])].filter((target) => target.editsInPlace && showsOne(target, kind));
  return kind === 'resolved' ? [...targets, ...of([0, steps])] : targets;
}

/**
 * Whether a message of its own shows the change. A message of a group of one shows the counts with
 * its next change.
 */
function showsOne(target: Target, kind: Transition['kind']): boolean {
  return kind === 'repeated' ? isImmediate(target) : target.grouping.by === 'each';
}

/** Most events need no walk through the tree. */
function mayEdit({ candidates }: Policy): boolean {
  return candidates.some(({ editsInPlace }) => editsInPlace === true);
}

/**
 * The step of escalation by which a route notifies of an incident, and who was notified before it.
 * An incident that is notified at once has no route of its own for it: it is the last step done.
 */
export function escalationStepOf(
  incident: IncidentBrief,
  policy: Policy,
  route: Pick<Route, 'key'> | undefined,
): EscalationStep {
  const labels = labelsOf(incident, policy.labelRules);
  const own = escalationsOf(policy.root, labels).findIndex((each) => each.route.key === route?.key);
  const step = own < 0 ? (incident.escalationStep ?? 1) : own + 1;
  const before = [
    ...targetsOf(incident, labels, policy).targets,
    ...escalatedTargets(incident, labels, policy, [0, step - 1]),
  ];
  return { step, unanswered: [...new Set(before.map(({ receiver }) => receiver))] };
}

/** The targets of the steps of escalation in `range`; of all steps done without one. */
export function escalatedTargets(
  incident: IncidentBrief,
  labels: Labels,
  { root, candidates }: Policy,
  [from, to]: readonly [number, number] = [0, incident.escalationStep ?? 0],
): readonly Target[] {
  const failing = failingReceiverOf(incident);
  return escalationsOf(root, labels)
    .slice(Math.max(0, from), to)
    .flatMap(({ route }) => {
      const own = candidates.filter(({ name }) => name !== failing && route.receivers.includes(name));
      return own.map((candidate) => targetOf(candidate, route, route.path));
    });
}
