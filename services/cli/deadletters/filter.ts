// Which dead letters are meant: by stage, reason, sender, id and time.
import type { ReadDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import { parseDuration } from '../../notifier/policy/duration.ts';
import { UsageError } from '../command.ts';

/** What is asked for; what is not given is not asked. `sinceMs` is epoch milliseconds. */
export interface DeadLetterFilter {
  readonly stage?: string | undefined;
  readonly reason?: string | undefined;
  readonly sender?: string | undefined;
  readonly id?: string | undefined;
  readonly sinceMs?: number | undefined;
}

/** True for the ones that are meant. An id may be given by its beginning. */
export function isMeant(letter: ReadDeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.stage === undefined || letter.stage === filter.stage) &&
    (filter.reason === undefined || letter.reason === filter.reason) &&
    (filter.sender === undefined || letter.original.headers['sender'] === filter.sender) &&
    (filter.id === undefined || letter.id.startsWith(filter.id)) &&
    (filter.sinceMs === undefined || letter.atMs >= filter.sinceMs)
  );
}

/** Epoch milliseconds of `24h`, `7d` or a date. Throws UsageError for anything else. */
export function sinceOf(text: string, nowMs: number): number {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new UsageError(`--since ${text}: say a duration such as 24h, or a date and time.`);
  return atMs;
}
