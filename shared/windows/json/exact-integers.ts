// Integers beyond the exact numbers of JavaScript: their digits are kept as a text, so that no
// wrong value appears.
const [QUOTE, BACKSLASH] = ['"', '\\'];
const LONG_INTEGER = /-?\d{16,}(?![\d.eE])/gu;

/**
 * JSON with every integer of sixteen digits and more that is not exact as a number put in quotes;
 * texts stay as they are. `json` is valid JSON.
 */
export function withExactIntegers(json: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < json.length) {
    const quote = json.indexOf(QUOTE, at);
    const end = quote === -1 ? json.length : quote;
    parts.push(json.slice(at, end).replaceAll(LONG_INTEGER, quoted));
    if (quote === -1) break;
    at = endOfText(json, quote);
    parts.push(json.slice(quote, at));
  }
  return parts.join('');
}

function quoted(digits: string): string {
  return Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`;
}

/** Behind the closing quote. */
function endOfText(json: string, quote: number): number {
  let at = quote + 1;
  for (;;) {
    const end = json.indexOf(QUOTE, at);
    if (end === -1) return json.length;
    let before = end;
    while (json[before - 1] === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 0) return end + 1;
    at = end + 1;
  }
}
