// How deep a JSON value goes, found without going all the way: what is too deep cannot be written again.

/** Whether a value holds an integer that is not exact as a number: its low digits are lost. */
export function holdsLossyInteger(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isInteger(value);
  if (typeof value !== 'object' || value === null) return false;
  for (const name in value) {
    const item = (value as Record<string, unknown>)[name];
    if (typeof item !== 'string' && holdsLossyInteger(item)) return true;
  }
  return false;
}

/** Whether objects and lists lie inside one another in more than `most` levels. */
export function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  // Names are walked over and not listed: this is done to every event.
  for (const name in value) {
    const item = (value as Record<string, unknown>)[name];
    if (typeof item === 'object' && isDeeper(item, most - 1)) return true;
  }
  return false;
}
