// Probable mistakes in matchers: labels that do not exist, values that do not occur. Pure.
import { nearestWord } from '../runtime/nearest.ts';
import { comparable, type Matcher, NETWORK } from './matcher.ts';

/** The labels there can be. */
export interface KnownLabels {
  readonly names: ReadonlySet<string>;
  /** Labels whose values are all known, with them. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** What is wrong with a matcher; `isCertain` is false when it may be meant as it stands. */
interface LabelProblem {
  readonly text: string;
  readonly isCertain: boolean;
}

const MAX_LISTED = 12;

/** Why a label of this name is none, or undefined. */
export function problemInName(name: string, { names }: KnownLabels): string | undefined {
  if (name === NETWORK || names.has(name)) return undefined;
  return `there is no label ${name}.${advice(name, names)}`;
}

/** What is wrong with one matcher by itself. */
export function problemsInMatcher(matcher: Matcher, known: KnownLabels): readonly LabelProblem[] {
  const { name, text, operator, value } = matcher;
  const unknown = problemInName(name, known);
  if (unknown !== undefined) return [{ text: `${text}: ${unknown}`, isCertain: true }];
  const values = known.values.get(name);
  if (values === undefined || value === '') return [];
  const takes = values.filter((one) => matcher.isTrue({ [name]: one }));
  const near = advice(value, values);
  if (operator === '=' || operator === '!=') {
    const isThere = values.some((one) => comparable(name, one) === comparable(name, value));
    const result = operator === '=' ? 'never' : 'always';
    return isThere
      ? []
      : [{ text: `${text} is ${result} true: there is no ${name} ${value}.${near}`, isCertain: true }];
  }
  if (operator === '=~')
    return takes.length > 0 || matcher.isTrue({})
      ? []
      : [{ text: `${text} is never true of any ${name}.${near}`, isCertain: true }];
  return takes.length < values.length
    ? []
    : [{ text: `${text} leaves out no ${name} there is.${near}`, isCertain: false }];
}

/** Why matchers can never be true together, or undefined: two ask different things of one label. */
export function contradiction(matchers: readonly Matcher[], { values }: KnownLabels): string | undefined {
  for (const name of new Set(matchers.map((matcher) => matcher.name))) {
    const own = matchers.filter((matcher) => matcher.name === name);
    const exact = own.filter(({ operator, value }) => operator === '=' && value !== '').map(({ value }) => value);
    const candidates = values.get(name) ?? (exact.length > 0 ? exact : undefined);
    if (own.length < 2 || name === NETWORK || candidates === undefined) continue;
    const alone = own.every((matcher) => candidates.some((value) => matcher.isTrue({ [name]: value })));
    const together = candidates.some((value) => own.every((matcher) => matcher.isTrue({ [name]: value })));
    if (alone && !together) return `${own.map(({ text }) => text).join(' and ')} can never be true together`;
  }
  return undefined;
}

function advice(typed: string, words: Iterable<string>): string {
  const all = [...words];
  const near = nearestWord(typed, all);
  if (near !== undefined) return ` Did you mean ${near}?`;
  const listed = all.slice(0, MAX_LISTED).join(', ');
  return all.length === 0 ? '' : ` There are ${listed}${all.length > MAX_LISTED ? ', …' : ''}.`;
}

/**
 * Why a matcher was probably mistyped, as far as that does not depend on whose catalogue is known;
 * undefined where it may be meant so.
 */
export function mistyped(matcher: Matcher, known: KnownLabels): string | undefined {
  const { name } = matcher;
  const isNear = problemInName(name, known) !== undefined && nearestWord(name, known.names) !== undefined;
  return isNear || name === 'severity'
    ? problemsInMatcher(matcher, known).find(({ isCertain }) => isCertain)?.text
    : undefined;
}
