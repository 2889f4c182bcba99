// Collects the name–value pairs of event data within bounds.
import { CUT_TAG, MAX_NAME_LENGTH, MAX_PAIRS, MAX_VALUE_LENGTH } from './limits.ts';

/**
 * Pairs in order; a name that comes again gets a number (`name_1`), as evtx_dump has it, empty
 * values are left out, CRLF becomes LF, line ends at the end go: Winlogbeat's rules.
 */
export interface Pairs {
  /** Whether the pair was taken, and whole. */
  add(name: string, value: string): boolean;
  /** The pairs, or undefined when there are none. */
  take(): Readonly<Record<string, string>> | undefined;
}

/** An empty collection. `tags` receives a tag when something had to be cut. */
export function createPairs(tags: Set<string>): Pairs {
  const values: Record<string, string> = {};
  let count = 0;
  let times: Map<string, number> | undefined;
  const numbered = (name: string): string => {
    times ??= new Map();
    let number = times.get(name) ?? 0;
    do number += 1;
    while (Object.hasOwn(values, `${name}_${number}`));
    times.set(name, number);
    return `${name}_${number}`;
  };
  return {
    add(given, text) {
      // Checked first: looking up a name costs its length, and a long one could come again as the
      // prefix of many others.
      if (given.length > MAX_NAME_LENGTH) {
        if (text !== '') tags.add(CUT_TAG);
        return false;
      }
      const value = withPlainLineEnds(withoutLayout(text));
      if (value === '') return false;
      const isTaken = count < MAX_PAIRS;
      const isWhole = isTaken && value.length <= MAX_VALUE_LENGTH;
      if (!isWhole) tags.add(CUT_TAG);
      if (!isTaken) return false;
      const kept = cut(value);
      const name = Object.hasOwn(values, given) ? numbered(given) : given;
      // `__proto__` is an ordinary name here, but not in JavaScript.
      if (name === '__proto__')
        Object.defineProperty(values, name, { value: kept, enumerable: true, configurable: true, writable: true });
      else values[name] = kept;
      count += 1;
      return isWhole;
    },
    take: () => (count === 0 ? undefined : values),
  };
}

/**
 * Line ends become LF, as in XML, and those at the end go, as Winlogbeat has it; other white space
 * stays. Source: XML 1.0 section 2.11.
 */
export function withPlainLineEnds(text: string): string {
  const lines = text.includes('\r') ? text.replaceAll(/\r\n?/gu, '\n') : text;
  let end = lines.length;
  while (end > 0 && lines.charCodeAt(end - 1) === LINE_FEED) end -= 1;
  return end === lines.length ? lines : lines.slice(0, end);
}

const LINE_FEED = 0x0a;

/** White space with a line end is the layout of an empty element. */
export function withoutLayout(value: string): string {
  return (value.includes('\n') || value.includes('\r')) && value.trim() === '' ? '' : value;
}

/** At most `MAX_VALUE_LENGTH` characters, no surrogate pair split. */
function cut(value: string): string {
  if (value.length <= MAX_VALUE_LENGTH) return value;
  const last = value.charCodeAt(MAX_VALUE_LENGTH - 1);
  return value.slice(0, last >= 0xd8_00 && last <= 0xdb_ff ? MAX_VALUE_LENGTH - 1 : MAX_VALUE_LENGTH);
}
