// Silences as the pages take and show them. Pure.

/** Matchers as they are typed, one a line. */
export function matchersOf(typed: string): readonly string[] {
  return typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A span such as `90m`, `2h` or `3d` in milliseconds; undefined for what is none. */
export function spanOf(typed: string): number | undefined {
  const { count, unit } = /^(?<count>\d{1,4})\s*(?<unit>[mhd])$/u.exec(typed.trim())?.groups ?? {};
  if (count === undefined || unit === undefined || Number(count) === 0) return undefined;
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
