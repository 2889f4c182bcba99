// The timeline as it is read, with what the live stream has reported since. Pure.
import type { ActivityEntryView, IncidentDetail, LiveEntry } from '../api/types.ts';

/** An entry of the stream as the API shows it. */
export function entryViewOf(entry: LiveEntry): ActivityEntryView {
  const { id, atMs, type, actor, reason, episode = 0, revision = 0 } = entry;
  const { receiver, deliveryId, providerReference, timeToAlertMs, error } = entry;
  return {
    id,
    at: new Date(atMs).toISOString(),
    type,
    actor,
    reason,
    episode,
    revision,
    ...(receiver === undefined ? {} : { receiver }),
    ...(deliveryId === undefined ? {} : { deliveryId }),
    ...(providerReference === undefined ? {} : { providerReference }),
    ...(timeToAlertMs === undefined ? {} : { timeToAlertMs }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Each entry once, oldest first. */
export function mergedTimeline(
  { timeline, timelineTotal }: Pick<IncidentDetail, 'timeline' | 'timelineTotal'>,
  live: readonly ActivityEntryView[],
): { readonly timeline: readonly ActivityEntryView[]; readonly total: number } {
  const known = new Set(timeline.map(({ id }) => id));
  const unread = new Map(live.flatMap((entry) => (known.has(entry.id) ? [] : [[entry.id, entry] as const])));
  return { timeline: [...timeline, ...unread.values()], total: timelineTotal + unread.size };
}

/** What happened outside of Foghorn, as people add it: a note that begins with its time. */
export interface Happening {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly text: string;
}

const HAPPENING = /^(?<at>\d{4}-\d\d-\d\dT\d\d:\d\dZ): (?<text>.+)$/su;

/** The note of what happened at a time, epoch milliseconds. */
export function happeningNote(atMs: number, text: string): string {
  return `${new Date(atMs).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)}Z: ${text}`;
}

/** What an entry says that happened at another time; undefined for any other entry. */
export function happeningIn({ type, reason }: Pick<ActivityEntryView, 'type' | 'reason'>): Happening | undefined {
  const { at = '', text = '' } = HAPPENING.exec(reason)?.groups ?? {};
  return type !== 'note_added' || Number.isNaN(Date.parse(at)) ? undefined : { at, text };
}

/** The latest first, each at the time when it happened. */
export function latestFirst(entries: readonly ActivityEntryView[]): readonly ActivityEntryView[] {
  const timeOf = (entry: ActivityEntryView): number => Date.parse(happeningIn(entry)?.at ?? entry.at);
  return entries.toReversed().toSorted((left, right) => timeOf(right) - timeOf(left));
}
