// Event text for people's screens: bounded, without control characters, terminal sequences and
// changes of direction.
import { replaceUnprintableRuns } from '../../../shared/contracts/unprintable.ts';

const MAX_CHARACTERS = 2000;
const ELLIPSIS = '…';

/** One line of plain text, at most `maxCharacters` long; never cuts a surrogate pair. */
export function safeText(text: string, maxCharacters = MAX_CHARACTERS): string {
  const flat = replaceUnprintableRuns(text.toWellFormed()).replaceAll(/ {2,}/gu, ' ').trim();
  if (flat.length <= maxCharacters) return flat;
  return `${flat.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/u, '')}${ELLIPSIS}`;
}
