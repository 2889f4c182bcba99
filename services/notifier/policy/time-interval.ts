// Time intervals with their names and meaning as in Alertmanager, evaluated in their own time zone.
// https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0

/** Both ends belong to it. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/**
 * One span. A list that is missing allows everything; `times` are minutes of the day, the end not
 * included; days of the month may count from its end (-1).
 */
export interface TimeSpan {
  readonly times?: readonly NumberRange[];
  /** 0 is Sunday. */
  readonly weekdays?: readonly NumberRange[];
  readonly daysOfMonth?: readonly NumberRange[];
  /** 1 is January. */
  readonly months?: readonly NumberRange[];
  readonly years?: readonly NumberRange[];
  /** An IANA time zone, e.g. Europe/Berlin. */
  readonly location: string;
}

/** A named interval: any of its spans. */
export interface TimeInterval {
  readonly name: string;
  readonly spans: readonly TimeSpan[];
}

const MINUTE_MS = 60_000;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a moment (epoch milliseconds) is in the interval. */
export function isWithin(interval: TimeInterval, atMs: number): boolean {
  return interval.spans.some((span) => isInSpan(span, atMs));
}

/**
 * The first full minute after `atMs`, at most `withinMs` away, at which `test` has another result
 * than at `atMs`; undefined when there is none.
 */
export function nextChangeMs(test: (atMs: number) => boolean, atMs: number, withinMs: number): number | undefined {
  const before = test(atMs);
  const end = atMs + withinMs;
  for (let minute = Math.floor(atMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS; minute <= end; minute += MINUTE_MS)
    if (test(minute) !== before) return minute;
  return undefined;
}

function isInSpan(span: TimeSpan, atMs: number): boolean {
  const local = localTime(span.location, atMs);
  const isIn = (ranges: readonly NumberRange[] | undefined, value: number): boolean =>
    ranges === undefined || ranges.some(({ from, to }) => value >= from && value <= to);
  const isInTimes =
    span.times === undefined || span.times.some(({ from, to }) => local.minute >= from && local.minute < to);
  return (
    isInTimes &&
    isIn(span.weekdays, local.weekday) &&
    isInDays(span.daysOfMonth, local) &&
    isIn(span.months, local.month) &&
    isIn(span.years, local.year)
  );
}

function isInDays(ranges: readonly NumberRange[] | undefined, { day, month, year }: LocalTime): boolean {
  if (ranges === undefined) return true;
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const clamp = (value: number): number => (value < 0 ? length + 1 + value : value);
  return ranges.some(({ from, to }) => day >= Math.max(1, clamp(from)) && day <= Math.min(length, clamp(to)));
}

interface LocalTime {
  /** Of the day. */
  readonly minute: number;
  readonly weekday: number;
  readonly day: number;
  readonly month: number;
  readonly year: number;
}

function localTime(location: string, atMs: number): LocalTime {
  const parts = Object.fromEntries(
    formatOf(location)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  return {
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
    weekday: WEEKDAYS.indexOf(parts['weekday'] ?? ''),
    day: Number(parts['day']),
    month: Number(parts['month']),
    year: Number(parts['year']),
  };
}

/** Making a format is slow; there are as many as time zones in the configuration. */
function formatOf(location: string): Intl.DateTimeFormat {
  const known = formats.get(location);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: location,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  formats.set(location, made);
  return made;
}

/** Whether the runtime knows a time zone. */
export function isTimeZone(location: string): boolean {
  try {
    formatOf(location);
    return true;
  } catch {
    return false;
  }
}
