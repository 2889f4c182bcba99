// The counts of a filter: read with the list, and again in their places while it stands.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { IncidentSummary } from '../api/types.ts';
import { inPlaces, withoutZeros } from '../model/summary-places.ts';
import { type Resource, useResource } from '../resource.ts';

/** See above; `reload` reads them with groups that are new and in their order. */
export interface Summary extends Resource<IncidentSummary> {
  readonly total: number;
  /** How many there were when the list was read. */
  readonly listed: number;
  /** How many of these have come since the list was read. */
  readonly unlisted: number;
  /** Counts again. Gives how long it took, milliseconds. */
  recount(): Promise<number>;
}

/** The counts of a filter by these keys of groups, separated by commas. */
export function useSummary(filter: string, by: string): Summary {
  const path = `/api/v1/incidents/summary?${new URLSearchParams({ q: filter, ...(by === '' ? {} : { by }) })}`;
  const found = useResource(path, async (signal) => withoutZeros(await ask<IncidentSummary>(path, { signal })));
  const { data: read, reload } = found;
  const [later, setLater] = useState<{ readonly read: IncidentSummary; readonly data: IncidentSummary }>();
  const latest = useRef({ path, read });
  latest.current = { path, read };
  const ending = useRef(new AbortController());
  useEffect(() => () => ending.current.abort(), []);
  const recount = useCallback(async () => {
    const asked = latest.current;
    const from = performance.now();
    if (asked.read === undefined) return 0;
    try {
      const next = await ask<IncidentSummary>(asked.path, { signal: ending.current.signal });
      if (latest.current.read === asked.read) setLater({ read: asked.read, data: inPlaces(asked.read, next) });
    } catch {
      // Says what is wrong, and tries again.
      if (!ending.current.signal.aborted) reload();
    }
    return performance.now() - from;
  }, [reload]);
  const data = later !== undefined && later.read === read ? later.data : read;
  const [total, listed] = [data?.total ?? 0, read?.total ?? 0];
  return { ...found, data, total, listed, unlisted: Math.max(0, total - listed), recount };
}
