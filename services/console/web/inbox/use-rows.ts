// The rows of the inbox: groups and the incidents of those that are open, or all incidents.
import { useState } from 'preact/hooks';
import type { ApiError } from '../api/client.ts';
import type { IncidentGroup, IncidentSummary, IncidentView } from '../api/types.ts';
import { groupsBefore, rowAt, rowCount, rowIndex, type Segment } from '../model/segments.ts';
import { useMedia } from '../ui/media.ts';
import type { Grouping, InboxView } from './inbox-address.ts';
import { type Lists, type ListState, useLists } from './use-lists.ts';
import { type Summary, useSummary } from './use-summary.ts';

/** A row: a group, or an incident, which is missing until it is read. */
export type InboxRow =
  | { readonly kind: 'group'; readonly key: string; readonly group: IncidentGroup; readonly isOpen: boolean }
  | {
      readonly kind: 'incident';
      readonly key: string;
      readonly incident: IncidentView | undefined;
      readonly isInGroup: boolean;
    };

/** See above. */
export interface Rows {
  readonly summary: IncidentSummary | undefined;
  readonly lists: Lists;
  readonly count: number;
  readonly total: number;
  /** How many more there are now than when the list was read. */
  readonly unlisted: number;
  readonly isGrouped: boolean;
  readonly isLoading: boolean;
  readonly error: ApiError | undefined;
  /** When it was read, epoch milliseconds. */
  readonly at: number | undefined;
  /** The incidents that are read, in the order of the rows. */
  readonly incidents: readonly IncidentView[];
  row(index: number): InboxRow | undefined;
  /** Where the row of a key is; -1 where it is not. */
  indexOf(key: string): number;
  /** The number of groups' rows above one. */
  groupsBefore(index: number): number;
  /** Reads on when a row in sight is not read yet. */
  reach(index: number): void;
  toggle(group: IncidentGroup): void;
  reload(): void;
  /** Counts again, and moves no row. Gives how long it took, milliseconds. */
  recount(): Promise<number>;
}

const DEFAULT_GROUPING: Grouping = 'rule,port,holder';
/** From so many on groups come first. */
const MANY = 50;

/** The key of a group's row. */
export function groupKey({ q }: IncidentGroup): string {
  return `group ${q}`;
}

/** For the whole filter of a view. */
export function useRows(filter: string, { sort, group }: InboxView): Rows {
  const isNarrow = useMedia('(max-width: 720px)');
  const by = isNarrow ? '' : (group ?? DEFAULT_GROUPING);
  const found = useSummary(filter, by);
  const { data: summary, total, unlisted, recount } = found;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const queryOf = (more = ''): string => new URLSearchParams({ q: `${filter} ${more}`.trim(), sort }).toString();
  const groups = groupsIn(found, by, group !== undefined);
  const isGrouped = groups !== undefined;
  const opened = groups?.filter((each) => open.has(groupKey(each))).map(({ q }) => queryOf(q));
  const queries = opened ?? (summary === undefined ? [] : [queryOf()]);
  const lists = useLists(queries);
  const segments = groups?.flatMap((each) =>
    segmentsOf(each, { isOpen: open.has(groupKey(each)), query: queryOf(each.q), lists }),
  ) ?? [flatSegment(queryOf(), lists)];
  return {
    summary,
    lists,
    ...placesOf(segments, queries, lists),
    total,
    unlisted,
    recount,
    isGrouped,
    ...readingOf(found, queries.map(lists.of)),
    at: found.at,
    toggle: (each) => setOpen((before) => toggledIn(before, groupKey(each))),
    reload: () => {
      found.reload();
      lists.reload();
    },
  };
}

/** The groups of a list that is grouped: on request, or because it was long when it was read. */
function groupsIn({ data, listed }: Summary, by: string, isChosen: boolean) {
  if (by === '') return undefined;
  return isChosen || listed > MANY ? (data?.groups ?? []) : undefined;
}

/** How far reading is, and what was read. */
function readingOf(
  { data, isLoading, error }: Summary,
  states: readonly ListState[],
): Pick<Rows, 'isLoading' | 'error' | 'incidents'> {
  const isReading = states.some((state) => state.isLoading && state.items.length === 0);
  return {
    isLoading: data === undefined ? isLoading : isReading,
    error: error ?? states.find((state) => state.error !== undefined)?.error,
    incidents: states.flatMap(({ items }) => items),
  };
}

type Segments = readonly Segment<IncidentGroup>[];

/** Which row is where. */
function placesOf(
  segments: Segments,
  queries: readonly string[],
  lists: Lists,
): Pick<Rows, 'count' | 'row' | 'indexOf' | 'groupsBefore' | 'reach'> {
  return {
    count: rowCount(segments),
    row: (index) => {
      const at = rowAt(segments, index);
      if (at === undefined || at.kind === 'group') return at;
      const incident = lists.of(at.key).items[at.place];
      return { kind: 'incident', key: incident?.id ?? `${at.key} ${at.place}`, incident, isInGroup: at.isInGroup };
    },
    indexOf: (key) => {
      if (key.startsWith('group ')) return rowIndex(segments, key, undefined);
      const query = queries.find((each) => lists.of(each).items.some(({ id }) => id === key)) ?? '';
      const place = lists.of(query).items.findIndex(({ id }) => id === key);
      return rowIndex(segments, query, place);
    },
    groupsBefore: (index) => groupsBefore(segments, index),
    reach: (index) => {
      const at = rowAt(segments, index);
      if (at?.kind === 'incident' && lists.of(at.key).items[at.place] === undefined) lists.more(at.key);
    },
  };
}

function flatSegment(query: string, lists: Lists): Segment<IncidentGroup> {
  const { total, items } = lists.of(query);
  return { kind: 'incidents', key: query, count: Math.max(total, items.length), isInGroup: false };
}

function segmentsOf(
  group: IncidentGroup,
  { isOpen, query, lists }: { readonly isOpen: boolean; readonly query: string; readonly lists: Lists },
): Segments {
  const row = { kind: 'group', group, key: groupKey(group), isOpen } as const;
  if (!isOpen) return [row];
  const { total, items, isLoading } = lists.of(query);
  const count = isLoading && items.length === 0 ? group.total : Math.max(total, items.length);
  return [row, { kind: 'incidents', key: query, count, isInGroup: true }];
}

function toggledIn<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}
