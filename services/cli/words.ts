// Words that a person typed, looked up among those there are.

/** What stands under exactly this name; undefined for every other word, also for those every object inherits, e.g. `constructor`. */
export function pick<T>(choices: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(choices, word) ? choices[word] : undefined;
}
