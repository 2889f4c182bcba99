// What is ticked as filters of the API. Pure.
import type { BulkFilter } from '../model/filter-address.ts';
import type { Selection } from '../model/selection.ts';

/** All states: the API takes no filter that is empty. */
const EVERYTHING = 'state:open,acknowledged,resolved';

/** The filter of a group within that of the list. */
export function filterOfGroup(filter: string, q: string): BulkFilter {
  return { q: `${filter} ${q}`.trim() };
}

/** What is ticked: a filter for each group, one for single incidents; none for nothing. */
export function filtersOf(filter: string, { isAll, ids, groups }: Selection): readonly BulkFilter[] {
  if (isAll) return [{ q: filter === '' ? EVERYTHING : filter }];
  const ofGroups = [...groups.keys()].map((q) => filterOfGroup(filter, q));
  return ids.size === 0 ? ofGroups : [...ofGroups, { id: [...ids] }];
}
