// Words that a person typed, looked up among those there are; a near miss gets the word that was probably meant.

/** What stands under exactly this name; undefined for every other word, also for those every object inherits, e.g. `constructor`. */
export function pick<T>(choices: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(choices, word) ? choices[word] : undefined;
}

/** ` Did you mean list?` where one of the words is near; otherwise nothing. */
export function didYouMean(word: string, choices: readonly string[]): string {
  const [best] = choices
    .map((choice) => ({ choice, distance: distanceOf(word.toLowerCase(), choice.toLowerCase()) }))
    .filter(({ choice, distance }) => distance <= Math.max(1, Math.floor(Math.min(word.length, choice.length) / 3)))
    .toSorted((left, right) => left.distance - right.distance);
  return best === undefined ? '' : ` Did you mean ${best.choice}?`;
}

const MAX_CHARACTERS = 64;

/** How many characters are to be put in, taken out, replaced or swapped with their neighbour: the optimal string alignment distance. */
function distanceOf(one: string, other: string): number {
  if (one.length > MAX_CHARACTERS || other.length > MAX_CHARACTERS) return Infinity;
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const replaced = at(row - 1, column - 1) + (isSame ? 0 : 1);
      const swapped = isSwapped ? at(row - 2, column - 2) + 1 : Infinity;
      rows[row]?.push(Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replaced, swapped));
    }
  }
  return at(one.length, other.length);
}
