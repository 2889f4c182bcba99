// The mark that a group has for each of its incidents: episode notified, end notified, or
// suppressed. Pure.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';

/** The episode was notified, first by this revision of the group. */
type NotifiedMark = `${number}@${number}`;

/** See `NotifiedMark`. */
export function notifiedMark({ episode }: Pick<IncidentBrief, 'episode'>, revision: number): NotifiedMark {
  return `${episode}@${revision}`;
}

/** The end of the episode was notified. */
export function endMark({ episode }: Pick<IncidentBrief, 'episode'>): string {
  return `${episode}r`;
}

/** The episode is suppressed, with the cause. */
export function suppressedMark({ episode }: Pick<IncidentBrief, 'episode'>, by: string): string {
  return `${episode}h${by}`;
}

/** Whether the episode was notified, by a revision of the group or one before. */
export function isNotified(
  mark: string | undefined,
  { episode }: Pick<IncidentBrief, 'episode'>,
  revision = Infinity,
): boolean {
  const [markedEpisode, first] = mark?.split('@') ?? [];
  return markedEpisode === String(episode) && Number(first) <= revision;
}
