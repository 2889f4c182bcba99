// Selects dead letters by stage, reason, sender, id and time.
import type { ReadDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import { momentOf } from '../incidents/moment.ts';

/** A filter; a missing field matches all. `sinceMs` is epoch milliseconds. */
export interface DeadLetterFilter {
  readonly stage?: string | undefined;
  readonly reason?: string | undefined;
  readonly sender?: string | undefined;
  readonly id?: string | undefined;
  readonly sinceMs?: number | undefined;
}

/** Whether a dead letter matches. An id may be given by its beginning. */
export function isMeant(letter: ReadDeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.stage === undefined || letter.stage === filter.stage) &&
    (filter.reason === undefined || letter.reason === filter.reason) &&
    (filter.sender === undefined || letter.original.headers['sender'] === filter.sender) &&
    (filter.id === undefined || letter.id.startsWith(filter.id)) &&
    (filter.sinceMs === undefined || letter.atMs >= filter.sinceMs)
  );
}

/**
 * Epoch milliseconds of `24h`, `7d` or an ISO date and time; `say` gets a line when that is taken
 * as local. Throws UsageError for anything else.
 */
export function sinceOf(text: string, nowMs: number, say: (line: string) => void = () => undefined): number {
  return Date.parse(momentOf(text, { option: '--since', side: 'ago', nowMs, say }));
}
