// The values by which incidents can be narrowed, each with its count. A facet counts under all
// conditions but its own, so that its other values stay to be chosen.
import { z } from '@hono/zod-openapi';
import { AGES, FLAG_NAMES, filterField, type FilterContext, type FilterName, type Json } from './filter-fields.ts';
import { type Conditions, queryOf } from './incident-filter.ts';
import { countsIn } from './incident-groups.ts';
import type { Found } from './search.ts';
import { type Doc, partOf } from './views.ts';

/** A value of a facet. */
const facetValue = z.object({
  value: z.string().meta({ description: 'As the filter of this name takes it; empty for none.' }),
  count: z.int(),
  name: z.string().optional().meta({ description: 'For people, where the value is an id.' }),
});

/** The facets by the names of the filter. */
export const facetsView = z
  .object({
    state: z.array(facetValue),
    severity: z.array(facetValue),
    rule: z.array(facetValue),
    class: z.array(facetValue),
    port: z.array(facetValue),
    holder: z.array(facetValue),
    host: z.array(facetValue).meta({
      description: 'Hosts whose names begin alike, with a star behind the beginning: media* for media01 and media02.',
    }),
    provider: z.array(facetValue),
    assignee: z.array(facetValue),
    age: z.array(facetValue),
    is: z.array(facetValue),
  })
  .openapi('IncidentFacets');

/** See `facetsView`. */
export type Facets = z.infer<typeof facetsView>;

const FIELDS = {
  state: 'foghorn.incident.state',
  severity: 'foghorn.incident.severity',
  rule: 'rule.id',
  class: 'foghorn.remediation.class',
  port: 'server.port',
  holder: 'foghorn.incident.likely_holder',
  host: 'host.name',
  provider: 'event.provider',
  assignee: 'foghorn.incident.assignee',
} as const satisfies Partial<Record<FilterName, string>>;
type TermsFacet = keyof typeof FIELDS;
type FacetName = TermsFacet | 'age' | 'is';
const TERMS_FACETS = Object.keys(FIELDS) as readonly TermsFacet[];
const FACETS: readonly FacetName[] = [...TERMS_FACETS, 'age', 'is'];

/** The most values of a facet, and the most hosts that beginnings are made of. */
const MAX_VALUES = 100;
const MAX_HOSTS = 10_000;

/** The body of the search that `facetsIn` reads. */
export function facetsBody(conditions: Conditions, context: FilterContext): Json {
  const faceted = new Set<string>(FACETS);
  const common = conditions.named.filter(({ name }) => !faceted.has(name));
  const query = queryOf({ named: common, others: conditions.others }, context);
  const under = (facet: FacetName, aggs: Json): Json => {
    const named = conditions.named.filter(({ name }) => faceted.has(name) && name !== facet);
    return { filter: queryOf({ named, others: [] }, context), aggs };
  };
  const facets = FACETS.map((facet) => [facet, under(facet, valuesOf(facet, context))]);
  return { size: 0, query, aggs: Object.fromEntries(facets) };
}

function valuesOf(facet: FacetName, context: FilterContext): Json {
  if (facet === 'age' || facet === 'is') {
    const values: readonly string[] = facet === 'age' ? AGES : FLAG_NAMES;
    const filters = Object.fromEntries(values.map((value) => [value, filterField(facet).query([value], context)]));
    return { values: { filters: { filters } } };
  }
  const field = FIELDS[facet];
  const size = facet === 'host' ? MAX_HOSTS : MAX_VALUES;
  const names = facet === 'rule' ? { aggs: { names: { terms: { field: 'rule.name', size: 1 } } } } : {};
  return { values: { terms: { field, size }, ...names }, none: { missing: { field } } };
}

/** The facets of an answer to `facetsBody`. */
export function facetsIn({ aggregations }: Found): Facets {
  const facets = FACETS.map((facet) => [facet, valuesIn(facet, partOf(aggregations, facet))]);
  return Object.fromEntries(facets) as Facets;
}

type Value = z.infer<typeof facetValue>;

function valuesIn(facet: FacetName, parts: Doc): readonly Value[] {
  if (facet === 'age' || facet === 'is') {
    const buckets = partOf(parts, 'values', 'buckets') as Readonly<Record<string, { readonly doc_count: number }>>;
    return Object.entries(buckets).map(([value, bucket]) => ({ value, count: bucket.doc_count }));
  }
  const counts = countsIn(parts, 'values');
  if (facet === 'host') return beginnings(counts);
  const names = facet === 'rule' ? namesIn(parts) : new Map<string, string>();
  const values = [...counts].map(([value, count]): Value => {
    const name = names.get(value);
    return { value, count, ...(name === undefined ? {} : { name }) };
  });
  const none = Number(partOf(parts, 'none')['doc_count'] ?? 0);
  return none === 0 ? values : [...values, { value: '', count: none }];
}

function namesIn(parts: Doc): ReadonlyMap<string, string> {
  const buckets = (partOf(parts, 'values')['buckets'] ?? []) as readonly (Doc & { readonly key: string })[];
  return new Map(buckets.flatMap((bucket) => [...countsIn(bucket, 'names').keys()].map((name) => [bucket.key, name])));
}

/**
 * `media*` for media01 and media-02.example.org; a name without such a number stands for itself.
 */
function beginnings(hosts: ReadonlyMap<string, number>): readonly Value[] {
  const counts = new Map<string, number>();
  for (const [host, count] of hosts) {
    const beginning = /^(?<letters>[^\d.]+?)[-_]?\d/u.exec(host)?.groups?.['letters'];
    const value = beginning === undefined ? host : `${beginning.toLowerCase()}*`;
    counts.set(value, (counts.get(value) ?? 0) + count);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((left, right) => right.count - left.count)
    .slice(0, MAX_VALUES);
}
