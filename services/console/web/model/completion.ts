// What can follow in the typed filter. Pure.
import { AGES, FILTER_FIELDS, FLAG_NAMES, type FilterName, NOBODY, STATES } from '../../read/filter-fields.ts';
import { SEVERITIES } from '../../../../shared/contracts/remediation.ts';
import { conditionText, isFilterName } from './filter.ts';

/** One way to go on. */
export interface Completion {
  /** The whole text with it put in, and where the caret then stands. */
  readonly text: string;
  readonly caret: number;
  /** What the list shows. */
  readonly label: string;
  readonly detail: string;
}

/** A value that is known, of how many incidents, and what it is called. */
export interface KnownValue {
  readonly value: string;
  readonly count: number;
  readonly name?: string | undefined;
}

const MAX = 12;

/** Values that are known beforehand. */
const FIXED: Partial<Readonly<Record<FilterName, readonly string[]>>> = {
  state: STATES,
  severity: SEVERITIES.toReversed(),
  is: FLAG_NAMES,
  age: AGES,
  assignee: ['me', NOBODY],
};

/** The ways to complete the word at the caret, best first. */
export function completionsAt(
  text: string,
  caret: number,
  valuesOf: (field: FilterName) => readonly KnownValue[],
): readonly Completion[] {
  const start = text.lastIndexOf(' ', caret - 1) + 1;
  const [, minus = '', word = ''] = /^(?<minus>-?)(?<word>.*)$/u.exec(text.slice(start, caret)) ?? [];
  const put = (replaced: string, label: string, detail: string): Completion => {
    const before = text.slice(0, start) + minus + replaced;
    return { text: before + text.slice(caret).replace(/^\S*/u, ''), caret: before.length, label, detail };
  };
  const [, name = '', given = ''] = /^(?<name>[A-Za-z]+):(?<given>.*)$/u.exec(word) ?? [];
  if (!isFilterName(name))
    return Object.entries(FILTER_FIELDS)
      .filter(([field]) => field.toLowerCase().startsWith(word.toLowerCase()))
      .slice(0, MAX)
      .map(([field, { description }]) => put(`${field}:`, `${field}:`, description));
  const kept = given.slice(0, given.lastIndexOf(',') + 1);
  const wanted = given.slice(kept.length).replace(/^"/u, '').toLowerCase();
  const taken = new Set(kept.split(','));
  return candidates(name, valuesOf(name))
    .filter((known) => !taken.has(known.value) && `${known.value} ${known.name ?? ''}`.toLowerCase().includes(wanted))
    .toSorted((left, right) => rank(left, wanted) - rank(right, wanted))
    .slice(0, MAX)
    .map(({ value, count, name: called }) => {
      const written = conditionText({ name, values: [value], isNot: false }).slice(name.length + 1);
      return put(`${name}:${kept}${written}`, called ?? value, count === 0 ? '' : String(count));
    });
}

function candidates(field: FilterName, known: readonly KnownValue[]): readonly KnownValue[] {
  const counts = new Map(known.map(({ value, count }) => [value === '' ? NOBODY : value, count]));
  const fixed = FIXED[field]?.map((value) => ({ value, count: counts.get(value) ?? 0 })) ?? [];
  return [...fixed, ...known.filter(({ value }) => value !== '' && FIXED[field]?.includes(value) !== true)];
}

/** What begins with the word comes before what holds it. */
function rank({ value }: KnownValue, wanted: string): number {
  return value.toLowerCase().startsWith(wanted) ? 0 : 1;
}
