// Lists of incidents, each read a page at a time, and how their incidents change without moving.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, ask } from '../api/client.ts';
import type { IncidentDetail, IncidentPage, IncidentView } from '../api/types.ts';
import { asApiError, useRetry } from '../resource.ts';

/** A list as far as it is read. */
export interface ListState {
  readonly total: number;
  readonly items: readonly IncidentView[];
  readonly cursor: string | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
}

/** Lists by the query that they are read with. */
export interface Lists {
  of(query: string): ListState;
  /** Reads on, where there is more. */
  more(query: string): void;
  /** Reads all from the start. */
  reload(): void;
  /**
   * Reads incidents again, from the revision that is known of on, and puts them where they were.
   */
  refresh(revisions: ReadonlyMap<string, number>): void;
  /** What is known of an incident before it can be read. */
  patch(id: string, known: Partial<IncidentView>): void;
}

type States = ReadonlyMap<string, ListState>;

const PAGE = 200;
const EMPTY: ListState = { total: 0, items: [], cursor: undefined, error: undefined, isLoading: true };

/** Keeps the lists of these queries; what was read is shown until it is read again. */
export function useLists(queries: readonly string[]): Lists {
  const [states, setStates] = useState<States>(new Map());
  const [turn, setTurn] = useState(0);
  const readings = useRef(new Map<string, AbortController>());
  const change = useCallback((query: string, next: (before: ListState) => ListState) => {
    setStates((before) => new Map(before).set(query, next(before.get(query) ?? EMPTY)));
  }, []);
  const read = useCallback((query: string, cursor: string | undefined) => {
    readings.current.get(query)?.abort();
    const ending = new AbortController();
    readings.current.set(query, ending);
    change(query, (before) => ({ ...before, isLoading: true }));
    readPage(query, cursor, ending.signal).then(
      (page) => change(query, (before) => withPage(before, page, cursor)),
      (error: unknown) => {
        if (ending.signal.aborted) return;
        const problem = asApiError(error);
        if (problem.code === 'expired_cursor') read(query, undefined);
        else change(query, (before) => ({ ...before, error: problem, isLoading: false }));
      },
    );
  }, []);
  const wanted = queries.join('\n');
  useEffect(() => {
    setStates((before) => new Map([...before].filter(([query]) => queries.includes(query))));
    for (const query of queries) read(query, undefined);
    return () => {
      for (const reading of readings.current.values()) reading.abort();
    };
  }, [wanted, turn]);
  const of = (query: string): ListState => states.get(query) ?? EMPTY;
  const more = (query: string): void => {
    const { cursor, isLoading, error } = of(query);
    if (cursor !== undefined && !isLoading && error === undefined) read(query, cursor);
  };
  const patch = useCallback((id: string, known: Partial<IncidentView>) => {
    setStates((before) => withEach(before, id, (item) => ({ ...item, ...known })));
  }, []);
  const refresh = useCallback((revisions: ReadonlyMap<string, number>) => {
    void readChanged(revisions, (incident) =>
      setStates((before) =>
        withEach(before, incident.id, (item) => (item.revision > incident.revision ? item : incident)),
      ),
    );
  }, []);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  useRetry([...states.values()].find(({ error }) => error !== undefined)?.error, reload);
  return { of, more, reload, refresh, patch };
}

async function readPage(query: string, cursor: string | undefined, signal: AbortSignal): Promise<IncidentPage> {
  const parts = new URLSearchParams(query);
  parts.set('limit', String(PAGE));
  if (cursor !== undefined) parts.set('cursor', cursor);
  return await ask<IncidentPage>(`/api/v1/incidents?${parts}`, { signal });
}

function withPage(before: ListState, page: IncidentPage, cursor: string | undefined): ListState {
  const { total, incidents, nextCursor } = page;
  const items = cursor === undefined ? incidents : [...before.items, ...incidents];
  return { total, items, cursor: nextCursor, error: undefined, isLoading: false };
}

/** A later revision in the place of the earlier one. */
function withEach(states: States, id: string, next: (item: IncidentView) => IncidentView): States {
  const changed = [...states].map(([query, state]) => {
    const place = state.items.findIndex((item) => item.id === id);
    const item = state.items[place];
    return [query, item === undefined ? state : { ...state, items: state.items.with(place, next(item)) }] as const;
  });
  return new Map(changed);
}

/** Waits before each further try: the indexer follows what the live stream has shown already. */
const TRIES_MS = [0, 500, 1500, 4000, 10_000, 30_000, 60_000];

/** Reads incidents until each is as far as the revision that is known of. */
async function readChanged(
  revisions: ReadonlyMap<string, number>,
  onRead: (incident: IncidentView) => void,
): Promise<void> {
  const missing = new Map(revisions);
  for (const ms of TRIES_MS) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    for (const incident of await readByIds([...missing.keys()])) {
      onRead(incident);
      if (incident.revision >= (missing.get(incident.id) ?? 0)) missing.delete(incident.id);
    }
    if (missing.size === 0) return;
  }
}

/** Up to so many are read one by one, which needs no refresh of the index. */
const FEW = 6;
const IDS_AT_A_TIME = 100;

async function readByIds(ids: readonly string[]): Promise<readonly IncidentView[]> {
  try {
    if (ids.length <= FEW) return await Promise.all(ids.map(readOne));
    const found: IncidentView[] = [];
    for (let from = 0; from < ids.length; from += IDS_AT_A_TIME) {
      const id = ids.slice(from, from + IDS_AT_A_TIME).join(',');
      const query = new URLSearchParams({ id, limit: String(IDS_AT_A_TIME) });
      found.push(...(await ask<IncidentPage>(`/api/v1/incidents?${query}`)).incidents);
    }
    return found;
  } catch {
    // The list says by itself when nothing can be read.
    return [];
  }
}

async function readOne(id: string): Promise<IncidentView> {
  return (await ask<IncidentDetail>(`/api/v1/incidents/${encodeURIComponent(id)}?minutes=0&events=0`)).incident;
}
