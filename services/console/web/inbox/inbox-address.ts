// What of the inbox stands in its address. Pure.
import { isFilterName, wordsOf } from '../model/filter.ts';
import { type ColumnName, columnsIn } from './columns.ts';

/** The orders that the list offers, by the API's names. */
export const SORTS = {
  '-severity': 'worst first',
  '-opened': 'newest first',
  opened: 'oldest first',
  '-updated': 'latest change first',
  '-last_seen': 'latest event first',
  '-count': 'most events first',
  host: 'by host',
} as const;

/** See `SORTS`. */
export type Sort = keyof typeof SORTS;

/** What rows are grouped by, in the words of the API; empty for none. */
export const GROUPINGS = {
  'rule,port,holder': 'fault, port, holder',
  rule: 'fault',
  port: 'port',
  holder: 'likely holder',
  host: 'host',
  assignee: 'owner',
  severity: 'severity',
  day: 'day',
  '': 'nothing',
} as const;

/** See `GROUPINGS`. */
export type Grouping = keyof typeof GROUPINGS;

/** The view. */
export interface InboxView {
  /** The typed filter. */
  readonly filter: string;
  readonly sort: Sort;
  /** Missing where the number of incidents decides. */
  readonly group: Grouping | undefined;
  /** The columns of incidents; missing for all. */
  readonly columns: readonly ColumnName[] | undefined;
  /** The incident in the panel beside the list. */
  readonly open: string | undefined;
}

const DEFAULT_SORT: Sort = '-severity';

/**
 * Reads a query. The filter is typed (`q`) or has the parameters of the API; without either it is
 * `byDefault`.
 */
export function viewOfQuery(query: URLSearchParams, byDefault: string): InboxView {
  const sort = query.get('sort') ?? '';
  const group = query.get('group');
  const named = [...query].flatMap(([name, value]) =>
    isFilterName(name) && name !== 'group' ? [{ name, values: value.split(','), isNot: false }] : [],
  );
  const words = wordsOf(named, query.get('text') ?? '');
  return {
    filter: query.get('q') ?? (words === '' ? byDefault : words),
    sort: Object.hasOwn(SORTS, sort) ? (sort as Sort) : DEFAULT_SORT,
    group: group !== null && Object.hasOwn(GROUPINGS, group) ? (group as Grouping) : undefined,
    columns: columnsIn(query.get('columns')),
    open: query.get('open') ?? undefined,
  };
}

/** The query of a view's address, with its question mark; empty for what the page shows without. */
export function queryOfView({ filter, sort, group, columns, open }: InboxView, byDefault: string): string {
  const query = new URLSearchParams();
  if (filter !== byDefault) query.set('q', filter);
  if (group !== undefined) query.set('group', group);
  if (sort !== DEFAULT_SORT) query.set('sort', sort);
  if (columns !== undefined) query.set('columns', columns.join(','));
  if (open !== undefined) query.set('open', open);
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return text === '' ? '' : `?${text}`;
}
