// The lines above the list: how many, in which order, what is ticked.
import type { JSX } from 'preact';
import type { ActKind } from '../act-panel.tsx';
import { usePage } from '../context.ts';
import { selectedCount } from '../model/selection.ts';
import { momentText, spanText } from '../model/time-text.ts';
import { GROUPINGS, type Grouping, type InboxView, type Sort, SORTS } from './inbox-address.ts';
import type { Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';

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
      <Export filter={filter} />
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

/** All that match as a file. */
function Export({ filter }: { readonly filter: string }): JSX.Element {
  const href = (format: string): string => `/api/v1/incidents/export?${new URLSearchParams({ q: filter, format })}`;
  return (
    <span class="export">
      Export{' '}
      <a href={href('csv')} download>
        CSV
      </a>{' '}
      <a href={href('ndjson')} download>
        NDJSON
      </a>
    </span>
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

interface SelectionBarProps {
  readonly selected: Selected;
  readonly total: number;
  readonly note: string | undefined;
  onAsk(kind: ActKind): void;
}

const ACTS: readonly (readonly [ActKind, string])[] = [
  ['acknowledge', 'Acknowledge'],
  ['assign', 'Assign'],
  ['note', 'Note'],
  ['snooze', 'Snooze'],
  ['resolve', 'Resolve'],
];

/** What can be done with what is ticked. */
export function SelectionBar({ selected, total, note, onAsk }: SelectionBarProps): JSX.Element | null {
  const { selection, selectAll, clear } = selected;
  const { person } = usePage();
  const count = selectedCount(selection, total);
  if (count === 0) return note === undefined ? null : <p class="selection-bar">{note}</p>;
  return (
    <div class="selection-bar" role="toolbar" aria-label="What is selected">
      <p role="status">
        <strong>{count.toLocaleString('en')}</strong> selected{selection.isAll ? ': all that match' : ''}
        {note !== undefined && <span> {note}</span>}
      </p>
      {person.mayOperate &&
        ACTS.map(([kind, text]) => (
          <button key={kind} type="button" onClick={() => onAsk(kind)}>
            {text}
          </button>
        ))}
      {!selection.isAll && total > count && (
        <button type="button" class="link" onClick={selectAll}>
          Select all {total.toLocaleString('en')} that match
        </button>
      )}
      <button type="button" class="link" onClick={clear}>
        Clear
      </button>
    </div>
  );
}
