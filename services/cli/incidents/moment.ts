// Points in time as people write them: ISO 8601 or a duration, nothing ambiguous. Pure but for the
// machine's time zone.
import { parseDuration } from '../../../shared/runtime/duration.ts';
import { UsageError } from '../command.ts';

/** How a moment is read. */
interface MomentOptions {
  /** The option's name, for messages, e.g. `--since`. */
  readonly option: string;
  /** The direction of a duration from now. */
  readonly side: 'ago' | 'ahead';
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Whether a time before now makes no sense. */
  readonly mustBeAhead?: boolean;
  /** Gets a line when the time has no zone and is taken as this machine's local time. */
  readonly say?: (line: string) => void;
}

/** ISO 8601 in its extended form, to the minute at least, or a date alone. */
const ISO =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:(?<time>T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?<zone>Z|[+-]\d{2}:\d{2})?)?$/u;
const LAST_MS = 8.64e15;

/**
 * The ISO form, in UTC, of an ISO 8601 date or date and time, or of a duration such as `2h` before
 * (`ago`) or after (`ahead`) now. Without a zone a time is local, and `say` gets a notice. Throws
 * UsageError for all else: `12`, `tomorrow 9` and `12/11/2026` are ambiguous.
 */
export function momentOf(text: string, options: MomentOptions): string {
  const { option, side, nowMs, mustBeAhead = false } = options;
  const durationMs = parseDuration(text);
  const atMs = durationMs === undefined ? isoMs(text, options) : nowMs + (side === 'ago' ? -durationMs : durationMs);
  if (atMs === undefined || Math.abs(atMs) > LAST_MS)
    throw new UsageError(
      `${option} ${text}: say a duration such as 2h, or a date and time such as 2026-03-01T22:00:00Z (ISO 8601).`,
    );
  if (mustBeAhead && atMs < nowMs)
    throw new UsageError(`${option} ${text}: that is past; say a time ahead, or a duration such as 2h.`);
  return new Date(atMs).toISOString();
}

function isoMs(text: string, { option, say }: MomentOptions): number | undefined {
  const { day, time = 'T00:00', zone } = ISO.exec(text)?.groups ?? {};
  if (day === undefined) return undefined;
  // A day that its month does not have, or the hour 24, would become another day.
  const asUtcMs = Date.parse(`${day}${time}Z`);
  if (Number.isNaN(asUtcMs) || !new Date(asUtcMs).toISOString().startsWith(day)) return undefined;
  const atMs = Date.parse(`${day}${time}${zone ?? ''}`);
  if (Number.isNaN(atMs)) return undefined;
  if (zone === undefined)
    say?.(`${option} ${text} has no zone and is taken as local time: ${new Date(atMs).toISOString()} in UTC.`);
  return atMs;
}
