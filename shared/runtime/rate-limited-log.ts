// Log lines about what an attacker could repeat at will: the first of a kind at once, then one a
// minute with how many there were.
import type { Logger } from './logger.ts';

/** Writes at most one line a minute for each kind. */
export interface RateLimitedLog {
  error(kind: string, fields: object, message: string): void;
  warn(kind: string, fields: object, message: string): void;
}

const EVERY_MS = 60_000;
/**
 * The number of kinds kept; beyond that the oldest is dropped, and its next line is written at
 * once.
 */
const MAX_KINDS = 100;

/** Around a logger. `now` gives epoch milliseconds. */
export function rateLimited(log: Logger, now: () => number = Date.now): RateLimitedLog {
  const kinds = new Map<string, { writtenAtMs: number; unwritten: number }>();
  const write = (
    level: 'error' | 'warn',
    kind: string,
    line: { readonly fields: object; readonly message: string },
  ) => {
    const known = kinds.get(kind);
    if (known !== undefined && now() - known.writtenAtMs < EVERY_MS) {
      known.unwritten += 1;
      return;
    }
    log[level]({ ...line.fields, count: 1 + (known?.unwritten ?? 0) }, line.message);
    kinds.delete(kind);
    kinds.set(kind, { writtenAtMs: now(), unwritten: 0 });
    const [oldest] = kinds.keys();
    if (kinds.size > MAX_KINDS && oldest !== undefined) kinds.delete(oldest);
  };
  return {
    error: (kind, fields, message) => write('error', kind, { fields, message }),
    warn: (kind, fields, message) => write('warn', kind, { fields, message }),
  };
}
