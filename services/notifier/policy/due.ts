// Changes of an incident that are due by time: the end of a quiet time or a snooze, the next step
// of escalation, staleness. Pure; they follow from the snapshot.
import type { Incident } from '../../../shared/contracts/incident.ts';
import {
  endQuiet,
  endSnooze,
  escalate,
  growStale,
  quietSinceMs,
} from '../../../shared/contracts/incident-operations.ts';
import type { Reduced } from '../../../shared/contracts/incident-reducer.ts';
import { showDuration } from '../../../shared/runtime/duration.ts';
import { labelsOf } from './labels.ts';
import type { Labels } from '../../../shared/matchers/matcher.ts';
import type { Policy } from './policy.ts';
import { type Escalation, matchingRoutes, type Route } from './route.ts';

/** The rules. */
export interface DueRules {
  readonly policy: Pick<Policy, 'root' | 'labelRules'>;
  /** After so long without an event an incident is stale. */
  readonly staleAfterMs: number;
  /** So long after its resolution an incident is purged. */
  readonly purgeResolvedAfterMs: number;
}

/** When the next change is due, epoch milliseconds; undefined for never. */
export function dueOf(
  incident: Incident,
  { policy, staleAfterMs, purgeResolvedAfterMs }: DueRules,
): number | undefined {
  if (incident.state === 'resolved') return (incident.resolvedAtMs ?? incident.updatedAtMs) + purgeResolvedAfterMs;
  const { recovering, snoozedUntilMs, staleSinceMs } = incident;
  const times = [
    recovering?.dueAtMs,
    snoozedUntilMs,
    nextEscalation(incident, policy)?.atMs,
    staleSinceMs === undefined ? quietSinceMs(incident) + staleAfterMs : undefined,
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether it has to be purged now. */
export function isPurgeable(incident: Incident, rules: DueRules, nowMs: number): boolean {
  return incident.state === 'resolved' && (dueOf(incident, rules) ?? nowMs) <= nowMs;
}

/** The change that is due, one at a time; undefined when none is. */
export function passTime(incident: Incident, rules: DueRules, nowMs: number): Reduced | undefined {
  return (
    endQuiet(incident, nowMs) ??
    endSnooze(incident, nowMs) ??
    escalateIfDue(incident, rules.policy, nowMs) ??
    growStale(incident, rules.staleAfterMs, nowMs)
  );
}

/**
 * The steps of escalation for an incident with these labels, the earliest first: those of all
 * routes that take it.
 */
export function escalationsOf(root: Route, labels: Labels): readonly Escalation[] {
  const steps = matchingRoutes(root, labels).flatMap(({ escalations }) => escalations);
  return steps.toSorted((left, right) => left.afterMs - right.afterMs);
}

function nextEscalation(
  incident: Incident,
  { root, labelRules }: DueRules['policy'],
): { readonly atMs: number; readonly number: number; readonly step: Escalation } | undefined {
  if (incident.state !== 'open') return undefined;
  const done = incident.escalationStep ?? 0;
  const step = escalationsOf(root, labelsOf(incident, labelRules))[done];
  if (step === undefined) return undefined;
  const atMs = Math.max(incident.openedAtMs + step.afterMs, incident.snoozedUntilMs ?? 0);
  return { atMs, number: done + 1, step };
}

function escalateIfDue(incident: Incident, policy: DueRules['policy'], nowMs: number): Reduced | undefined {
  const next = nextEscalation(incident, policy);
  if (next === undefined || next.atMs > nowMs) return undefined;
  const { afterMs, receivers } = next.step;
  const reason = `not acknowledged within ${showDuration(afterMs)}: step ${next.number}, ${receivers.join(', ')}`;
  return escalate(incident, next.number, { actor: 'system', reason, nowMs });
}
