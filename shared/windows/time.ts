// Event times: RFC 3339 in, RFC 3339 UTC out with every digit kept.

/** The tag of an event whose time cannot be read. */
export const TIME_INVALID_TAG = 'foghorn_time_invalid';

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[T ]((?:[01]\d|2[0-3]):\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?$/iu;
const MAX_DIGITS = 9;

/** The time in UTC with up to nine digits of a second, or undefined when it is none. A time without a zone is UTC, as Windows writes it. Source: RFC 3339 section 5.6. */
export function normaliseTime(value: string): string | undefined {
  const parts = RFC_3339.exec(value.trim());
  if (parts === null) return undefined;
  const [, date = '', time = '', fraction, zone = 'Z'] = parts;
  const epochMs = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(epochMs)) return undefined;
  const digits = fraction === undefined ? '' : `.${fraction.slice(0, MAX_DIGITS)}`;
  const seconds = new Date(epochMs).toISOString();
  // A day that the month has not is moved on by the parser; it is no time. Nor is a year that the zone moves out of four digits.
  if (!new Date(`${date}T00:00:00Z`).toISOString().startsWith(date) || !/^\d{4}-/u.test(seconds)) return undefined;
  return `${seconds.slice(0, -'.000Z'.length)}${digits}Z`;
}
