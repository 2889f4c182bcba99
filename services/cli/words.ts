// Looks up words that a person typed.

/**
 * The value under exactly this name; undefined for every other word, also for inherited names such
 * as `constructor`.
 */
export function pick<T>(choices: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(choices, word) ? choices[word] : undefined;
}
