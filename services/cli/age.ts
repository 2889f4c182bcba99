// How long ago a moment was, or how far ahead it is, in a word or two. Pure.

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/**
 * `3 h ago`, `in 20 min`, or `now` within a second; an ISO time seen from `nowMs`, epoch
 * milliseconds. Empty for what is no time.
 */
export function ageText(at: string, nowMs: number): string {
  const differenceMs = nowMs - Date.parse(at);
  if (Number.isNaN(differenceMs)) return '';
  const sizeMs = Math.abs(differenceMs);
  const unit = UNITS.find(([, unitMs]) => sizeMs >= unitMs);
  if (unit === undefined) return 'now';
  const length = `${Math.floor(sizeMs / unit[1])} ${unit[0]}`;
  return differenceMs > 0 ? `${length} ago` : `in ${length}`;
}
