// What a parsed JSON value holds that needs care, found in one walk without going all the way down: every event is looked at.

/** That objects and lists lie inside one another in more levels than are allowed: they could not be written again. */
export const TOO_DEEP = 1;
/** That there is an integer which is not exact as a number: its low digits are lost. */
export const LOSSY_INTEGER = 2;

/** The sum of what there is of the above; 0 for nearly every event. `most` is the number of levels allowed. */
export function hazardsOf(value: object, most: number): number {
  if (most === 0) return TOO_DEEP;
  let found = 0;
  // Names are walked over and not listed.
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
