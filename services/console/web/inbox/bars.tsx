// The line above the list: how many, in which order, as which file.
import type { JSX } from 'preact';
import { usePage } from '../context.ts';
import { commandOf, exportPath } from '../model/filter-address.ts';
import { momentText, spanText } from '../model/time-text.ts';
import { Copy } from '../ui/boxes.tsx';
import { Menu } from '../ui/menu.tsx';
import { type ColumnName, COLUMNS, exportedColumns, toggledColumn } from './columns.ts';
import { SavedViews } from './saved-views.tsx';
import { type Grouping, GROUPINGS, type InboxView, SORTS } from './inbox-address.ts';
import type { Rows } from './use-rows.ts';

interface CountBarProps {
  readonly rows: Rows;
  readonly fresh: number;
  /** Of the list as a whole. */
  readonly filter: string;
  readonly view: InboxView;
  /** What the list has while nobody chooses. */
  readonly usual: readonly ColumnName[];
  go(change: Partial<InboxView>): void;
  onFacets(): void;
}

/** How many match, how many are new, and in which order they stand. */
export function CountBar({ rows, fresh, filter, view, usual, go, onFacets }: CountBarProps): JSX.Element {
  const { now, live } = usePage();
  const { at, error, isGrouped } = rows;
  const isOld = at !== undefined && (live.state !== 'live' || error !== undefined);
  const grouping: Grouping = isGrouped ? (view.group ?? 'rule,port,holder') : '';
  return (
    <div class="count-bar">
      <Counts rows={rows} />
      {isOld && <p class="muted">as of {spanText(now - at)} ago</p>}
      <span aria-live="polite">
        {fresh > 0 && (
          <button type="button" class="fresh" onClick={rows.reload}>
            {fresh} new — show <kbd>.</kbd>
          </button>
        )}
      </span>
      <button type="button" class="to-facets" onClick={onFacets}>
        Filters
      </button>
      <Choice name="Group" kind="grouping" values={GROUPINGS} value={grouping} onChoose={(group) => go({ group })} />
      <Choice name="Order" kind="order" values={SORTS} value={view.sort} onChoose={(sort) => go({ sort })} />
      <ColumnChoice view={view} usual={usual} go={go} />
      <Export filter={filter} view={view} />
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly kind: string;
  readonly values: Readonly<Record<T, string>>;
  readonly value: T;
  onChoose(value: T): void;
}

function Choice<T extends string>({ name, kind, values, value, onChoose }: ChoiceProps<T>): JSX.Element {
  return (
    <label class={`sort ${kind}`}>
      <span>{name}</span>
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value as T)}>
        {Object.entries<string>(values).map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** All that match as a file, with the columns of the list; and the command and the address. */
function Export({ filter, view }: Pick<CountBarProps, 'filter' | 'view'>): JSX.Element {
  const address = new URL(`/api/v1/incidents?${new URLSearchParams({ q: filter, sort: view.sort })}`, location.href);
  return (
    <Menu name="Export" kind="export">
      <li>
        <a href={exportPath({ q: filter }, 'csv', exportedColumns(view.columns))} download>
          As CSV
        </a>
      </li>
      <li>
        <a href={exportPath({ q: filter }, 'ndjson')} download>
          As NDJSON
        </a>
      </li>
      <li>
        <Copy text={commandOf(filter)} label="Copy as command" />
      </li>
      <li>
        <Copy text={address.href} label="Copy as API address" />
      </li>
    </Menu>
  );
}

/** Which columns the list has. */
function ColumnChoice({ view, usual, go }: Pick<CountBarProps, 'view' | 'usual' | 'go'>): JSX.Element {
  const { columns = usual } = view;
  return (
    <Menu name="View" kind="columns">
      <li class="heading">Columns</li>
      {COLUMNS.map((name) => (
        <li key={name}>
          <label>
            <input
              type="checkbox"
              checked={columns.includes(name)}
              onChange={() => go({ columns: toggledColumn(columns, name, usual) })}
            />
            {name}
          </label>
        </li>
      ))}
      <SavedViews />
    </Menu>
  );
}

function Counts({ rows: { summary } }: { readonly rows: Rows }): JSX.Element | null {
  const { now, zone } = usePage();
  if (summary === undefined) return null;
  const { open, acknowledged, resolved, hosts, newSince } = summary;
  const parts = [
    ['open', open],
    ['acked', acknowledged],
    ['resolved', resolved],
    [`new since ${momentText(newSince, now, zone).slice(0, -3)}`, summary.new],
  ] as const;
  const shown = parts.filter(([word, count]) => count > 0 || word === 'open');
  return (
    <p class="counts" title={shown.map(([word, count]) => `${count.toLocaleString('en')} ${word}`).join(' · ')}>
      {shown.map(([word, count], index) => (
        <span key={word}>
          {index > 0 && ' · '}
          <strong>{count.toLocaleString('en')}</strong> {word}
        </span>
      ))}
      <span class="muted">
        {' '}
        on {hosts.toLocaleString('en')} {hosts === 1 ? 'host' : 'hosts'}
      </span>
    </p>
  );
}
