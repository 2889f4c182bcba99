// Half a surrogate pair in a text of JSON: no UTF-8 can hold it, and what makes a link of it throws. NUL in a name: Elasticsearch refuses the document. Both become U+FFFD as the text enters. In event XML `xml-repair.ts` sees to it.

/** The tag of an event in whose texts something was replaced. */
export const TEXT_REPAIRED_TAG = 'foghorn_text_repaired';

const ESCAPED = /\\u(?:[dD][89a-fA-F]|0000)/u;

/** Whether what is parsed of a JSON text may hold halves or NUL; cheap, and false of nearly every event. */
export function mayBeIllFormed(json: string): boolean {
  return ESCAPED.test(json) || !json.isWellFormed();
}

/** Replaces halves in all texts and names of a value that JSON.parse gave, and NUL in names, in place; gives whether there were any. Of two names that become one, the first stays. */
export function repairTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let isRepaired = false;
  const place = value as Record<string, unknown>;
  for (const [name, item] of Object.entries(place)) {
    const repaired = typeof item === 'string' ? item.toWellFormed() : item;
    if (repaired !== item || repairTexts(item)) isRepaired = true;
    const safeName = name.toWellFormed().replaceAll('\0', '\uFFFD');
    if (safeName !== name) {
      isRepaired = true;
      delete place[name];
      if (Object.hasOwn(place, safeName)) continue;
    }
    if (safeName !== name || repaired !== item) define(place, safeName, repaired);
  }
  return isRepaired;
}

/** A name like `__proto__` is a name like any other. */
function define(place: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(place, name, { value, enumerable: true, configurable: true, writable: true });
}
