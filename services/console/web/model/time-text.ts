// Times and spans as text. Pure: the clock and the zone come in.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long, in at most two units: `45 s`, `12 min`, `2 h 10 min`, `3 d 4 h`. Never negative. */
export function spanText(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  if (span < DAY_MS) return twoUnits(span, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return twoUnits(span, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

/** The same in one unit, for a narrow column: `45s`, `12m`, `2h`, `3d`. */
export function shortSpan(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)}s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)}m`;
  if (span < 2 * DAY_MS) return `${Math.floor(span / HOUR_MS)}h`;
  return `${Math.floor(span / DAY_MS)}d`;
}

type Unit = readonly [ms: number, name: string];

function twoUnits(span: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((span % large) / small);
  return `${Math.floor(span / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** How a moment is shown: by the reader's own zone, or in UTC. */
export interface Zone {
  /** An IANA name. */
  readonly name: string;
}

/** Coordinated universal time. */
export const UTC: Zone = { name: 'UTC' };

/** Time of the day, e.g. `20:21:51`; with the date when it is another day than `now`. */
export function momentText(at: string, now: number, zone: Zone): string {
  const parts = partsOf(Date.parse(at), zone);
  const time = `${parts.hour}:${parts.minute}:${parts.second}`;
  return dayOf(parts) === dayOf(partsOf(now, zone)) ? time : `${dayOf(parts)} ${time}`;
}

/** The whole moment with its offset, e.g. `2026-11-30 20:21:51 GMT+1`. */
export function fullMoment(at: string, zone: Zone): string {
  const parts = partsOf(Date.parse(at), zone);
  return `${dayOf(parts)} ${parts.hour}:${parts.minute}:${parts.second} ${parts.timeZoneName ?? ''}`.trim();
}

/** A moment in both zones, for a tooltip. */
export function bothMoments(at: string, zone: Zone): string {
  const own = fullMoment(at, zone);
  const utc = fullMoment(at, UTC);
  return own === utc ? utc : `${own} · ${utc}`;
}

type Parts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function partsOf(ms: number, { name }: Zone): Parts {
  let format = FORMATS.get(name);
  if (format === undefined) {
    const twoDigits = '2-digit';
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: name,
      year: 'numeric',
      month: twoDigits,
      day: twoDigits,
      hour: twoDigits,
      minute: twoDigits,
      second: twoDigits,
      hourCycle: 'h23',
      timeZoneName: 'short',
    });
    FORMATS.set(name, format);
  }
  return Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value])) as Parts;
}

function dayOf({ year, month, day }: Parts): string {
  return `${year}-${month}-${day}`;
}

/** A moment as a field for date and time takes it, in a zone: UTC or that of the browser. */
export function fieldMoment(ms: number, { name }: Zone): string {
  const shiftMs = name === UTC.name ? 0 : new Date(ms).getTimezoneOffset() * MINUTE_MS;
  return new Date(ms - shiftMs).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length);
}

/** The moment of such a field, epoch milliseconds; undefined for an empty one. */
export function momentOfField(value: string, { name }: Zone): number | undefined {
  const ms = Date.parse(name === UTC.name ? `${value}Z` : value);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Until 8:00 of the next day in the zone of `now`'s own clock. */
export function tomorrowMorning(now: number): Date {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, 8);
}
