// The word that somebody probably meant.

/**
 * The nearest of `words` to a mistyped one, or undefined when none is near: a third of its letters
 * may differ, letter case does not count.
 */
export function nearestWord(typed: string, words: Iterable<string>): string | undefined {
  const sought = typed.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(sought.length / 3)) + 1;
  for (const word of words) {
    if (Math.abs(word.length - sought.length) >= bestDistance) continue;
    const distance = editDistance(sought, word.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  return best;
}

/** ` Did you mean X?`, or the empty text when no word is near. */
export function didYouMean(typed: string, words: Iterable<string>): string {
  const word = nearestWord(typed, words);
  return word === undefined || word === typed ? '' : ` Did you mean ${word}?`;
}

/**
 * Letters inserted, left out, changed or swapped with the next one (optimal string alignment).
 * https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance
 */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= left.length; i += 1) {
    rows[i] = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const isSame = left[i - 1] === right[j - 1];
      const isSwapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const changed = at(i - 1, j - 1) + (isSame ? 0 : 1);
      const swapped = isSwapped ? at(i - 2, j - 2) + 1 : changed;
      (rows[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped);
    }
  }
  return at(left.length, right.length);
}
