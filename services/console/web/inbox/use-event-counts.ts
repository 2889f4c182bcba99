// How many events the incidents in sight had in each five minutes of the last hour: read after the
// list, so that the list waits for nothing.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { IncidentEvents, IncidentView } from '../api/types.ts';

type Counts = IncidentEvents['incidents'];
type Counted = Pick<IncidentView, 'id' | 'episodeCount' | 'lastSeen'>;

/** See above. */
export interface EventCounts {
  /** The oldest first; undefined while they are not known. */
  of(id: string): readonly number[] | undefined;
  /** Reads those of an incident in sight, where that is due. */
  want(incident: Counted): void;
}

const HOUR_MS = 3_600_000;
const GATHER_MS = 300;
const KEPT_MS = 60_000;
/** Of an incident that has events meanwhile. */
const CHANGED_KEPT_MS = 5000;
const MAX_IDS = 100;

/** Reads nothing unless `isOn`. */
export function useEventCounts(isOn: boolean): EventCounts {
  const [counts, setCounts] = useState<Counts>({});
  const asked = useRef(new Map<string, { readonly at: number; readonly events: number }>());
  const wanted = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const read = async (): Promise<void> => {
    const ids = [...wanted.current].slice(0, MAX_IDS);
    for (const id of ids) wanted.current.delete(id);
    timer.current = wanted.current.size > 0 ? setTimeout(() => void read(), GATHER_MS) : undefined;
    try {
      const { incidents } = await ask<IncidentEvents>(`/api/v1/incidents/events?id=${ids.join(',')}`);
      setCounts((before) => ({ ...before, ...incidents }));
    } catch {
      // The list says by itself when nothing can be read; it is asked again after a while.
    }
  };
  return {
    of: (id) => counts[id],
    want: ({ id, episodeCount, lastSeen }) => {
      const now = Date.now();
      if (!isOn || now - Date.parse(lastSeen) > HOUR_MS) return;
      const { at = 0, events = episodeCount } = asked.current.get(id) ?? {};
      if (now - at < (events === episodeCount ? KEPT_MS : CHANGED_KEPT_MS)) return;
      asked.current.set(id, { at: now, events: episodeCount });
      wanted.current.add(id);
      timer.current ??= setTimeout(() => void read(), GATHER_MS);
    },
  };
}
