// Durations as Prometheus writes them: 30s, 5m, 1h30m.
// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const FORM = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?$/u;

/** Milliseconds of a duration, or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text === '' || !FORM.test(text)) return undefined;
  let sumMs = 0;
  for (const { groups } of text.matchAll(/(?<count>\d+)(?<unit>ms|[ywdhms])/gu))
    sumMs += Number(groups?.['count']) * (UNITS_MS[groups?.['unit'] ?? ''] ?? 0);
  return Number.isSafeInteger(sumMs) ? sumMs : undefined;
}

/** A duration as people read it, e.g. `5m` or `1h30m`. */
export function showDuration(ms: number): string {
  if (ms === 0) return '0s';
  let left = ms;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const unitMs = UNITS_MS[unit] ?? 1;
    const count = Math.floor(left / unitMs);
    if (count > 0) text += `${count}${unit}`;
    left -= count * unitMs;
  }
  return text;
}
