// The head of the list; a click on a column orders the list by it.
import type { JSX } from 'preact';
import type { ColumnName } from './columns.ts';
import type { Sort } from './inbox-address.ts';

interface HeadsProps {
  /** Of incidents; undefined for groups. */
  readonly columns: readonly ColumnName[] | undefined;
  readonly sort: Sort;
  onSort(sort: Sort): void;
}

type Direction = 'ascending' | 'descending';

/** The orders of a column, and what its cells do downwards; a first click takes the first. */
const ORDERS: Readonly<Record<string, readonly (readonly [Sort, Direction])[]>> = {
  Severity: [['-severity', 'descending']],
  Host: [['host', 'ascending']],
  Events: [['-count', 'descending']],
  Age: [
    ['-opened', 'ascending'],
    ['opened', 'descending'],
  ],
  Last: [['-last_seen', 'ascending']],
};

/** The row. */
export function Heads({ columns, sort, onSort }: HeadsProps): JSX.Element {
  const names = columns === undefined ? GROUP_COLUMNS : headsOf(columns);
  return (
    <div class={`row-head ${columns === undefined ? 'group' : ''}`} role="row" aria-rowindex={1}>
      <span class="cell tick" role="columnheader">
        <span class="unseen">Selection</span>
      </span>
      {names.map((name) => (
        <Head key={name} name={name} orders={columns === undefined ? [] : (ORDERS[name] ?? [])} {...{ sort, onSort }} />
      ))}
    </div>
  );
}

interface HeadProps extends Omit<HeadsProps, 'columns'> {
  readonly name: string;
  readonly orders: readonly (readonly [Sort, Direction])[];
}

function Head({ name, orders, sort, onSort }: HeadProps): JSX.Element {
  const place = orders.findIndex(([order]) => order === sort);
  const direction = orders[place]?.[1];
  const [next] = orders[(place + 1) % Math.max(1, orders.length)] ?? [];
  return (
    <span class={`cell head-${name.toLowerCase().replace(' ', '-')}`} role="columnheader" aria-sort={direction}>
      {next === undefined ? (
        name
      ) : (
        <button type="button" title={`Order by ${name.toLowerCase()}`} onClick={() => onSort(next)}>
          {name}
          {direction !== undefined && <span aria-hidden="true">{direction === 'ascending' ? '▴' : '▾'}</span>}
        </button>
      )}
    </span>
  );
}

function headsOf(columns: readonly ColumnName[]): readonly string[] {
  const shown = columns.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
  const state = shown.filter((name) => name === 'State');
  return ['Severity', ...state, 'What', ...shown.filter((name) => name !== 'State')];
}

const GROUP_COLUMNS = ['Severity', 'What', 'Incidents', 'Hosts', 'Last hour', 'First', 'Owner'] as const;
