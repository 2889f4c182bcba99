// Where the keyboard stands in the list, and what is ticked.
import { useState } from 'preact/hooks';
import type { IncidentGroup } from '../api/types.ts';
import { groupTicked, NOTHING, type Selection, ticked, tickedRange } from '../model/selection.ts';
import type { InboxRow, Rows } from './use-rows.ts';

/** See above. */
export interface Selected {
  readonly selection: Selection;
  /** The key of the row that keys are about. */
  readonly cursor: string | undefined;
  readonly current: InboxRow | undefined;
  setCursor(key: string): void;
  move(step: 1 | -1): void;
  tick(id: string, isRange: boolean): void;
  tickGroup(group: IncidentGroup): void;
  selectAll(): void;
  clear(): void;
}

/** For the rows of an inbox. */
export function useSelected(rows: Rows): Selected {
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [kept, setCursor] = useState<string>();
  const index = kept === undefined ? -1 : rows.indexOf(kept);
  const current = rows.row(Math.max(0, index));
  const move = (step: 1 | -1): void => {
    const next = rows.row(index + step);
    if (next === undefined) return;
    setCursor(next.key);
    // The row may have to be drawn first.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.row[aria-current] [data-main]')?.focus());
  };
  const order = rows.incidents.map(({ id }) => id);
  return {
    selection,
    cursor: current?.key,
    current,
    setCursor,
    move,
    tick: (id, isRange) => setSelection((before) => (isRange ? tickedRange(before, id, order) : ticked(before, id))),
    tickGroup: ({ q, total }) => setSelection((before) => groupTicked(before, q, total)),
    selectAll: () => setSelection({ ...NOTHING, isAll: true }),
    clear: () => setSelection(NOTHING),
  };
}
