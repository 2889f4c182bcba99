// A group: the incidents that one receiver is notified of together. Pure.
import { digestId } from '../../../shared/contracts/ids.ts';
import type { Incident } from '../../../shared/contracts/incident.ts';
import { comparable, type Labels } from '../../../shared/matchers/matcher.ts';
import type { Policy } from './policy.ts';
import { type Grouping, groupingFor, groupLabelsOf, type Route, type Target } from './route.ts';

/** A group. Its id is the same as long as route, receiver and grouping labels are. */
export interface Group {
  readonly id: string;
  readonly receiver: string;
  readonly routeKey: string;
  readonly labels: Labels;
  /** Set when the group is of one incident, whose message is that of the incident itself. */
  readonly incidentId?: string;
}

/** The group of an incident for a target that is not notified at once. */
export function groupOf({ receiver, route, grouping }: Target, labels: Labels, incident: Pick<Incident, 'id'>): Group {
  const own = groupLabelsOf(grouping, labels);
  const names = own === undefined ? [incident.id] : Object.entries(own).flatMap(comparablePair);
  const common = { id: digestId(['group', route.key, receiver, ...names]), receiver, routeKey: route.key };
  return own === undefined ? { ...common, labels: {}, incidentId: incident.id } : { ...common, labels: own };
}

/** Two spellings of one host are one group. */
function comparablePair([name, value]: readonly [string, string]): readonly string[] {
  return [name, comparable(name, value)];
}

/**
 * The route of a group and how it groups by now; undefined when the configuration no longer has
 * one.
 */
export function targetOfGroup(
  { routeKey, receiver }: Pick<Group, 'routeKey' | 'receiver'>,
  policy: Policy,
): { readonly route: Route; readonly grouping: Grouping } | undefined {
  const candidate = policy.candidates.find(({ name }) => name === receiver);
  const route = policy.routes.find((each) => each.key === routeKey && each.receivers.includes(receiver));
  if (candidate === undefined || route === undefined) return undefined;
  return { route, grouping: groupingFor(candidate, route) };
}
