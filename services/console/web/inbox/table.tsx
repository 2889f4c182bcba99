// The list itself: head and rows.
import type { JSX } from 'preact';
import { useMedia } from '../ui/media.ts';
import { GroupRow } from './group-row.tsx';
import { type ColumnName, tracksOf } from './columns.ts';
import { IncidentRow, type RowActions } from './row.tsx';
import type { InboxRow, Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';
import { VirtualRows } from './virtual.tsx';

interface TableProps {
  readonly rows: Rows;
  readonly selected: Selected;
  readonly columns: readonly ColumnName[];
  readonly actions: RowActions;
}

const ROW = 36;
/** A group has two lines. */
const GROUP_ROW = 54;
const CARD = 104;

/** See above. Rows that are not read yet have their place, so that nothing moves when they come. */
export function IncidentTable(props: TableProps): JSX.Element {
  const height = useMedia('(max-width: 720px)') ? CARD : ROW;
  const { rows, selected, columns } = props;
  const { cursor } = selected;
  const topOf = (index: number): number => index * height + rows.groupsBefore(index) * (GROUP_ROW - ROW);
  const place = cursor === undefined ? -1 : rows.indexOf(cursor);
  return (
    <VirtualRows
      count={rows.count}
      cursor={place < 0 ? undefined : place}
      label="Incidents"
      tracks={tracksOf(columns)}
      topOf={topOf}
      onReach={rows.reach}
      row={(index) => {
        const row = rows.row(index);
        return row === undefined ? undefined : drawRow(row, { ...props, index, top: topOf(index) });
      }}
    >
      <Heads names={rows.isGrouped ? GROUP_COLUMNS : headsOf(columns)} isGrouped={rows.isGrouped} />
    </VirtualRows>
  );
}

function drawRow(
  row: InboxRow,
  { index, top, rows, selected, columns, actions }: TableProps & { readonly index: number; readonly top: number },
): JSX.Element {
  const { selection, cursor } = selected;
  const place = { index, top, isCursor: row.key === cursor };
  if (row.kind === 'group')
    return (
      <GroupRow
        key={row.key}
        {...place}
        group={row.group}
        isOpen={row.isOpen}
        isTicked={selection.isAll || selection.groups.has(row.group.q)}
        onToggle={() => rows.toggle(row.group)}
        onTick={() => selected.tickGroup(row.group)}
        onFocus={() => selected.setCursor(row.key)}
      />
    );
  const { incident, isInGroup } = row;
  if (incident === undefined) return <BlankRow key={row.key} {...place} />;
  const isTicked = selection.isAll || selection.ids.has(incident.id);
  return <IncidentRow key={row.key} {...place} {...{ incident, isTicked, isInGroup, columns, actions }} />;
}

interface HeadsProps {
  readonly names: readonly string[];
  readonly isGrouped: boolean;
}

function Heads({ names, isGrouped }: HeadsProps): JSX.Element {
  return (
    <div class={`row-head ${isGrouped ? 'group' : ''}`} role="row" aria-rowindex={1}>
      <span class="cell tick" role="columnheader">
        <span class="unseen">Selection</span>
      </span>
      {names.map((name) => (
        <span key={name} class={`cell head-${name.toLowerCase().replace(' ', '-')}`} role="columnheader">
          {name}
        </span>
      ))}
    </div>
  );
}

function headsOf(columns: readonly ColumnName[]): readonly string[] {
  const shown = columns.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
  const state = shown.filter((name) => name === 'State');
  return ['Severity', ...state, 'What', ...shown.filter((name) => name !== 'State')];
}

const GROUP_COLUMNS = ['Severity', 'What', 'Incidents', 'Hosts', 'Last hour', 'First', 'Owner'] as const;

function BlankRow({ index, top }: { readonly index: number; readonly top: number }): JSX.Element {
  return (
    <div class="row blank" role="row" aria-rowindex={index + 2} style={{ transform: `translateY(${top}px)` }}>
      <span class="cell what" role="gridcell">
        …
      </span>
    </div>
  );
}
