// Typographic characters as plain ones, so that rules for words see one form of each. Pure.

/**
 * The text with straight quotes, ordinary spaces, `\n` at the end of lines, and nothing invisible.
 */
export function plainTypography(text: string): string {
  return text
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/gu, '\n')
    .replaceAll(/[‘’‚′]/gu, "'")
    .replaceAll(/[“”„″]/gu, '"')
    .replaceAll(/[\u00a0\u2000-\u200a\u202f\u205f\u3000\t\f\v]/gu, ' ')
    .replaceAll(/[\u00ad\u200b-\u200f\u2060\ufeff]/gu, '')
    .replaceAll(/[\u2010\u2011]/gu, '-');
}
