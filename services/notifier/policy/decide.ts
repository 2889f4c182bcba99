// Who is told about a transition, and why. Pure: one answer with its reason, which is stored.
import type { Incident, Transition } from '../../../shared/contracts/incident.ts';
import type { NotificationReason } from '../../../shared/contracts/notification.ts';
import { escalationsOf } from './due.ts';
import { labelsOf } from './labels.ts';
import type { Labels } from './matcher.ts';
import type { Policy } from './policy.ts';
import { failingReceiverOf } from './receiver-failing.ts';
import { type Routing, routeIncident, type Target } from './route.ts';

/** The answer. `quiet`: nobody has to know. `unrouted`: somebody should be told, but no receiver takes it. */
export type Decision =
  | {
      readonly kind: 'notify';
      readonly targets: readonly Target[];
      /** Receivers told by no route of their own, but since nobody acknowledged in time. */
      readonly escalatedTo: readonly string[];
      readonly labels: Labels;
      readonly reason: NotificationReason;
    }
  | { readonly kind: 'quiet'; readonly reason: string }
  | { readonly kind: 'unrouted'; readonly reason: string };

/** What is told of a transition. A kind that is missing is told to nobody. */
const REASONS: Readonly<Partial<Record<Transition['kind'], NotificationReason>>> = {
  opened: 'opened',
  reopened: 'reopened',
  acknowledged: 'acknowledged',
  escalated: 'escalated',
  snooze_ended: 'repeated',
  resolved: 'resolved',
};

/**
 * Tells the beginning and the end of an episode, and the end of a snooze, to every receiver that the routes lead to; an acknowledgement to those that
 * follow changes; an escalation to its own receivers, which then learn of the end too. Everything else stays quiet.
 */
export function decide(transition: Transition, incident: Incident, policy: Policy): Decision {
  const { kind } = transition;
  const reason = REASONS[kind];
  if (reason === undefined) return { kind: 'quiet', reason: `${kind}: the episode was told already` };
  const labels = labelsOf(incident, policy.labelRules);
  const { targets, passed } = targetsOf(incident, labels, policy);
  const told = kind === 'escalated' ? [] : kind === 'acknowledged' ? targets.filter(followsChanges) : targets;
  const escalatedTo = escalatedReceivers(incident, kind, policy).filter(
    (name) => !told.some(({ receiver }) => receiver === name),
  );
  if (told.length + escalatedTo.length > 0) return { kind: 'notify', targets: told, escalatedTo, labels, reason };
  if (kind !== 'opened' && kind !== 'reopened') return { kind: 'quiet', reason: `${kind}: nobody has to know` };
  const why = policy.candidates.length === 0 ? 'no receiver is configured' : passed.join('; ');
  return { kind: 'unrouted', reason: why };
}

/** Where an incident is told. One about a receiver that fails is not told by that receiver. */
export function targetsOf(incident: Incident, labels: Labels, { root, candidates }: Policy): Routing {
  const { targets, passed } = routeIncident(root, labels, { severity: incident.severity, candidates });
  const failing = failingReceiverOf(incident);
  if (failing === undefined) return { targets, passed };
  return {
    targets: targets.filter(({ receiver }) => receiver !== failing),
    passed: [...passed, `${failing}: it is the receiver that fails`],
  };
}

/** Whether a target is told of each incident at once and once, without a group and its timers. */
export function isImmediate({ grouping }: Pick<Target, 'grouping'>): boolean {
  return grouping.by === 'each' && grouping.waitMs === 0 && grouping.repeatMs === 0;
}

function followsChanges(target: Target): boolean {
  return target.followsChanges;
}

/** For an escalation those of its step; for the end those of all steps that were done. */
function escalatedReceivers(incident: Incident, kind: Transition['kind'], policy: Policy): readonly string[] {
  const done = incident.escalationStep ?? 0;
  if (done === 0 || (kind !== 'escalated' && kind !== 'resolved')) return [];
  const steps = escalationsOf(incident, policy).slice(kind === 'escalated' ? done - 1 : 0, done);
  const failing = failingReceiverOf(incident);
  return [...new Set(steps.flatMap(({ receivers }) => receivers))].filter((name) => name !== failing);
}
