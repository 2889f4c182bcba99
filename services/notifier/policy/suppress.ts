// Whether something may be told now, asked when it is about to be sent: inhibited, outside the active times, muted, silenced, snoozed, in this order. Pure.
import { type InhibitRule, inhibits } from './inhibit.ts';
import { type Labels, showMatchers } from './matcher.ts';
import type { Route } from './route.ts';
import { type ActiveSilence, silencedBy } from './silence.ts';
import { isWithin, nextChangeMs, type TimeInterval } from './time-interval.ts';

/** What holds a message back. */
export type SuppressedBy =
  | 'inhibition'
  | 'active_time_intervals'
  | 'mute_time_intervals'
  | 'silence'
  | 'snooze'
  | 'flapping';

/** The answer. `againAtMs`: when to ask again. */
export type Suppression =
  | { readonly kind: 'notify' }
  | { readonly kind: 'suppressed'; readonly by: SuppressedBy; readonly reason: string; readonly againAtMs: number };

/** An active incident that may hide others by a rule. */
export interface Inhibitor {
  readonly incidentId: string;
  readonly rule: InhibitRule;
  readonly labels: Labels;
}

/** What is known when the question is asked. */
export interface SuppressionFacts {
  readonly labels: Labels;
  /** The route that sends it; undefined when the configuration has none for it any more. */
  readonly route: Pick<Route, 'path' | 'muteTimeIntervals' | 'activeTimeIntervals'> | undefined;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  readonly silences: readonly ActiveSilence[];
  readonly inhibitors: readonly Inhibitor[];
  readonly snoozedUntilMs?: number | undefined;
  readonly nowMs: number;
}

/** What can end at any moment is looked at again this soon. */
const LOOK_AGAIN_MS = 30_000;
/** Intervals end at full minutes; looking further ahead costs more than asking again. */
const LOOK_AHEAD_MS = 60 * 60 * 1000;

/** Asks the questions. */
export function checkSuppression(facts: SuppressionFacts): Suppression {
  const { labels, silences, inhibitors, nowMs } = facts;
  for (const { incidentId, rule, labels: source } of inhibitors) {
    if (!inhibits(rule, source, labels)) continue;
    const reason = `hidden by incident ${incidentId} (${source['alertname'] ?? ''} on ${source['host'] ?? ''}), ${rule.name} ${showMatchers(rule.sourceMatchers)}`;
    return { kind: 'suppressed', by: 'inhibition', reason, againAtMs: nowMs + LOOK_AGAIN_MS };
  }
  const byTime = checkTimes(facts);
  if (byTime.kind === 'suppressed') return byTime;
  const silenced = silencedBy(silences, labels, nowMs);
  if (silenced === undefined) return checkSnooze(facts);
  // It may be ended early, or another may follow it.
  const againAtMs = Math.min(silenced.silence.endsAtMs, nowMs + LOOK_AGAIN_MS);
  return { kind: 'suppressed', by: 'silence', reason: silenced.reason, againAtMs };
}

function checkSnooze({ snoozedUntilMs, nowMs }: SuppressionFacts): Suppression {
  if (snoozedUntilMs === undefined || snoozedUntilMs <= nowMs) return { kind: 'notify' };
  const reason = `snoozed until ${new Date(snoozedUntilMs).toISOString()}`;
  return { kind: 'suppressed', by: 'snooze', reason, againAtMs: Math.min(snoozedUntilMs, nowMs + LOOK_AGAIN_MS) };
}

/** Only the two questions about the time. */
export function checkTimes({
  route,
  intervals,
  nowMs,
}: Pick<SuppressionFacts, 'route' | 'intervals' | 'nowMs'>): Suppression {
  if (route === undefined) return { kind: 'notify' };
  const isInOneOf = (names: readonly string[], atMs: number): string | undefined =>
    names.find((name) => {
      const interval = intervals.get(name);
      return interval !== undefined && isWithin(interval, atMs);
    });
  const isNotified = (atMs: number): boolean =>
    (route.activeTimeIntervals.length === 0 || isInOneOf(route.activeTimeIntervals, atMs) !== undefined) &&
    isInOneOf(route.muteTimeIntervals, atMs) === undefined;
  if (isNotified(nowMs)) return { kind: 'notify' };
  const againAtMs = nextChangeMs(isNotified, nowMs, LOOK_AHEAD_MS) ?? nowMs + LOOK_AHEAD_MS;
  const muted = isInOneOf(route.muteTimeIntervals, nowMs);
  if (muted !== undefined)
    return {
      kind: 'suppressed',
      by: 'mute_time_intervals',
      reason: `${route.path} is mute in the interval ${muted}`,
      againAtMs,
    };
  const names = route.activeTimeIntervals.join(', ');
  return {
    kind: 'suppressed',
    by: 'active_time_intervals',
    reason: `${route.path} is active only in ${names}`,
    againAtMs,
  };
}
