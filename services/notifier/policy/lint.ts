// Problems of routing that a schema cannot see: receivers and intervals that are not there, labels
// and values that no incident has, routes that are never reached. Reads the raw settings, so that
// it finds them together with problems of other kinds. Pure.
import type { ConfigProblem } from '../../../shared/runtime/config-issue.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import {
  contradiction,
  problemInName,
  problemsInMatcher,
  type KnownLabels,
} from '../../../shared/matchers/label-check.ts';
import { type Matcher, parseMatchers } from '../../../shared/matchers/matcher.ts';
import type { CatalogLabels } from './known-labels.ts';
import { BY_ALL } from './route.ts';
import { RANGE_LISTS, readRange } from './time-range.ts';

type Path = readonly string[];

/**
 * All problems of the section `notifier`. Unknown labels and values are warnings while the
 * catalogue is not known as a whole.
 */
export function lintRouting(section: unknown, { known, isComplete }: CatalogLabels): readonly ConfigProblem[] {
  const found: ConfigProblem[] = [];
  const labels = withOwnLabels(section, known);
  const receivers = namesIn(at(section, 'receivers')) ?? ['local'];
  const lint: Lint = {
    labels,
    receivers,
    intervals: namesIn(at(section, 'timeIntervals')) ?? [],
    used: new Set(),
    report: (path, text, isWarning = false) =>
      void found.push({
        path: ['notifier', ...path],
        at: 'value',
        text: `${showPlace(['notifier', ...path])}: ${text}`,
        ...(isWarning ? { isWarning: true as const } : {}),
      }),
    isGuess: !isComplete,
  };
  const route = at(section, 'route');
  if (route !== undefined) lintRoute(route, { path: ['route'], above: [] }, lint);
  lintInhibition(section, lint);
  lintIntervals(section, lint);
  for (const [index, rule] of items(at(section, 'labels')))
    lintMatchers(at(rule, 'matchers'), { path: ['labels', index, 'matchers'], above: [] }, lint);
  if (route !== undefined) lintUnused(section, lint);
  return found;
}

interface Lint {
  readonly labels: KnownLabels;
  readonly receivers: readonly string[];
  readonly intervals: readonly string[];
  /** Receivers and intervals that routes name. */
  readonly used: Set<string>;
  readonly report: (path: Path, text: string, isWarning?: boolean) => void;
  readonly isGuess: boolean;
}

interface Place {
  readonly path: Path;
  /** Matchers that are already true at a node. */
  readonly above: readonly Matcher[];
}

function lintRoute(route: unknown, { path, above }: Place, lint: Lint): void {
  const matchers = lintMatchers(at(route, 'matchers'), { path: [...path, 'matchers'], above }, lint);
  const steps = items(at(route, 'escalate'));
  lintNames(lint, 'receivers', [
    ...(typeof at(route, 'receiver') === 'string' ? [[[...path, 'receiver'], at(route, 'receiver')] as const] : []),
    ...listed(route, path, 'receivers'),
    ...steps.flatMap(([index, step]) => listed(step, [...path, 'escalate', index], 'receivers')),
  ]);
  lintNames(lint, 'intervals', [
    ...listed(route, path, 'mute_time_intervals'),
    ...listed(route, path, 'active_time_intervals'),
  ]);
  lintLabelNames(listed(route, path, 'group_by'), lint);
  let taken: string | undefined;
  for (const [index, child] of items(at(route, 'routes'))) {
    const own = [...path, 'routes', index];
    if (taken !== undefined) lint.report(own, `this route is never reached: ${taken} before it takes everything.`);
    lintRoute(child, { path: own, above: [...above, ...matchers] }, lint);
    if (items(at(child, 'matchers')).length === 0 && at(child, 'continue') !== true)
      taken ??= showPlace(['notifier', ...own]);
  }
}

function lintIntervals(section: unknown, { report }: Lint): void {
  const names = new Set<unknown>();
  for (const [index, interval] of items(at(section, 'timeIntervals'))) {
    const name = at(interval, 'name');
    if (typeof name === 'string' && names.has(name))
      report(['timeIntervals', index, 'name'], `the name ${name} is given twice.`);
    names.add(name);
    for (const [number, span] of items(at(interval, 'time_intervals')))
      for (const [path, problem] of problemsInSpan(span, ['timeIntervals', index, 'time_intervals', number]))
        report(path, `${problem}.`);
  }
}

function problemsInSpan(span: unknown, path: Path): readonly (readonly [Path, string])[] {
  return (Object.keys(RANGE_LISTS) as (keyof typeof RANGE_LISTS)[]).flatMap((list) =>
    listed(span, path, list).flatMap(([place, text]) => {
      const { problem } = typeof text === 'string' ? readRange(list, text) : {};
      return problem === undefined ? [] : [[place, problem] as const];
    }),
  );
}

