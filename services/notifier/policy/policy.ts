// Policy compiled from its settings: the tree with inherited values, rules with parsed matchers,
// intervals by name.
import { digestId } from '../../../shared/contracts/ids.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { parseDuration } from '../../../shared/runtime/duration.ts';
import type { InhibitRule } from './inhibit.ts';
import type { LabelRule } from './labels.ts';
import { type Matcher, parseMatchers, showMatchers } from '../../../shared/matchers/matcher.ts';
import { BY_ALL, type ReceiverTraits, type Escalation, type Grouping, type Route, routesOf } from './route.ts';
import type { PolicySettings, RouteSettings, TimeSpanSettings } from './settings.ts';
import type { NumberRange, TimeInterval, TimeSpan } from './time-interval.ts';
import { type RANGE_LISTS, readRange } from './time-range.ts';

/** Everything that decides who is notified. */
export interface Policy {
  readonly candidates: readonly ReceiverTraits[];
  readonly root: Route;
  /** Every node that may notify: of the tree, and those below. */
  readonly routes: readonly Route[];
  /**
   * The receivers that are notified of a failing receiver when its own route leads to that receiver
   * alone.
   */
  readonly fallback: Route;
  /** Takes the incidents of a storm; only where no route is configured. */
  readonly storm?: Route;
  readonly labelRules: readonly LabelRule[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  /** The same while incidents are routed, grouped and inhibited in the same way. */
  readonly fingerprint: string;
}

/** Alertmanager's defaults, for configured routes. */
const DEFAULTS: GroupingSettings = { by: [], waitMs: 30_000, intervalMs: 300_000, repeatMs: 14_400_000 };
const AT_ONCE: Grouping = { by: 'each', waitMs: 0, intervalMs: 300_000, repeatMs: 0 };
const STORM: Grouping = { by: ['alertname'], waitMs: 10_000, intervalMs: 60_000, repeatMs: 0 };

/** A site that is gone is one message, whichever of its sources is noticed first. */
const SOURCES: Grouping = { by: ['class'], waitMs: 30_000, intervalMs: 300_000, repeatMs: 0 };

/**
 * Compiles policy from its settings. Throws ConfigError with all contradictions: receivers and
 * intervals that do not exist, names given twice.
 */
export function createPolicy(settings: PolicySettings, candidates: readonly ReceiverTraits[]): Policy {
  const problems: string[] = [];
  const intervals = readIntervals(settings, problems);
  const known: Known = { receivers: new Set(candidates.map(({ name }) => name)), intervals, problems };
  const path = 'notifier.route';
  const root =
    settings.route === undefined
      ? { ...toAll(candidates, { path, key: '/{}', grouping: AT_ONCE }), routes: [sourcesRoute(candidates)] }
      : readRoute({ ...settings.route, matchers: [], continue: false }, { path, parent: topOf(candidates) }, known);
  const fallback = toAll(candidates, { path: 'any other receiver', key: '/fallback', grouping: AT_ONCE });
  const storm =
    settings.route === undefined
      ? {
          storm: {
            ...toAll(candidates, { path: 'a storm', key: '/storm', grouping: STORM }),
            routes: [sourcesRoute(candidates)],
          },
        }
      : {};
  if (problems.length > 0)
    throw new ConfigError(`The routing cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  return {
    candidates,
    root,
    routes: [...routesOf(root), fallback, ...Object.values(storm)],
    fallback,
    ...storm,
    intervals,
    fingerprint: fingerprintOf(settings, candidates),
    labelRules: settings.labels.map(({ matchers, set }) => ({ matchers: readMatchers(matchers), set })),
    inhibitRules: settings.inhibitRules.map((rule, index) => ({
      name: rule.name ?? `notifier.inhibitRules[${index}]`,
      sourceMatchers: readMatchers(rule.source_matchers),
      targetMatchers: readMatchers(rule.target_matchers),
      equal: rule.equal,
    })),
  };
}

/**
 * Not the digest of the whole section: a rotated token or another port must not look like another
 * policy.
 */
function fingerprintOf(
  { route, inhibitRules, timeIntervals, labels }: PolicySettings,
  candidates: readonly ReceiverTraits[],
): string {
  return digestId([JSON.stringify({ route, inhibitRules, timeIntervals, labels }), JSON.stringify(candidates)]);
}

function toAll(candidates: readonly ReceiverTraits[], own: Pick<Route, 'path' | 'key' | 'grouping'>): Route {
  return {
    ...own,
    matchers: [],
    receivers: candidates.map(({ name }) => name),
    minSeverity: 'info',
    escalations: [],
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    continues: false,
    routes: [],
  };
}

/** Takes the incidents of sources, in a storm as without; only where no route is configured. */
function sourcesRoute(candidates: readonly ReceiverTraits[]): Route {
  const route = toAll(candidates, { path: 'sources', key: '/sources', grouping: SOURCES });
  return { ...route, matchers: readMatchers(['class=~"source-.+"']) };
}

interface Known {
  readonly receivers: ReadonlySet<string>;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  readonly problems: string[];
}

type Step = Omit<Escalation, 'route'>;

type Inherited = Pick<Route, 'key' | 'receivers' | 'minSeverity'> & {
  readonly steps: readonly Step[];
  readonly given: GivenTimes;
};

/** For grouping, as written. */
interface GroupingSettings extends Omit<Grouping, 'by'> {
  readonly by: readonly string[];
}

/** The grouping as written here or above. */
type GivenTimes = Partial<GroupingSettings>;

function topOf(candidates: readonly ReceiverTraits[]): Inherited {
  return { key: '', receivers: candidates.map(({ name }) => name), minSeverity: 'info', steps: [], given: {} };
}

function readRoute(
  settings: RouteSettings,
  { path, parent }: { readonly path: string; readonly parent: Inherited },
  known: Known,
): Route {
  const named = [...(settings.receiver === undefined ? [] : [settings.receiver]), ...(settings.receivers ?? [])];
  const isNamed = settings.receiver !== undefined || settings.receivers !== undefined;
  const mentioned = [...named, ...(settings.escalate ?? []).flatMap(({ receivers }) => receivers)];
  for (const name of mentioned.filter((receiver) => !known.receivers.has(receiver)))
    known.problems.push(`${path}: ${name} is no receiver. Receivers: ${[...known.receivers].join(', ') || 'none'}.`);
  for (const name of [...settings.mute_time_intervals, ...settings.active_time_intervals])
    if (!known.intervals.has(name))
      known.problems.push(`${path}: ${name} is no time interval of notifier.timeIntervals.`);
  const matchers = readMatchers(settings.matchers);
  const own: Inherited = {
    key: `${parent.key}/${showMatchers(matchers)}`,
    steps: readSteps(settings) ?? parent.steps,
    receivers: isNamed ? named : parent.receivers,
    minSeverity: settings.minSeverity ?? parent.minSeverity,
    given: { ...parent.given, ...givenTimes(settings) },
  };
  const route: Route = {
    path,
    key: own.key,
    matchers,
    receivers: own.receivers,
    minSeverity: own.minSeverity,
    escalations: [],
    grouping: groupingOf(own.given, path, known),
    // Not inherited, as in Alertmanager.
    muteTimeIntervals: settings.mute_time_intervals,
    activeTimeIntervals: settings.active_time_intervals,
    continues: settings.continue,
    routes: settings.routes.map((child, index) =>
      readRoute(child, { path: `${path}.routes[${index}]`, parent: own }, known),
    ),
  };
  return { ...route, escalations: own.steps.map((step, index) => escalationOf(route, step, index)) };
}

/**
 * Groups as the route does, and applies at any severity and hour: its receivers are named for this
 * case.
 */
function escalationOf(route: Route, { afterMs, receivers }: Step, index: number): Escalation {
  const own: Route = {
    ...route,
    path: `${route.path}.escalate[${index}]`,
    key: `${route.key}/escalate/${index + 1}`,
    receivers,
    minSeverity: 'info',
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    routes: [],
    isEscalation: true,
  };
  return { afterMs, receivers, route: own };
}

function readSteps({ escalate }: RouteSettings): readonly Step[] | undefined {
  const steps = escalate?.map(({ after, receivers }) => ({ afterMs: parseDuration(after) ?? 0, receivers }));
  return steps?.sort((left, right) => left.afterMs - right.afterMs);
}

function givenTimes(settings: RouteSettings): GivenTimes {
  const times = {
    waitMs: readDuration(settings.group_wait),
    intervalMs: readDuration(settings.group_interval),
    repeatMs: readDuration(settings.repeat_interval),
  };
  const given = Object.fromEntries(Object.entries(times).filter(([, ms]) => ms !== undefined)) as GivenTimes;
  return settings.group_by === undefined ? given : { ...given, by: settings.group_by };
}

function groupingOf(given: GivenTimes, path: string, { problems }: Known): Grouping {
  const { by, ...times } = { ...DEFAULTS, ...given };
  const isEach = by.includes(BY_ALL);
  if (isEach && by.length > 1)
    problems.push(`${path}: group_by has "${BY_ALL}" and other labels; it has to stand alone.`);
  if (times.intervalMs === 0) problems.push(`${path}: group_interval has to be longer than 0.`);
  return { ...times, by: isEach ? 'each' : by };
}

function readIntervals({ timeIntervals }: PolicySettings, problems: string[]): ReadonlyMap<string, TimeInterval> {
  const intervals = new Map<string, TimeInterval>();
  for (const { name, time_intervals: spans } of timeIntervals) {
    if (intervals.has(name)) problems.push(`notifier.timeIntervals: the name ${name} is given twice.`);
    intervals.set(name, { name, spans: spans.map((span) => readSpan(span, name, problems)) });
  }
  return intervals;
}

function readSpan(span: TimeSpanSettings, name: string, problems: string[]): TimeSpan {
  const of = (list: keyof typeof RANGE_LISTS): readonly NumberRange[] | undefined =>
    span[list]?.map((text) => {
      const { range, problem } = readRange(list, text);
      if (problem !== undefined) problems.push(`notifier.timeIntervals ${name}: ${problem}.`);
      return range;
    });
  const read = {
    times: span.times?.map((times) => ({ from: minuteOf(times.start_time), to: minuteOf(times.end_time) })),
    weekdays: of('weekdays'),
    daysOfMonth: of('days_of_month'),
    months: of('months'),
    years: of('years'),
  };
  const given = Object.fromEntries(Object.entries(read).filter(([, ranges]) => ranges !== undefined));
  return { location: span.location, ...given };
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** The schema has parsed them, so none is bad. */
function readMatchers(texts: readonly string[]): readonly Matcher[] {
  return texts.flatMap((text) => {
    const parsed = parseMatchers(text);
    if (parsed.kind === 'bad') throw new ConfigError(parsed.detail);
    return parsed.matchers;
  });
}

function readDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

/** The tree as lines, for people: path, matchers, receivers. */
export function showRoutes(route: Route): readonly string[] {
  const line = `${route.path} ${showMatchers(route.matchers)} → ${route.receivers.join(', ') || 'nobody'}`;
  return [line, ...route.routes.flatMap(showRoutes)];
}
