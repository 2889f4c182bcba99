// Times, spans and numbers as text in messages, and the addresses that may become links.
import { safeText } from '../safe-text.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MAX_URL_CHARACTERS = 2000;

/** The longest shown name of a person, a group or a link. */
export const MAX_NAME_CHARACTERS = 100;

/** A moment, e.g. `2026-03-01 10:00:00 UTC`; epoch milliseconds that are no time become words. */
export function timeText(epochMs: number): string {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) return 'at an unknown time';
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

/** A moment with its age at `nowMs`, where that is known and later. */
export function agedText(epochMs: number, nowMs: number | undefined): string {
  const age = nowMs === undefined || nowMs < epochMs ? '' : `, ${spanText(nowMs - epochMs)} ago`;
  return `${timeText(epochMs)}${age}`;
}

/** A moment with the time left at `nowMs`, where that is known and earlier. */
export function dueText(epochMs: number, nowMs: number | undefined): string {
  const left = nowMs === undefined || nowMs > epochMs ? '' : `, in ${spanText(epochMs - nowMs)}`;
  return `${timeText(epochMs)}${left}`;
}

/** A span in its two largest units, e.g. `2 h 5 min`; a negative one counts as none. */
export function spanText(spanMs: number): string {
  const ms = Math.max(0, spanMs);
  if (ms < SECOND_MS) return 'less than a second';
  const parts = [
    [Math.floor(ms / DAY_MS), 'd'],
    [Math.floor((ms % DAY_MS) / HOUR_MS), 'h'],
    [Math.floor((ms % HOUR_MS) / MINUTE_MS), 'min'],
    [Math.floor((ms % MINUTE_MS) / SECOND_MS), 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A number with its noun, e.g. `1 host`, `2,000 hosts`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * An address for a link: absolute, http or https, characters of markup percent-encoded. Undefined
 * for everything else.
 */
export function safeUrl(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href, username, password } = new URL(url);
  if (!['http:', 'https:'].includes(protocol) || username !== '' || password !== '') return undefined;
  const encoded = safeText(href, MAX_URL_CHARACTERS + 1).replaceAll(/[|<>"'`\\^{}\s*]/gu, encodeURIComponent);
  const plain = encoded.replaceAll("'", '%27').replaceAll('*', '%2A');
  return plain.length > MAX_URL_CHARACTERS ? undefined : plain;
}
