// Which hosts a sender may speak for: names with `*` for any characters, upper and lower case the
// same. Pure.

/**
 * The most characters that the patterns of one sender have together, because they travel with each
 * of its events.
 */
export const MAX_PATTERNS_LENGTH = 1000;
const MAX_HOST_LENGTH = 256;

/**
 * Whether one of the patterns is the host's. A name longer than 256 characters matches none. Linear
 * in the length of the name for each part of a pattern.
 */
export function matchesHost(host: string, patterns: readonly string[]): boolean {
  if (host.length > MAX_HOST_LENGTH) return false;
  const name = host.toLowerCase();
  return patterns.some((pattern) => matches(name, partsOf(pattern)));
}

const known = new Map<string, readonly string[]>();
const MOST_KNOWN = 4096;

/**
 * What stands between the asterisks; cached, because each event of a sender brings the same
 * patterns.
 */
function partsOf(pattern: string): readonly string[] {
  const present = known.get(pattern);
  if (present !== undefined) return present;
  const parts = pattern.toLowerCase().split('*');
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(pattern, parts);
  return parts;
}

/**
 * `parts` are what stands between the asterisks: the first begins the name, the last ends it, the
 * others come in order.
 */
function matches(name: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - at >= last.length && name.endsWith(last);
}
