// Loggers for tests: one that says nothing, for those that look at results and not at lines, and
// one that is listened to.
import { type Logger, pino } from 'pino';

/** Silent. */
export const quietLog = pino({ level: 'silent' });

/** A logger, and the lines it has written from level info on. */
export function recordedLog(): { readonly log: Logger; readonly lines: readonly Readonly<Record<string, unknown>>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: pino({ level: 'info' }, { write }), lines };
}
