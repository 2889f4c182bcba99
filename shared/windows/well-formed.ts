// Characters that JSON allows and event XML does not: half a surrogate pair, which UTF-8 does not
// have and which makes links throw, and characters that XML forbids. They are repaired on entry, so
// that an event has the same values whichever way it came; `xml-repair.ts` does the same for event
// XML.
import { hasInvisible, showInvisible } from './xml-repair.ts';

/** The tag of an event in whose texts something was replaced. */
export const TEXT_REPAIRED_TAG = 'foghorn_text_repaired';

/** What may stand behind `\\u` of such a character. */
const ILL_FORMED = /[dD][89a-fA-F]|00[01]|007[fF]|[fF]{3}[eEfF]/uy;
const [LETTER_B, LETTER_F, LETTER_U] = [0x62, 0x66, 0x75];

/** Whether a parsed JSON text may have such characters; cheap, and false for nearly every event. */
export function mayBeIllFormed(json: string): boolean {
  return hasIllEscape(json) || hasInvisible(json) || !json.isWellFormed();
}

/**
 * Jumps from backslash to backslash: a pattern would check each character, and nearly none is one.
 */
function hasIllEscape(json: string): boolean {
  for (let at = json.indexOf('\\'); at !== -1; at = json.indexOf('\\', at + 2)) {
    const escaped = json.charCodeAt(at + 1);
    if (escaped === LETTER_B || escaped === LETTER_F) return true;
    if (escaped !== LETTER_U) continue;
    ILL_FORMED.lastIndex = at + 2;
    if (ILL_FORMED.test(json)) return true;
  }
  return false;
}

/**
 * Replaces halves in all texts and names of a value that JSON.parse gave by U+FFFD, and NUL in
 * names, which Elasticsearch refuses, in place; gives whether there were any. Other characters that
 * XML forbids become visible text. Of two names that become one, the first stays.
 */
export function repairTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let isRepaired = false;
  const place = value as Record<string, unknown>;
  for (const [name, item] of Object.entries(place)) {
    const repaired = typeof item === 'string' ? item.toWellFormed() : item;
    if (repaired !== item || repairTexts(item)) isRepaired = true;
    const shown = typeof repaired === 'string' ? showInvisible(repaired) : repaired;
    const safeName = name.toWellFormed().replaceAll('\0', '\uFFFD');
    if (safeName !== name) {
      isRepaired = true;
      delete place[name];
      if (Object.hasOwn(place, safeName)) continue;
    }
    if (safeName !== name || shown !== item) define(place, safeName, shown);
  }
  return isRepaired;
}

/** A name like `__proto__` is a name like any other. */
function define(place: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(place, name, { value, enumerable: true, configurable: true, writable: true });
}
