// What a group notes down of each of its incidents: that its episode was told, or its end, or that it is held back. Pure.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';

/** The episode was told, first by this revision of the group. */
export type ToldMark = `${number}@${number}`;

/** See `ToldMark`. */
export function toldMark({ episode }: Pick<IncidentBrief, 'episode'>, revision: number): ToldMark {
  return `${episode}@${revision}`;
}

/** The end of the episode was told. */
export function overMark({ episode }: Pick<IncidentBrief, 'episode'>): string {
  return `${episode}r`;
}

/** The episode is held back, and by what. */
export function heldMark({ episode }: Pick<IncidentBrief, 'episode'>, by: string): string {
  return `${episode}h${by}`;
}

/** Whether the episode was told, by a revision of the group or one before. */
export function isTold(
  mark: string | undefined,
  { episode }: Pick<IncidentBrief, 'episode'>,
  revision = Infinity,
): boolean {
  const [told, first] = mark?.split('@') ?? [];
  return told === String(episode) && Number(first) <= revision;
}
