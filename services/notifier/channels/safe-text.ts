// Event text made harmless for people's screens: no control characters, no terminal sequences, no direction tricks, bounded.

const MAX_CHARACTERS = 2000;
const ELLIPSIS = '…';

/** C0 and C1 controls (a terminal acts on them), bidirectional overrides and isolates, zero-width characters, line and paragraph separators. */
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu;

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
