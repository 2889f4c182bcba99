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
