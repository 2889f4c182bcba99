// Who is told about a transition, and why. Pure: one answer with its reason, which is stored.
import type { Incident, Transition } from '../../../shared/contracts/incident.ts';
import type { NotificationReason } from '../../../shared/contracts/notification.ts';
import { type Labels, labelsOf } from './labels.ts';
import type { Policy } from './policy.ts';
import { routeIncident, type Target } from './route.ts';

/** The answer. `quiet`: nobody has to know. `unrouted`: somebody should be told, but no receiver takes it. */
export type Decision =
  | {
      readonly kind: 'notify';
      readonly targets: readonly Target[];
      readonly labels: Labels;
      readonly reason: NotificationReason & Transition['kind'];
    }
  | { readonly kind: 'quiet'; readonly reason: string }
  | { readonly kind: 'unrouted'; readonly reason: string };

/** Tells the beginning and the end of an episode to every receiver that the routes lead to; everything else stays quiet. */
export function decide(transition: Transition, incident: Incident, policy: Policy): Decision {
  const { kind } = transition;
  if (kind !== 'opened' && kind !== 'reopened' && kind !== 'resolved')
    return { kind: 'quiet', reason: `${kind}: the episode was told already` };
  const labels = labelsOf(incident, policy.labelRules);
  const { targets, passed } = targetsOf(incident, labels, policy);
  if (targets.length > 0) return { kind: 'notify', targets, labels, reason: kind };
  if (kind === 'resolved') return { kind: 'quiet', reason: 'resolved: nobody was told of the episode' };
  const why = policy.candidates.length === 0 ? 'no receiver is configured' : passed.join('; ');
  return { kind: 'unrouted', reason: why };
}

/** Where an incident is told. */
export function targetsOf(
  incident: Incident,
  labels: Labels,
  { root, candidates }: Policy,
): ReturnType<typeof routeIncident> {
  return routeIncident(root, labels, { severity: incident.severity, candidates });
}

/** Whether a target is told of each incident at once and once, without a group and its timers. */
export function isImmediate({ route: { grouping } }: Target): boolean {
  return grouping.by === 'each' && grouping.waitMs === 0 && grouping.repeatMs === 0;
}
