// Ranges of weekdays, days, months and years as Alertmanager writes them: one value, or two with a
// colon. Pure.
import type { NumberRange } from './time-interval.ts';

const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const MONTHS = 'january february march april may june july august september october november december'.split(' ');

/** Each list of ranges of a span, with the place of one of its values: Sunday is 0, January 1. */
export const RANGE_LISTS = {
  weekdays: (text: string): number => WEEKDAYS.indexOf(text),
  days_of_month: Number,
  months: (text: string): number => (MONTHS.includes(text) ? MONTHS.indexOf(text) + 1 : Number(text)),
  years: Number,
} as const satisfies Readonly<Record<string, (text: string) => number>>;

/**
 * Reads a range that has the right form; `problem` says why it contains nothing, or not what was
 * meant.
 */
export function readRange(
  list: keyof typeof RANGE_LISTS,
  text: string,
): { readonly range: NumberRange; readonly problem?: string } {
  const [first = '', last = first] = text.toLowerCase().split(':');
  const range = { from: RANGE_LISTS[list](first), to: RANGE_LISTS[list](last) };
  const { from, to } = range;
  // As Alertmanager: such a range is empty in February.
  if (from < 0 && to > 0)
    return { range, problem: `${text} begins with a day from the end of the month, so it has to end with one` };
  return from > to && from < 0 === to < 0 ? { range, problem: `${text} runs backwards` } : { range };
}
