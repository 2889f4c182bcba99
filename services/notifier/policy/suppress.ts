// Whether a notification may be sent now, checked just before sending: one ordered list of
// questions. Pure.
import { checkFlapping, type FlappingFacts } from './flapping.ts';
import { type InhibitRule, inhibits } from './inhibit.ts';
import { type Labels, showMatchers } from '../../../shared/matchers/matcher.ts';
import type { Route } from './route.ts';
import { type ActiveSilence, silencedBy } from './silence.ts';
import { isWithin, nextChangeMs, type TimeInterval } from './time-interval.ts';

/** The cause of a suppression. */
export type SuppressedBy =
  | 'inhibition'
  | 'active_time_intervals'
  | 'mute_time_intervals'
  | 'silence'
  | 'snooze'
  | 'flapping';

/** A suppression: its cause, and when to check again. */
export interface Suppressed {
  readonly kind: 'suppressed';
  readonly by: SuppressedBy;
  readonly reason: string;
  readonly againAtMs: number;
}

/** The answer. */
export type Suppression = { readonly kind: 'notify' } | Suppressed;

/** An active incident that may hide others by a rule. */
export interface Inhibitor {
  readonly incidentId: string;
  readonly rule: InhibitRule;
  readonly labels: Labels;
}

/** The facts for the questions. */
export interface SuppressionFacts {
  readonly labels: Labels;
  /** The route that sends it; undefined when the configuration no longer has it. */
  readonly route: Pick<Route, 'path' | 'muteTimeIntervals' | 'activeTimeIntervals'> | undefined;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  readonly silences: readonly ActiveSilence[];
  readonly inhibitors: readonly Inhibitor[];
  readonly snoozedUntilMs?: number | undefined;
  /**
   * The incident, maybe as one of its earlier episodes, and as it is now; missing where flapping
   * does not matter.
   */
  readonly flapping?: { readonly incident: FlappingFacts; readonly now: FlappingFacts };
  /** A notification that this does not suppress. */
  readonly exempt?: SuppressedBy | undefined;
  readonly nowMs: number;
}

/** How soon a suppression that can end at any moment is checked again. */
const LOOK_AGAIN_MS = 30_000;
/** Intervals end at full minutes; looking further ahead costs more than checking again. */
const LOOK_AHEAD_MS = 60 * 60 * 1000;

/** One question: the suppression, or undefined. */
type Question = (facts: SuppressionFacts) => Suppressed | undefined;

/**
 * The questions in their order; the first that suppresses is the answer. Before them the
 * notification log decides whether another process sends, or has sent, this or a later message
 * (deduplication); after them come the receiver's rate limit and sending: delivery/deliver.ts.
 */
const QUESTIONS: Readonly<Record<string, Question>> = { inhibition, times, silence, snooze, flapping };

/** Asks the questions. */
export function checkSuppression(facts: SuppressionFacts): Suppression {
  for (const question of Object.values(QUESTIONS)) {
    const answer = question(facts);
    if (answer !== undefined) return answer.by === facts.exempt ? { kind: 'notify' } : answer;
  }
  return { kind: 'notify' };
}

function inhibition({ labels, inhibitors, nowMs }: SuppressionFacts): Suppressed | undefined {
  const found = inhibitors.find(({ rule, labels: source }) => inhibits(rule, source, labels));
  if (found === undefined) return undefined;
  const { incidentId, rule, labels: source } = found;
  const reason = `hidden by incident ${incidentId} (${source['alertname'] ?? ''} on ${source['host'] ?? ''}), ${rule.name} ${showMatchers(rule.sourceMatchers)}`;
  return { kind: 'suppressed', by: 'inhibition', reason, againAtMs: nowMs + LOOK_AGAIN_MS };
}

function times({ route, intervals, nowMs }: SuppressionFacts): Suppressed | undefined {
  if (route === undefined) return undefined;
  const isInOneOf = (names: readonly string[], atMs: number): string | undefined =>
    names.find((name) => {
      const interval = intervals.get(name);
      return interval !== undefined && isWithin(interval, atMs);
    });
  const isActive = (atMs: number): boolean =>
    (route.activeTimeIntervals.length === 0 || isInOneOf(route.activeTimeIntervals, atMs) !== undefined) &&
    isInOneOf(route.muteTimeIntervals, atMs) === undefined;
  if (isActive(nowMs)) return undefined;
  const againAtMs = nextChangeMs(isActive, nowMs, LOOK_AHEAD_MS) ?? nowMs + LOOK_AHEAD_MS;
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

function silence({ labels, silences, nowMs }: SuppressionFacts): Suppressed | undefined {
  const silenced = silencedBy(silences, labels, nowMs);
  if (silenced === undefined) return undefined;
  // The silence may be ended early, or another may follow it.
  const againAtMs = Math.min(silenced.silence.endsAtMs, nowMs + LOOK_AGAIN_MS);
  return { kind: 'suppressed', by: 'silence', reason: silenced.reason, againAtMs };
}

function snooze({ snoozedUntilMs, nowMs }: SuppressionFacts): Suppressed | undefined {
  if (snoozedUntilMs === undefined || snoozedUntilMs <= nowMs) return undefined;
  const reason = `snoozed until ${new Date(snoozedUntilMs).toISOString()}`;
  return { kind: 'suppressed', by: 'snooze', reason, againAtMs: Math.min(snoozedUntilMs, nowMs + LOOK_AGAIN_MS) };
}

function flapping({ flapping: facts, nowMs }: SuppressionFacts): Suppressed | undefined {
  const answer = facts === undefined ? undefined : checkFlapping(facts.incident, facts.now, nowMs);
  return answer?.kind === 'suppressed' ? answer : undefined;
}
