// Numbers of System: a look at each digit, where a pattern and a conversion would take several
// times as long.

const MOST_DIGITS = 10;
const ZERO = 0x30;

/**
 * The number of at most ten decimal digits that a text is, or undefined where it is none or larger
 * than `largest`.
 */
export function wholeNumber(text: string, largest: number): number | undefined {
  if (text === '' || text.length > MOST_DIGITS) return undefined;
  let number = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number <= largest ? number : undefined;
}
