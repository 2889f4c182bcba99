// Counts that are read again while somebody looks at them: every row stays where it is. Pure.
import type { IncidentGroup, IncidentSummary } from '../api/types.ts';

type Facets = IncidentSummary['facets'];
type Values = Facets[keyof Facets];

/** Without the facet values that nothing has. */
export function withoutZeros(summary: IncidentSummary): IncidentSummary {
  return withFacets(summary, (values) => values.filter(({ count }) => count > 0));
}

/**
 * The counts of `next` in the order of `before`. What has gone counts 0, a facet value that is new
 * comes last, and a group that is new is left out: rows come when the list is read as a whole.
 */
export function inPlaces(before: IncidentSummary, next: IncidentSummary): IncidentSummary {
  const groups = new Map(next.groups.map((group) => [placeOf(group), group]));
  return {
    ...withFacets(next, (values, name) => valuesInPlaces(before.facets[name], values)),
    groups: before.groups.map((group) => groups.get(placeOf(group)) ?? emptied(group)),
  };
}

function withFacets(summary: IncidentSummary, of: (values: Values, name: keyof Facets) => Values): IncidentSummary {
  const names = Object.keys(summary.facets) as (keyof Facets)[];
  const facets = names.map((name) => [name, of(summary.facets[name], name)]);
  return { ...summary, facets: Object.fromEntries(facets) as Facets };
}

function valuesInPlaces(before: Values, next: Values): Values {
  const found = new Map(next.map((value) => [value.value, value]));
  const known = new Set(before.map(({ value }) => value));
  return [
    ...before.map((value) => found.get(value.value) ?? { ...value, count: 0 }),
    ...next.filter(({ value, count }) => count > 0 && !known.has(value)),
  ];
}

function placeOf({ key }: IncidentGroup): string {
  return JSON.stringify(key);
}

function emptied(group: IncidentGroup): IncidentGroup {
  const none = { total: 0, open: 0, acknowledged: 0, resolved: 0, hosts: 0, new: 0, evidenced: 0, unassigned: 0 };
  return { ...group, ...none, assignees: [], recent: group.recent.map(() => 0) };
}
