// Finds what needs care in a parsed JSON value, in one bounded walk, because every event passes
// here.

/** Objects and lists are nested deeper than allowed, so that they could not be serialised. */
export const TOO_DEEP = 1;
/** An integer is not exact as a number: its low digits are lost. */
export const LOSSY_INTEGER = 2;

/** The sum of the flags above; 0 for nearly every event. `most` is the number of levels allowed. */
export function hazardsOf(value: object, most: number): number {
  if (most === 0) return TOO_DEEP;
  let found = 0;
  // Iterates over names without listing them.
  for (const name in value) {
    const item = (value as Record<string, unknown>)[name];
    if (typeof item === 'object') {
      if (item !== null) found |= hazardsOf(item, most - 1);
    } else if (typeof item === 'number' && isLossy(item)) found |= LOSSY_INTEGER;
  }
  return found;
}

function isLossy(number: number): boolean {
  return Math.abs(number) > Number.MAX_SAFE_INTEGER && Number.isInteger(number);
}
