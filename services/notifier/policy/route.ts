// The routing tree: which receivers are notified of an incident, how they are grouped, and why.
// Alertmanager's names and meaning:
// https://prometheus.io/docs/alerting/latest/configuration/#route. Pure.
import { SEVERITIES, type Severity } from '../../../shared/contracts/remediation.ts';
import { type Labels, type Matcher, matchesAll, showMatchers } from '../../../shared/matchers/matcher.ts';

/** Alertmanager's word for a group of each alert's own. */
export const BY_ALL = '...';

/** The part of a receiver that policy needs. */
export interface ReceiverTraits {
  readonly name: string;
  readonly minSeverity: Severity;
  /**
   * Its messages are edited, or stand for a state at the receiver: it is notified of
   * acknowledgements too.
   */
  readonly followsChanges?: boolean;
  /** Its messages are edited in place: they show the assignee, the notes and the latest count. */
  readonly editsInPlace?: boolean;
  /**
   * Each episode has its own messages at the receiver, so that the end of one does not affect the
   * next.
   */
  readonly keepsEpisodes?: boolean;
  /**
   * The receiver expires alerts that are not repeated: each incident is repeated this often, by
   * itself.
   */
  readonly resendMs?: number;
}

/** How the incidents of a route are put together. Times are milliseconds. */
export interface Grouping {
  /** The labels whose values make a group; `each`: every incident by itself. */
  readonly by: readonly string[] | 'each';
  readonly waitMs: number;
  readonly intervalMs: number;
  /** 0: notified once. */
  readonly repeatMs: number;
}

/**
 * A step of escalation: its receivers are notified when nobody has acknowledged for this long, by a
 * route and groups of its own.
 */
export interface Escalation {
  readonly afterMs: number;
  readonly receivers: readonly string[];
  readonly route: Route;
}

/** A node of the tree, what it inherits already filled in. */
export interface Route {
  /** Its place in the tree, e.g. `route.routes[1]`. */
  readonly path: string;
  /** The matchers from the root to here: they identify the route when others come and go. */
  readonly key: string;
  readonly matchers: readonly Matcher[];
  /** Names of receivers. */
  readonly receivers: readonly string[];
  readonly minSeverity: Severity;
  readonly grouping: Grouping;
  /** The steps of escalation, the earliest first. */
  readonly escalations: readonly Escalation[];
  /** Names of time intervals. */
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  /** Whether the siblings that follow are tried, too. */
  readonly continues: boolean;
  readonly routes: readonly Route[];
  /** Whether it is a step of escalation, for incidents that nobody acknowledged. */
  readonly isEscalation?: true;
}

/** One receiver to be notified, by a route. */
export interface Target {
  readonly receiver: string;
  readonly route: Route;
  readonly grouping: Grouping;
  readonly followsChanges: boolean;
  readonly editsInPlace: boolean;
  readonly reason: string;
}

/**
 * The targets of an incident. `passed` has a reason for every receiver on the way that is not
 * notified.
 */
export interface Routing {
  readonly targets: readonly Target[];
  readonly passed: readonly string[];
}

/**
 * Walks the tree: at each node the first child that matches takes the incident, more when it says
 * `continue`, the node itself when none does. A receiver is notified once, by the first route that
 * names it.
 */
export function routeIncident(
  root: Route,
  labels: Labels,
  { severity, candidates }: { readonly severity: Severity; readonly candidates: readonly ReceiverTraits[] },
): Routing {
  const targets = new Map<string, Target>();
  const passed: string[] = [];
  for (const route of matchingRoutes(root, labels)) {
    const why = `${route.path}${route.matchers.length === 0 ? '' : ` ${showMatchers(route.matchers)}`}`;
    if (rank(severity) < rank(route.minSeverity)) {
      passed.push(`${why}: severity ${severity} is below the route's ${route.minSeverity}`);
      continue;
    }
    if (route.receivers.length === 0) passed.push(`${why}: names no receiver`);
    for (const name of route.receivers) {
      const candidate = candidates.find((known) => known.name === name);
      if (candidate === undefined) passed.push(`${why}: ${name} is no receiver`);
      else if (rank(severity) < rank(candidate.minSeverity))
        passed.push(`${why}: ${name} takes no severity ${severity}, only from ${candidate.minSeverity}`);
      else if (!targets.has(name)) targets.set(name, targetOf(candidate, route, why));
    }
  }
  return { targets: [...targets.values()], passed };
}

/** A receiver notified by a route. */
export function targetOf(candidate: ReceiverTraits, route: Route, reason: string): Target {
  const { name, followsChanges = false, editsInPlace = false } = candidate;
  return { receiver: name, route, grouping: groupingFor(candidate, route), followsChanges, editsInPlace, reason };
}

/**
 * The grouping of a receiver's incidents of a route; expiring alerts are repeated at least as often
 * as the route repeats.
 */
export function groupingFor({ resendMs }: ReceiverTraits, { grouping }: Pick<Route, 'grouping'>): Grouping {
  if (resendMs === undefined) return grouping;
  const repeatMs = grouping.repeatMs > 0 ? Math.min(resendMs, grouping.repeatMs) : resendMs;
  return { by: 'each', waitMs: 0, intervalMs: repeatMs, repeatMs };
}

/** The nodes that match the incident, in the order of the tree. */
export function matchingRoutes(route: Route, labels: Labels): readonly Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const below = matchingRoutes(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.continues) break;
  }
  return found.length === 0 ? [route] : found;
}

/**
 * The labels that make the group of an incident; undefined when every incident is a group of its
 * own.
 */
export function groupLabelsOf({ by }: Grouping, labels: Labels): Labels | undefined {
  if (by === 'each') return undefined;
  return Object.fromEntries(by.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
}

/** A node and all below it, with the steps of escalation. */
export function routesOf(route: Route): readonly Route[] {
  return [route, ...route.escalations.map((step) => step.route), ...route.routes.flatMap(routesOf)];
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
