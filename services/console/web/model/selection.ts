// Which incidents are ticked. Pure.

/** Ticked ids and whole groups, by their filters; or all that match, whether read or not. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, number>;
  readonly isAll: boolean;
  /** The one that was ticked last, where a range begins. */
  readonly anchor: string | undefined;
}

/** Nothing. */
export const NOTHING: Selection = { ids: new Set(), groups: new Map(), isAll: false, anchor: undefined };

/** Ticks one, or takes its tick away; then it is no longer "all that match". */
export function ticked({ ids, groups }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, groups, isAll: false, anchor: id };
}

/** Ticks a group of `total` incidents, or takes its tick away. */
export function groupTicked({ ids, groups }: Selection, filter: string, total: number): Selection {
  const next = new Map(groups);
  if (!next.delete(filter)) next.set(filter, total);
  return { ids, groups: next, isAll: false, anchor: undefined };
}

/** Ticks all from the anchor to `id`, in the order of the list. */
export function tickedRange(selection: Selection, id: string, order: readonly string[]): Selection {
  const from = selection.anchor === undefined ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return ticked(selection, id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ...selection, ids: new Set([...selection.ids, ...range]), isAll: false, anchor: id };
}

/** The number of incidents, of `total` that match. */
export function selectedCount({ ids, groups, isAll }: Selection, total: number): number {
  return isAll ? total : ids.size + [...groups.values()].reduce((sum, count) => sum + count, 0);
}
