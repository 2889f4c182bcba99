// Characters of foreign text that people must not get as they are: a terminal or a screen acts on
// them, or nobody sees them.

/**
 * Controls (C0, DEL, C1), format characters (bidirectional overrides, zero-width, soft hyphen,
 * interlinear annotation, tags), lone surrogates, line and paragraph separators, and whatever else
 * shows as nothing (fillers, variation selectors).
 * https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const RUN = new RegExp(`${UNPRINTABLE.source}+`, 'gu');

/**
 * The text with each unprintable character replaced. Line feed and tab are among them: `replace`
 * may give them back.
 */
export function replaceUnprintable(text: string, replace: (character: string) => string): string {
  return text.replaceAll(UNPRINTABLE, replace);
}

/** The text with one blank, or `by`, for each run of unprintable characters. */
export function replaceUnprintableRuns(text: string, by = ' '): string {
  return text.replaceAll(RUN, by);
}