function lintInhibition(section: unknown, lint: Lint): void {
  for (const [index, rule] of items(at(section, 'inhibitRules'))) {
    const path = ['inhibitRules', index];
    for (const key of ['source_matchers', 'target_matchers'])
      lintMatchers(at(rule, key), { path: [...path, key], above: [] }, lint);
    lintLabelNames(listed(rule, path, 'equal'), lint);
  }
}

/** The matchers that can be parsed; the schema reports the others. */
function lintMatchers(texts: unknown, { path, above }: Place, lint: Lint): readonly Matcher[] {
  const own = items(texts).flatMap(([index, text]) => {
    const parsed = typeof text === 'string' ? parseMatchers(text) : undefined;
    const read = parsed?.kind === 'matchers' ? parsed.matchers : [];
    for (const matcher of read)
      for (const problem of problemsInMatcher(matcher, lint.labels))
        lint.report([...path, index], problem.text, !problem.isCertain || isGuess(matcher.name, lint));
    return read;
  });
  const never = contradiction([...above, ...own], lint.labels);
  if (never !== undefined && own.length > 0 && contradiction(above, lint.labels) === undefined)
    lint.report(path, `${never}.`);
  return own;
}

/** Problems that depend on the catalogue; severities do not. */
function isGuess(name: string, { isGuess: isUnsure }: Lint): boolean {
  return isUnsure && name !== 'severity';
}

function lintLabelNames(names: readonly (readonly [Path, unknown])[], lint: Lint): void {
  for (const [path, name] of names) {
    if (typeof name !== 'string' || name === BY_ALL) continue;
    const problem = problemInName(name, lint.labels);
    if (problem !== undefined) lint.report(path, problem, lint.isGuess);
  }
}

function lintNames(lint: Lint, kind: 'receivers' | 'intervals', names: readonly (readonly [Path, unknown])[]): void {
  const known = lint[kind];
  const what = kind === 'receivers' ? 'receiver' : 'time interval of notifier.timeIntervals';
  for (const [path, name] of names) {
    if (typeof name !== 'string') continue;
    lint.used.add(`${kind} ${name}`);
    if (!known.includes(name))
      lint.report(path, `${name} is no ${what}.${didYouMean(name, known)} There are ${known.join(', ') || 'none'}.`);
  }
}

/** A root without a receiver goes to all receivers. */
function lintUnused(section: unknown, lint: Lint): void {
  const route = at(section, 'route');
  const isToAll = at(route, 'receiver') === undefined && at(route, 'receivers') === undefined;
  if (!isToAll)
    for (const [index, receiver] of items(at(section, 'receivers'))) {
      const name = at(receiver, 'name');
      if (typeof name === 'string' && !lint.used.has(`receivers ${name}`))
        lint.report(['receivers', index], `the receiver ${name} is in no route: it is notified of nothing.`, true);
    }
  for (const [index, interval] of items(at(section, 'timeIntervals'))) {
    const name = at(interval, 'name');
    if (typeof name === 'string' && !lint.used.has(`intervals ${name}`))
      lint.report(['timeIntervals', index], `the time interval ${name} is in no route.`, true);
  }
}

/** The labels of the catalogue and those that the setting `labels` of this section sets. */
export function withOwnLabels(section: unknown, { names, values }: KnownLabels): KnownLabels {
  const all = { names: new Set(names), values: new Map(values) };
  for (const [, rule] of items(at(section, 'labels'))) {
    const set = at(rule, 'set');
    if (typeof set !== 'object' || set === null) continue;
    for (const [name, value] of Object.entries(set)) {
      all.names.add(name);
      const closed = all.values.get(name);
      if (closed !== undefined) all.values.set(name, [...closed, String(value)]);
    }
  }
  return all;
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function items(value: unknown): readonly (readonly [string, unknown])[] {
  return Array.isArray(value) ? value.map((item: unknown, index) => [String(index), item] as const) : [];
}

function listed(value: unknown, path: Path, key: string): readonly (readonly [Path, unknown])[] {
  return items(at(value, key)).map(([index, item]) => [[...path, key, index], item] as const);
}

function namesIn(list: unknown): readonly string[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((item) => (typeof at(item, 'name') === 'string' ? [at(item, 'name') as string] : []));
}

function showPlace(path: Path): string {
  return path
    .map((key) => (/^\d+$/u.test(key) ? `[${key}]` : `.${key}`))
    .join('')
    .slice(1);
}
