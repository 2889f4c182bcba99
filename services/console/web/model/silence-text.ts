// Silences as the pages take and show them, and the matchers of what is selected. Pure.
import type { Condition } from '../../read/filter-words.ts';

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

/**
 * A matcher for a label that has one of these values, in which a star stands for anything; with
 * `isNot` none of them.
 */
export function matcherText(label: string, values: readonly string[], isNot = false): string {
  const [first = ''] = values;
  if (values.length === 1 && !first.includes('*')) return `${label}${isNot ? '!=' : '='}${quoted(first)}`;
  const patterns = values.map((value) => value.split('*').map(literal).join('.*'));
  return `${label}${isNot ? '!~' : '=~'}${quoted(patterns.join('|'))}`;
}

function literal(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

/** Labels by the names of the filter. */
const LABELS: Readonly<Record<string, string>> = {
  id: 'incident_id',
  rule: 'rule',
  class: 'class',
  severity: 'severity',
  host: 'host',
  provider: 'provider',
  eventId: 'event_id',
  port: 'port',
};

/**
 * The matchers of a filter, as far as silences know its fields: they match what the filter does,
 * and more where it also asks for the state, the owner or the age.
 */
export function matchersOfFilter(conditions: readonly Condition[]): readonly string[] {
  return conditions.flatMap(({ name, values, isNot }) => {
    const label = LABELS[name];
    return label === undefined ? [] : [matcherText(label, values, isNot)];
  });
}
