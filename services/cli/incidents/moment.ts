// Points in time as people write them.
import { parseDuration } from '../../notifier/policy/duration.ts';
import { UsageError } from '../command.ts';

/** The ISO form of a date and time, or of a duration such as `2h` before (`ago`) or after (`ahead`) now. Throws UsageError. */
export function momentOf(
  text: string,
  { option, side, nowMs }: { readonly option: string; readonly side: 'ago' | 'ahead'; readonly nowMs: number },
): string {
  const durationMs = parseDuration(text);
  const atMs = durationMs === undefined ? Date.parse(text) : nowMs + (side === 'ago' ? -durationMs : durationMs);
  if (Number.isNaN(atMs))
    throw new UsageError(
      `${option} ${text}: say a duration such as 2h, or a date and time such as 2026-03-01T22:00:00Z.`,
    );
  return new Date(atMs).toISOString();
}
