// Log lines about what anybody outside could repeat at will: the first of a kind at once, then one
// a minute with how many there were, and so many of all kinds. Level debug has those between.
import type { Logger } from './logger.ts';

/** Writes at most one line a minute for each kind, and 60 in all. */
export interface RateLimitedLog {
  error(kind: string, fields: object, message: string): void;
  warn(kind: string, fields: object, message: string): void;
  info(kind: string, fields: object, message: string): void;
}

type Level = keyof RateLimitedLog;

const EVERY_MS = 60_000;
const MAX_LINES = 60;
/**
 * The number of kinds kept; beyond that the oldest is dropped, and its next line is written at
 * once.
 */
const MAX_KINDS = 100;

/** Around a logger. `now` gives epoch milliseconds. */
export function rateLimited(log: Logger, now: () => number = Date.now): RateLimitedLog {
  const kinds = new Map<string, { writtenAtMs: number; unwritten: number }>();
  let minute = { sinceMs: 0, lines: 0 };
  const isFull = (): boolean => {
    if (now() - minute.sinceMs >= EVERY_MS) minute = { sinceMs: now(), lines: 0 };
    minute.lines += 1;
    if (minute.lines === MAX_LINES + 1) log.warn('there are more such lines within this minute: level debug has them');
    return minute.lines > MAX_LINES;
  };
  const write = (level: Level, kind: string, line: { readonly fields: object; readonly message: string }) => {
    const known = kinds.get(kind);
    if ((known !== undefined && now() - known.writtenAtMs < EVERY_MS) || isFull()) {
      if (known !== undefined) known.unwritten += 1;
      log.debug(line.fields, line.message);
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
    info: (kind, fields, message) => write('info', kind, { fields, message }),
  };
}
