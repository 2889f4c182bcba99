// The rows of the list without an object for each: a group's row, then as many rows as it has
// incidents when it is open. Pure.

/** Rows that belong together. `key` names the list that they are read from. */
export type Segment<Group> =
  | { readonly kind: 'group'; readonly group: Group; readonly key: string; readonly isOpen: boolean }
  | { readonly kind: 'incidents'; readonly key: string; readonly count: number; readonly isInGroup: boolean };

/** A row: a group, or the incident at a place of a list. */
export type SegmentRow<Group> =
  | Extract<Segment<Group>, { readonly kind: 'group' }>
  | { readonly kind: 'incident'; readonly key: string; readonly place: number; readonly isInGroup: boolean };

/** The number of rows. */
export function rowCount(segments: readonly Segment<unknown>[]): number {
  return segments.reduce((sum, segment) => sum + lengthOf(segment), 0);
}

/** The row at an index; undefined behind the last. */
export function rowAt<Group>(segments: readonly Segment<Group>[], index: number): SegmentRow<Group> | undefined {
  let place = index;
  for (const segment of segments) {
    const length = lengthOf(segment);
    if (place >= length) place -= length;
    else if (segment.kind === 'group') return segment;
    else return { kind: 'incident', key: segment.key, place, isInGroup: segment.isInGroup };
  }
  return undefined;
}

/** The index of the row of a group, or of the incident at a place of a list; -1 for none. */
export function rowIndex(segments: readonly Segment<unknown>[], key: string, place: number | undefined): number {
  let index = 0;
  for (const segment of segments) {
    if (segment.key === key && (segment.kind === 'group') === (place === undefined)) return index + (place ?? 0);
    index += lengthOf(segment);
  }
  return -1;
}

/** The number of groups' rows above an index. */
export function groupsBefore(segments: readonly Segment<unknown>[], index: number): number {
  let groups = 0;
  let first = 0;
  for (const segment of segments) {
    if (first >= index) break;
    if (segment.kind === 'group') groups += 1;
    first += lengthOf(segment);
  }
  return groups;
}

function lengthOf(segment: Segment<unknown>): number {
  return segment.kind === 'group' ? 1 : segment.count;
}
