// Who is told about a transition, and why. Pure: one answer with its reason, which is stored.
import type { Incident, Transition } from '../../../shared/contracts/incident.ts';
import type { NotificationReason } from '../../../shared/contracts/notification.ts';
import { SEVERITIES, type Severity } from '../../../shared/contracts/remediation.ts';

/** A receiver as far as policy is concerned. */
export interface Candidate {
  readonly name: string;
  readonly minSeverity: Severity;
}

/** The answer. `quiet`: nobody has to know. `unrouted`: somebody should be told, but no receiver takes it. */
export type Decision =
  | { readonly kind: 'notify'; readonly receivers: readonly string[]; readonly reason: NotificationReason }
  | { readonly kind: 'quiet'; readonly reason: string }
  | { readonly kind: 'unrouted'; readonly reason: string };

/** Tells the beginning of an episode to every receiver whose severity floor lets it through; everything else stays quiet. */
export function decide(transition: Transition, incident: Incident, candidates: readonly Candidate[]): Decision {
  const { kind } = transition;
  if (kind !== 'opened' && kind !== 'reopened')
    return { kind: 'quiet', reason: `${kind}: the episode was told already` };
  const receivers = candidates
    .filter(({ minSeverity }) => rank(incident.severity) >= rank(minSeverity))
    .map(({ name }) => name);
  if (receivers.length > 0) return { kind: 'notify', receivers, reason: kind };
  const why = candidates.length === 0 ? 'no receiver is configured' : `no receiver takes severity ${incident.severity}`;
  return { kind: 'unrouted', reason: why };
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
