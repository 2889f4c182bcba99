// The line above the list: how many, in which order, as which file.
import type { JSX } from 'preact';
import { usePage } from '../context.ts';
import { commandOf, exportPath } from '../model/filter-address.ts';
import { momentText, spanText } from '../model/time-text.ts';
import { Copy } from '../ui/boxes.tsx';
import { COLUMNS, exportedColumns, toggledColumn } from './columns.ts';
import { GROUPINGS, type Grouping, type InboxView, type Sort, SORTS } from './inbox-address.ts';
import type { Rows } from './use-rows.ts';

interface CountBarProps {
  readonly rows: Rows;
  readonly fresh: number;
  /** Of the list as a whole. */
  readonly filter: string;
  readonly view: InboxView;
  go(change: Partial<InboxView>): void;
  onFacets(): void;
}

/** How many match, how many are new, and in which order they stand. */
export function CountBar({ rows, fresh, filter, view, go, onFacets }: CountBarProps): JSX.Element {
  const { now, live } = usePage();
  const { at, error, isGrouped } = rows;
  const isOld = at !== undefined && (live.state !== 'live' || error !== undefined);
  const grouping = isGrouped ? (view.group ?? 'rule,port,holder') : '';
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
      <Export filter={filter} view={view} />
      <ColumnChoice view={view} go={go} />
      <label class="sort grouping">
        Group by
        <select value={grouping} onChange={({ currentTarget }) => go({ group: currentTarget.value as Grouping })}>
          {Object.entries(GROUPINGS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label class="sort">
        Order
        <select value={view.sort} onChange={({ currentTarget }) => go({ sort: currentTarget.value as Sort })}>
          {Object.entries(SORTS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** All that match as a file, with the columns of the list; and the command that lists them. */
function Export({ filter, view }: Pick<CountBarProps, 'filter' | 'view'>): JSX.Element {
  const columns = exportedColumns(view.columns);
  return (
    <span class="export">
      Export{' '}
      <a href={exportPath({ q: filter }, 'csv', columns)} download>
        CSV
      </a>{' '}
      <a href={exportPath({ q: filter }, 'ndjson')} download>
        NDJSON
      </a>{' '}
      <Copy text={commandOf(filter)} label="Copy as command" />
    </span>
  );
}

/** Which columns the list has. */
function ColumnChoice({ view, go }: Pick<CountBarProps, 'view' | 'go'>): JSX.Element {
  const { columns } = view;
  return (
    <details class="columns">
      <summary>Columns</summary>
      <ul>
        {COLUMNS.map((name) => (
          <li key={name}>
            <label>
              <input
                type="checkbox"
                checked={(columns ?? COLUMNS).includes(name)}
                onChange={() => go({ columns: toggledColumn(columns, name) })}
              />
              {name}
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Counts({ rows: { summary } }: { readonly rows: Rows }): JSX.Element | null {
  const { now, zone } = usePage();
  if (summary === undefined) return null;
  const { open, acknowledged, resolved, hosts, newSince } = summary;
  const parts = [
    ['open', open],
    ['acknowledged', acknowledged],
    ['resolved', resolved],
    [`new since ${momentText(newSince, now, zone).slice(0, -3)}`, summary.new],
  ] as const;
  return (
    <p class="counts">
      {parts
        .filter(([word, count]) => count > 0 || word === 'open')
        .map(([word, count], index) => (
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
