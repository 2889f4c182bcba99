// Explains who would be notified of an incident with these labels, for people who write routes.
// Pure.
import { SEVERITIES, type Severity } from '../../../shared/contracts/remediation.ts';
import { isImmediate } from './decide.ts';
import { escalationsOf } from './due.ts';
import { showDuration } from '../../../shared/runtime/duration.ts';
import { addLabels } from './labels.ts';
import type { Labels } from '../../../shared/matchers/matcher.ts';
import type { Policy } from './policy.ts';
import { type Escalation, routeIncident, type Target } from './route.ts';
import type { ActiveSilence } from './silence.ts';
import { checkSuppression, type Suppression } from './suppress.ts';

/** One receiver that would be notified. */
export interface ExplainedTarget {
  readonly receiver: string;
  /** The route that leads there, with its matchers. */
  readonly reason: string;
  /** How it is notified, e.g. `at once, by itself`. */
  readonly how: string;
  /** Whether it would be notified now. */
  readonly now: Suppression;
}

/** The answer. */
export interface RouteExplanation {
  /** With those that the configuration adds. */
  readonly labels: Labels;
  readonly targets: readonly ExplainedTarget[];
  /** The reason for each receiver on the way that is not notified. */
  readonly passed: readonly string[];
  readonly escalations: readonly Pick<Escalation, 'afterMs' | 'receivers'>[];
}

/**
 * Explains, for a moment (epoch milliseconds) and these silences; inhibition depends on other
 * incidents and is left out. A missing or unknown severity counts as error.
 */
export function explainRoute(
  policy: Policy,
  labels: Labels,
  nowMs: number,
  silences: readonly ActiveSilence[] = [],
): RouteExplanation {
  const full = addLabels(labels, policy.labelRules);
  const severity = SEVERITIES.find((known): known is Severity => known === full['severity']) ?? 'error';
  const { targets, passed } = routeIncident(policy.root, full, { severity, candidates: policy.candidates });
  const explained = targets.map((target): ExplainedTarget => {
    const { receiver, reason, route } = target;
    const now = checkSuppression({
      labels: full,
      route,
      intervals: policy.intervals,
      silences,
      inhibitors: [],
      nowMs,
    });
    return { receiver, reason, how: howOf(target, policy), now };
  });
  const escalations = escalationsOf(policy.root, full).map(({ afterMs, receivers }) => ({ afterMs, receivers }));
  return { labels: full, targets: explained, passed, escalations };
}

function howOf(target: Target, { storm }: Policy): string {
  const { by, waitMs, intervalMs, repeatMs } = target.grouping;
  const repeated = repeatMs === 0 ? '' : `, again every ${showDuration(repeatMs)}`;
  if (isImmediate(target))
    return `at once, each incident by itself${storm === undefined ? '' : ', a storm of one rule together'}`;
  if (by === 'each')
    return `each incident by itself${waitMs === 0 ? ', at once' : ` after ${showDuration(waitMs)}`}${repeated}`;
  const labels = by.length === 0 ? 'all together' : `grouped by ${by.join(', ')}`;
  return `${labels}, after ${showDuration(waitMs)}, news every ${showDuration(intervalMs)}${repeated}`;
}
