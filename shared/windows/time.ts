// Event times: RFC 3339 in, RFC 3339 UTC out with every digit kept.

/** The tag of an event whose time cannot be read. */
export const TIME_INVALID_TAG = 'foghorn_time_invalid';

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[T ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?$/iu;
const MAX_DIGITS = 9;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The time in UTC with up to nine digits of a second, or undefined when it is none. A time without a zone is UTC, as Windows writes it. Source: RFC 3339 section 5.6. */
export function normaliseTime(value: string): string | undefined {
  const parts = RFC_3339.exec(value.trim());
  if (parts === null) return undefined;
  const [, date = '', time = '', fraction, zone = 'Z'] = parts;
  if (!isDay(date)) return undefined;
  const digits = fraction === undefined ? '' : `.${fraction.slice(0, MAX_DIGITS)}`;
  if (zone === 'Z' || zone === 'z') return `${date}T${time}${digits}Z`;
  const epochMs = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(epochMs)) return undefined;
  const seconds = new Date(epochMs).toISOString();
  // A year that the zone moves out of four digits is none.
  return /^\d{4}-/u.test(seconds) ? `${seconds.slice(0, -'.000Z'.length)}${digits}Z` : undefined;
}

/** Whether the month has the day. */
function isDay(date: string): boolean {
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && isLeap ? 29 : DAYS[month - 1];
  return last !== undefined && day >= 1 && day <= last;
}

/** Writes epoch milliseconds as RFC 3339 in UTC, three digits. Remembers the last second, because events come by the thousand a second. Throws a RangeError for what is no time. */
export function createTimeWriter(): (epochMs: number) => string {
  let second = Number.NaN;
  let start = '';
  return (epochMs) => {
    const whole = Math.floor(epochMs / 1000);
    if (whole !== second) {
      start = new Date(whole * 1000).toISOString().slice(0, -'000Z'.length);
      second = whole;
    }
    return `${start}${String(Math.trunc(epochMs - whole * 1000)).padStart(3, '0')}Z`;
  };
}
