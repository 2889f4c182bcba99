// Live changes of the list: what is shown changes in its place, what is new waits to be shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../context.ts';
import { isListed } from '../model/live-filter.ts';
import type { Rows } from './use-rows.ts';

const GATHER_MS = 400;
/** More changes than this at once are read with the list as a whole. */
const MANY = 25;

/** Follows the stream for the rows of a filter; gives how many new ones wait. */
export function useChanges(rows: Rows, filter: string): number {
  const { live } = usePage();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const now = useRef({ rows, filter });
  now.current = { rows, filter };
  useEffect(() => {
    const changed = new Map<string, number>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (): void => {
      timer = undefined;
      if (changed.size <= MANY) now.current.rows.lists.refresh(new Map(changed));
      else now.current.rows.reload();
      changed.clear();
    };
    const stop = live.listen((event) => {
      if (event.kind === 'again') return now.current.rows.reload();
      const { incidentId, revision = 0 } = event.entry;
      if (incidentId === undefined) return undefined;
      if (now.current.rows.incidents.some(({ id }) => id === incidentId)) {
        changed.set(incidentId, Math.max(revision, changed.get(incidentId) ?? 0));
        timer ??= setTimeout(settle, GATHER_MS);
      } else if (isListed(event.entry, now.current.filter)) {
        setFresh((before) => (before.has(incidentId) ? before : new Set([...before, incidentId])));
      }
      return undefined;
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [live.listen]);
  useEffect(() => setFresh(new Set()), [rows.at]);
  return fresh.size;
}
