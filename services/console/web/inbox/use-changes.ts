// Live changes of the list: what is shown changes in its place, what is new waits to be shown, and
// the counts follow.
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../context.ts';
import { isListed } from '../model/live-filter.ts';
import type { Rows } from './use-rows.ts';

const GATHER_MS = 400;

/** Follows the stream for the rows of a filter; gives how many new ones wait. */
export function useChanges(rows: Rows, filter: string): number {
  const { live } = usePage();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const now = useRef({ rows, filter });
  now.current = { rows, filter };
  const changed = useRecounts(() => now.current.rows.recount());
  useEffect(() => {
    const revisions = new Map<string, number>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (): void => {
      timer = undefined;
      now.current.rows.lists.refresh(new Map(revisions));
      revisions.clear();
    };
    const stop = live.listen((event) => {
      if (event.kind === 'again') {
        now.current.rows.reload();
        return changed();
      }
      const { incidentId, revision = 0 } = event.entry;
      if (incidentId === undefined) return undefined;
      changed();
      if (now.current.rows.incidents.some(({ id }) => id === incidentId)) {
        revisions.set(incidentId, Math.max(revision, revisions.get(incidentId) ?? 0));
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
  return Math.max(fresh.size, rows.unlisted);
}

/** The indexer follows what the stream shows: once soon, and once when it surely has. */
const SOON_MS = 2000;
const LATE_MS = 15_000;
/** Also what no stream reported is counted. */
const STEADY_MS = 60_000;
/** Of the time, counting takes no more than this part. */
const SHARE = 1 / 5;

/** Counts again after changes; gives what to call at each. */
function useRecounts(recount: () => Promise<number>): () => void {
  const change = useRef(() => undefined as void);
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    let late: ReturnType<typeof setTimeout> | undefined;
    let pauseMs = SOON_MS;
    const count = async (): Promise<void> => {
      const tookMs = await recount();
      pauseMs = Math.max(SOON_MS, tookMs / SHARE);
      soon = undefined;
    };
    change.current = () => {
      soon ??= setTimeout(() => void count(), pauseMs);
      clearTimeout(late);
      late = setTimeout(() => void count(), LATE_MS);
    };
    const steady = setInterval(() => void count(), STEADY_MS);
    return () => {
      clearTimeout(soon);
      clearTimeout(late);
      clearInterval(steady);
    };
  }, []);
  return () => change.current();
}
