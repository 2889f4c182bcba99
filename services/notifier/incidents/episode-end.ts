// The result of an episode, kept with the message about its end: that may be sent when the next
// episode has begun, and the incident shows that one by then. Pure.
import type { Incident, IncidentBrief } from '../../../shared/contracts/incident.ts';

const KEPT = [
  'episode',
  'revision',
  'episodeCount',
  'firstSeenMs',
  'lastSeenMs',
  'openedAtMs',
  'updatedAtMs',
  'acknowledgedAtMs',
  'resolvedAtMs',
  'timeToAcknowledgeMs',
  'timeToResolveMs',
  'acknowledgedBy',
  'resolvedBy',
  'assignee',
  'senders',
] as const;

const OF_NOW = ['recovering', 'snoozedUntilMs', 'escalationStep', 'escalatedAtMs', 'staleSinceMs'] as const;

/** Counts, times and who did it; no text of an event, because a queue keeps it in clear text. */
export type EpisodeEnd = Pick<Incident, (typeof KEPT)[number]>;

/** The end of the episode that an incident is in. */
export function endOf(incident: IncidentBrief): EpisodeEnd {
  const kept = KEPT.filter((name) => incident[name] !== undefined).map((name) => [name, incident[name]]);
  return Object.fromEntries(kept) as EpisodeEnd;
}

/** The incident as it was at that end. */
export function asItEnded(incident: Incident, end: EpisodeEnd): Incident {
  const gone: ReadonlySet<string> = new Set([...KEPT, ...OF_NOW]);
  const remaining = Object.fromEntries(Object.entries(incident).filter(([name]) => !gone.has(name)));
  return { ...(remaining as unknown as Incident), ...end, state: 'resolved' };
}
