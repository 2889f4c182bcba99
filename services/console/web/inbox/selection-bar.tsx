// What can be done with what is ticked.
import type { JSX } from 'preact';
import type { ActKind } from '../act-panel.tsx';
import { usePage } from '../context.ts';
import { exportPath, silenceMatchersOf } from '../model/filter-address.ts';
import { selectedCount } from '../model/selection.ts';
import { newSilencePath } from '../routes.ts';
import { type ColumnName, exportedColumns } from './columns.ts';
import { filtersOf } from './selected-filters.ts';
import type { Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';

interface SelectionBarProps {
  readonly selected: Selected;
  readonly rows: Rows;
  /** Of the list as a whole. */
  readonly filter: string;
  readonly columns: readonly ColumnName[] | undefined;
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

/** See above; nothing while nothing is ticked. */
export function SelectionBar(props: SelectionBarProps): JSX.Element | null {
  const { selected, rows, note, onAsk } = props;
  const { selection, selectAll, clear } = selected;
  const { person } = usePage();
  const { total, summary } = rows;
  const count = selectedCount(selection, total);
  if (count === 0) return note === undefined ? null : <p class="selection-bar">{note}</p>;
  const hasResolved = (summary?.resolved ?? 0) > 0;
  const acts = hasResolved ? [...ACTS, ['reopen', 'Reopen'] as const] : ACTS;
  return (
    <div class="selection-bar" role="toolbar" aria-label="What is selected">
      <p role="status">
        <strong>{count.toLocaleString('en')}</strong> selected{selection.isAll ? ': all that match' : ''}
        {note !== undefined && <span> {note}</span>}
      </p>
      {person.mayOperate &&
        acts.map(([kind, text]) => (
          <button key={kind} type="button" onClick={() => onAsk(kind)}>
            {text}
          </button>
        ))}
      <Elsewhere {...props} />
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

/** The most incidents whose ids an address takes. */
const MAX_IDS = 200;

/** The form of a silence for it, and it as a file. */
function Elsewhere({ selected, filter, columns }: SelectionBarProps): JSX.Element {
  const { person } = usePage();
  const filters = filtersOf(filter, selected.selection);
  const matchers = silenceMatchersOf(filters);
  const [only] = filters.length === 1 ? filters : [];
  const isFile = only !== undefined && ('q' in only || only.id.length <= MAX_IDS);
  return (
    <span class="elsewhere">
      {person.mayOperate && matchers !== undefined && (
        <a class="button" href={newSilencePath(matchers)}>
          Silence …
        </a>
      )}
      {isFile && (
        <a class="button" href={exportPath(only, 'csv', exportedColumns(columns))} download>
          Export
        </a>
      )}
    </span>
  );
}
