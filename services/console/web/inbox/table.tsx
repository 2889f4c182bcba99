// The list itself: head and rows.
import type { JSX } from 'preact';
import { useMedia } from '../ui/media.ts';
import { GroupRow } from './group-row.tsx';
import { type ColumnName, tracksOf } from './columns.ts';
import { IncidentRow, type RowActions } from './row.tsx';
import type { Sort } from './inbox-address.ts';
import { Heads } from './heads.tsx';
import { type EventCounts, useEventCounts } from './use-event-counts.ts';
import type { InboxRow, Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';
import { VirtualRows } from './virtual.tsx';

interface TableProps {
  readonly rows: Rows;
  readonly selected: Selected;
  readonly columns: readonly ColumnName[];
  readonly actions: RowActions;
  readonly sort: Sort;
  onSort(sort: Sort): void;
}

const ROW = 36;
/** A group has two lines. */
const GROUP_ROW = 54;
const CARD = 104;

/** See above. Rows that are not read yet have their place, so that nothing moves when they come. */
export function IncidentTable(props: TableProps): JSX.Element {
  const isNarrow = useMedia('(max-width: 720px)');
  const height = isNarrow ? CARD : ROW;
  const { rows, selected, columns, sort, onSort } = props;
  const counts = useEventCounts(!isNarrow && columns.includes('events'));
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
      onReach={(index) => {
        rows.reach(index);
        const row = rows.row(index);
        if (row?.kind === 'incident' && row.incident !== undefined) counts.want(row.incident);
      }}
      row={(index) => {
        const row = rows.row(index);
        return row === undefined ? undefined : drawRow(row, { ...props, counts, index, top: topOf(index) });
      }}
    >
      <Heads columns={rows.isGrouped ? undefined : columns} sort={sort} onSort={onSort} />
    </VirtualRows>
  );
}

interface PlacedProps extends TableProps {
  readonly counts: EventCounts;
  readonly index: number;
  readonly top: number;
}

function drawRow(row: InboxRow, props: PlacedProps): JSX.Element {
  const { index, top, rows, selected, columns, actions, counts } = props;
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
  const recent = counts.of(incident.id);
  return <IncidentRow key={row.key} {...place} {...{ incident, isTicked, isInGroup, columns, actions, recent }} />;
}

function BlankRow({ index, top }: { readonly index: number; readonly top: number }): JSX.Element {
  return (
    <div class="row blank" role="row" aria-rowindex={index + 2} style={{ transform: `translateY(${top}px)` }}>
      <span class="cell what" role="gridcell">
        …
      </span>
    </div>
  );
}
