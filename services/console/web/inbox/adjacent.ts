// The order of the list that was shown last, for going from one incident to the next.

let order: readonly string[] = [];

/** Keeps the order. */
export function keepOrder(ids: readonly string[]): void {
  order = ids;
}

/** The incident `step` places further; undefined at the end and for one that is not listed. */
export function adjacentTo(id: string, step: 1 | -1): string | undefined {
  const place = order.indexOf(id);
  return place < 0 ? undefined : order[place + step];
}
