// Event times: RFC 3339 in, RFC 3339 UTC out with every digit kept.

/** The tag of an event whose time cannot be read. */
export const TIME_INVALID_TAG = 'foghorn_time_invalid';

/**
 * RFC 3339 and variants: a comma before the fraction, a blank or none before the zone, `UTC` for
 * `Z`, a leap second, the end of a day as 24:00:00.
 */
const CALENDAR =
  /^(\d{4}-\d{2}-\d{2})[T ]((?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)|24:00:00)(?:[.,](\d+))?(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$/iu;
const END_OF_DAY = '24:00:00';
const ZONED = /(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$/iu;
/** Also as Windows PowerShell's JSON has it, `/Date(1795165200250)/`. */
const EPOCH = /^(?:\/Date\()?(\d{9,19})(?:[.,](\d+))?(?:(?:[+-]\d{4})?\)\/)?$/u;
const MAX_DIGITS = 9;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_EPOCH_MS = 8.64e15;
/**
 * A PC's clock without a battery starts in 1980; what is earlier, such as the year 1601 of a
 * FILETIME of zero, nothing recorded.
 */
const FIRST_YEAR = 1980;

/**
 * Digits behind the seconds by the number of digits in all: every count since 1970 until the year
 * 2286 has as many as here. Eighteen are a FILETIME.
 */
const SUBSECOND_DIGITS: ReadonlyMap<number, number> = new Map([
  [9, 0],
  [10, 0],
  [12, 3],
  [13, 3],
  [15, 6],
  [16, 6],
  [18, 7],
  [19, 9],
]);
const FILETIME_LENGTH = 18;
/**
 * From 1601 to 1970, in seconds.
 * Source: https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-filetime.
 */
const FILETIME_EPOCH_SECONDS = 11_644_473_600;

/**
 * The time in UTC with up to nine digits of a second, or undefined when it is none. A time without
 * a zone is UTC, as Windows writes it. A number is a count since 1970, of seconds, milliseconds,
 * microseconds or nanoseconds by its length, or a FILETIME. Source: RFC 3339 section 5.6.
 */
export function normaliseTime(value: string): string | undefined {
  if (isNormal(value)) return value;
  const given = value.trim();
  const parts = CALENDAR.exec(given);
  const time = parts === null ? ofNumber(given) : ofCalendar(parts);
  return time !== undefined && Number(time.slice(0, 4)) >= FIRST_YEAR ? time : undefined;
}

/** Whether a time says from which zone it counts; a number always counts from 1970 in UTC. */
export function hasZone(value: string): boolean {
  const given = value.trim();
  return ZONED.test(given) || EPOCH.test(given);
}

function ofCalendar(parts: RegExpExecArray): string | undefined {
  const [, date = '', clock = '', fraction = '', zone = 'Z'] = parts;
  if (!isDay(date)) return undefined;
  const digits = fractionOf(fraction);
  const offset = /^[+-]/u.test(zone) ? zone : 'Z';
  if (clock === END_OF_DAY) {
    // After 24:00:00 the day is over.
    return /[1-9]/u.test(digits) ? undefined : written(Date.parse(`${date}T00:00:00${offset}`) + DAY_MS, digits);
  }
  if (clock.endsWith(':60')) return written(Date.parse(`${date}T${clock.slice(0, -2)}00${offset}`) + MINUTE_MS, digits);
  return offset === 'Z' ? `${date}T${clock}${digits}Z` : written(Date.parse(`${date}T${clock}${offset}`), digits);
}

function ofNumber(given: string): string | undefined {
  const [, count = '', rest = ''] = EPOCH.exec(given) ?? [];
  const subsecond = SUBSECOND_DIGITS.get(count.length);
  if (subsecond === undefined) return undefined;
  const split = count.length - subsecond;
  const since = count.length === FILETIME_LENGTH ? FILETIME_EPOCH_SECONDS : 0;
  return written((Number(count.slice(0, split)) - since) * 1000, fractionOf(count.slice(split) + rest));
}

function fractionOf(digits: string): string {
  return digits === '' ? '' : `.${digits.slice(0, MAX_DIGITS)}`;
}

/** Whole seconds and the digits behind them; a year that has more than four digits is none. */
function written(epochMs: number, digits: string): string | undefined {
  if (!(Math.abs(epochMs) <= MAX_EPOCH_MS)) return undefined;
  const seconds = new Date(epochMs).toISOString();
  return /^\d{4}-/u.test(seconds) ? `${seconds.slice(0, -'.000Z'.length)}${digits}Z` : undefined;
}

const ZERO = 0x30;
const SECONDS = '2026-03-01T10:15:30';
/** The marks of RFC 3339 by their places. */
const MARKS = Array.from(SECONDS, (mark, at) => ({ at, mark, code: mark.charCodeAt(0) })).filter(
  ({ mark }) => !/\d/u.test(mark),
);

/**
 * Whether a time is written already as it is to be, as nearly every one is: a look at each
 * character in place of a pattern.
 */
function isNormal(value: string): boolean {
  const end = value.length - 1;
  if (end < SECONDS.length || !value.endsWith('Z') || !isFraction(value, end)) return false;
  for (const { at, code } of MARKS) if (value.charCodeAt(at) !== code) return false;
  const year = pairAt(value, 0) * 100 + pairAt(value, 2);
  return year >= FIRST_YEAR && isClock(value) && hasDay(year, pairAt(value, 5), pairAt(value, 8));
}

/** Nothing, or a point and up to nine digits, between the seconds and `end`. */
function isFraction(value: string, end: number): boolean {
  const digits = end - SECONDS.length - 1;
  if (digits === -1) return true;
  if (digits === 0 || digits > MAX_DIGITS || value[SECONDS.length] !== '.') return false;
  for (let at = SECONDS.length + 1; at < end; at += 1) if (Number.isNaN(digitAt(value, at))) return false;
  return true;
}

function isClock(value: string): boolean {
  return pairAt(value, 11) < 24 && pairAt(value, 14) < 60 && pairAt(value, 17) < 60;
}

/** Two digits as a number, NaN when one is none. */
function pairAt(value: string, at: number): number {
  return digitAt(value, at) * 10 + digitAt(value, at + 1);
}

function digitAt(value: string, at: number): number {
  const digit = value.charCodeAt(at) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
}

function isDay(date: string): boolean {
  return hasDay(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8)));
}

/** Whether the month has the day. */
function hasDay(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && isLeap ? 29 : DAYS[month - 1];
  return last !== undefined && day >= 1 && day <= last;
}

/**
 * Writes epoch milliseconds as RFC 3339 in UTC, three digits. Caches the last text, because events
 * come by the dozen a millisecond. Throws a RangeError for what is no time.
 */
export function createTimeWriter(): (epochMs: number) => string {
  let last = Number.NaN;
  let text = '';
  return (epochMs) => {
    if (epochMs !== last) {
      text = new Date(epochMs).toISOString();
      last = epochMs;
    }
    return text;
  };
}
