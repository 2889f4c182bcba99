// A host's local time to UTC by the rules of its time zone.

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime knows a time zone. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * A local time such as `2026-03-01T10:00:00.5` in UTC, its digits kept. In an hour that the clocks
 * show twice it is the first, in an hour that they skip it is as far after the change as the clock
 * was set wrong. Throws a RangeError for a zone that is none.
 */
export function utcOf(local: string, zone: string): string {
  const point = local.indexOf('.');
  const [seconds, digits] = point === -1 ? [local, ''] : [local.slice(0, point), local.slice(point)];
  const asUtcMs = Date.parse(`${seconds}Z`);
  // No zone changes twice within two days.
  const before = offsetMs(asUtcMs - DAY_MS, zone);
  const after = offsetMs(asUtcMs + DAY_MS, zone);
  const isBefore =
    before === after || offsetMs(asUtcMs - before, zone) === before || offsetMs(asUtcMs - after, zone) !== after;
  const utc = new Date(asUtcMs - (isBefore ? before : after)).toISOString();
  return `${utc.slice(0, -'.000Z'.length)}${digits}Z`;
}

const known = new Map<string, number>();
const MOST_KNOWN = 4096;

/**
 * How far the zone is ahead of UTC at a time. Cached by the quarter of an hour, within which no
 * zone changes; the runtime's own answer is slow.
 */
function offsetMs(atMs: number, zone: string): number {
  const quarter = Math.floor(atMs / (HOUR_MS / 4));
  const key = `${quarter} ${zone}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(quarter * (HOUR_MS / 4))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter * (HOUR_MS / 4);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, offset);
  return offset;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const present = formats.get(zone);
  if (present !== undefined) return present;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}
