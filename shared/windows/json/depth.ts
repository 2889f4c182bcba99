// How deep a JSON value goes, found without going all the way: what is too deep cannot be written again.

/** Whether objects and lists lie inside one another in more than `most` levels. */
export function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) if (isDeeper(item, most - 1)) return true;
  return false;
}
