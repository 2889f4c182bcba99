// Event text made harmless for people's screens: no control characters, no terminal sequences, no direction tricks, bounded.

const MAX_CHARACTERS = 2000;
const ELLIPSIS = '…';

/**
 * C0 and C1 controls (a terminal acts on them), what changes the direction, everything that is not seen (zero width, soft hyphens, fillers, variation
 * selectors, tags: they hide text in text), line and paragraph separators, interlinear annotation. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const DANGEROUS = /[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb]+/gu;

/** One line of plain text, at most `maxCharacters` long; never cuts a surrogate pair. */
export function safeText(text: string, maxCharacters = MAX_CHARACTERS): string {
  const flat = text
    .replaceAll(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll(DANGEROUS, ' ')
    .replaceAll(/ {2,}/gu, ' ')
    .trim();
  if (flat.length <= maxCharacters) return flat;
  return `${flat.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/u, '')}${ELLIPSIS}`;
}
