// Flapping: an incident that opens and resolves again and again is notified once every few hours;
// otherwise nothing is sent until it has been quiet, and then its state. Pure.
import type { Flapping } from '../../../shared/contracts/flapping.ts';
import type { Incident, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Suppression } from './suppress.ts';

/**
 * The limits of flapping: the episodes that begin within a time, and the quiet time until the next
 * notification. `episodes` 0: never.
 */
export interface FlappingSettings {
  readonly episodes: number;
  readonly withinMs: number;
  readonly quietForMs: number;
}

/** The fields that decide about flapping. */
export type FlappingFacts = Pick<IncidentBrief, 'episode' | 'state' | 'flapping' | 'openedAtMs' | 'resolvedAtMs'>;

const MINUTE_MS = 60_000;
/** As often as Alertmanager repeats a notification. */
const REMIND_AFTER_MS = 4 * 60 * MINUTE_MS;

/** The incident with the beginnings of its episodes updated, when one has just begun. */
export function noteBeginning(
  from: Incident | undefined,
  to: Incident,
  { episodes, withinMs, quietForMs }: FlappingSettings,
): Incident {
  if (episodes === 0 || (from !== undefined && to.episode <= from.episode)) return to;
  const nowMs = to.openedAtMs;
  const beginningsMs = [...(from?.beginningsMs ?? []), nowMs].filter((ms) => ms > nowMs - withinMs).slice(-episodes);
  const before = from?.flapping;
  const isStill = before !== undefined && from !== undefined && nowMs < quietAtMs(from, before);
  if (isStill) return { ...to, beginningsMs, flapping: stillFlapping(before, to) };
  if (beginningsMs.length < episodes) return { ...to, beginningsMs };
  const [sinceMs = nowMs] = beginningsMs;
  return { ...to, beginningsMs, flapping: { sinceMs, episode: to.episode, count: episodes, quietForMs } };
}

/**
 * An incident that never gets quiet is notified again after a while: somebody may make it flap to
 * hide a fault.
 */
function stillFlapping(before: Flapping, { episode, openedAtMs }: Incident): Flapping {
  const isDue = openedAtMs - (before.remindedMs ?? before.sinceMs) >= REMIND_AFTER_MS;
  return { ...before, count: before.count + 1, ...(isDue ? { episode, remindedMs: openedAtMs } : {}) };
}

/**
 * Whether an incident is suppressed because it flaps. The episode with which flapping began is
 * notified while it is open: its message mentions the flapping.
 */
export function checkFlapping(
  { episode, state }: Pick<FlappingFacts, 'episode' | 'state'>,
  now: Pick<FlappingFacts, 'flapping' | 'openedAtMs' | 'resolvedAtMs'>,
  nowMs: number,
): Suppression {
  const { flapping } = now;
  if (flapping === undefined || episode < flapping.episode) return { kind: 'notify' };
  if (episode === flapping.episode && state !== 'resolved') return { kind: 'notify' };
  const againAtMs = quietAtMs(now, flapping);
  if (nowMs >= againAtMs) return { kind: 'notify' };
  const since = new Date(flapping.sinceMs).toISOString();
  const minutes = Math.ceil(flapping.quietForMs / MINUTE_MS);
  const reason = `flapping: it has begun ${flapping.count} times since ${since}; the next message comes when it has been quiet for ${minutes} min`;
  return { kind: 'suppressed', by: 'flapping', reason, againAtMs };
}

/** An incident open for so long counts as quiet; its later end begins no new quiet time. */
function quietAtMs(
  { openedAtMs, resolvedAtMs = 0 }: Pick<IncidentBrief, 'openedAtMs' | 'resolvedAtMs'>,
  { quietForMs }: Flapping,
): number {
  const isQuietBefore = resolvedAtMs - openedAtMs >= quietForMs;
  return (isQuietBefore ? openedAtMs : Math.max(openedAtMs, resolvedAtMs)) + quietForMs;
}
