// What a filter asks that no document of an incident holds: which incidents a silence covers now,
// and which a group notified of.
import { allHits } from './all-hits.ts';
import { bucketPages, type SearchIn } from './buckets.ts';
import type { FilterContext } from './filter-fields.ts';
import type { Conditions } from './incident-filter.ts';
import { activeSilences, type Labelled, labelsOfView, type ReadSilence, readSilences, silencesOf } from './labels.ts';
import { silencesNow } from './silences.ts';
import { type Hit, partOf, type SilenceView } from './views.ts';

/** Where to look, for whom, and when: epoch milliseconds. */
export interface Lookup {
  readonly searchIncidents: SearchIn;
  readonly searchActions: SearchIn;
  readonly actor: string;
  readonly nowMs: number;
}

/**
 * The context of these conditions. `countsFlags`: they are also counted by what they are, so that
 * silences are looked up in any case.
 */
export async function contextOf(
  { named }: Conditions,
  lookup: Lookup,
  { countsFlags = false }: { readonly countsFlags?: boolean } = {},
): Promise<FilterContext> {
  const valuesOf = (name: string): readonly string[] =>
    named.flatMap((condition) => (condition.name === name ? condition.values : []));
  const { nowMs, actor } = lookup;
  const asksSilenced = countsFlags || valuesOf('is').includes('silenced');
  const groups = [...new Set(valuesOf('group'))];
  const silencedIds = asksSilenced ? await silencedIncidents(lookup) : [];
  const idsOfGroup = new Map<string, readonly string[]>();
  for (const group of groups) idsOfGroup.set(group, await incidentsOfGroup(lookup, group));
  return { nowMs, actor, silencedIds, idsOfGroup };
}

/** The silences that are active now. */
export async function silencesActive({ searchActions, nowMs }: Lookup): Promise<readonly ReadSilence[]> {
  return activeSilences(await silencesNow(searchActions, nowMs));
}

const LABEL_PARTS = [
  'foghorn.incident.id',
  'foghorn.incident.severity',
  'foghorn.incident.params',
  'foghorn.remediation.class',
  'rule.id',
  'host.name',
  'event.provider',
  'event.code',
  'winlog.channel',
];

/** The ids of unresolved incidents that a silence covers. */
async function silencedIncidents(lookup: Lookup): Promise<readonly string[]> {
  const covered = await incidentsOfSilences(lookup.searchIncidents, await silencesActive(lookup));
  return [...new Set([...covered.values()].flat())];
}

const UNRESOLVED = { bool: { must_not: [{ term: { 'foghorn.incident.state': 'resolved' } }] } };

/** How many unresolved incidents each of these silences matches, by its id. */
export async function matchesOfSilences(
  searchIncidents: SearchIn,
  silences: readonly Pick<SilenceView, 'id' | 'matchers'>[],
): Promise<ReadonlyMap<string, number>> {
  const covered = await incidentsOfSilences(searchIncidents, readSilences(silences));
  return new Map([...covered].map(([id, { length }]) => [id, length]));
}

/** The ids of the unresolved incidents that each of these silences matches, by its id. */
async function incidentsOfSilences(
  searchIncidents: SearchIn,
  silences: readonly ReadSilence[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const covered = new Map<string, string[]>(silences.map(({ id }) => [id, []]));
  if (silences.length === 0) return covered;
  for await (const page of allHits(searchIncidents, UNRESOLVED, LABEL_PARTS))
    for (const hit of page) {
      const labelled = labelledIn(hit);
      for (const id of silencesOf(labelsOfView(labelled), silences)) covered.get(id)?.push(labelled.id);
    }
  return covered;
}

function labelledIn({ _source: doc }: Hit): Labelled {
  const incident = partOf(doc, 'foghorn', 'incident');
  const event = partOf(doc, 'event');
  return {
    id: textOf(incident['id']),
    severity: textOf(incident['severity']),
    rule: { id: textOf(partOf(doc, 'rule')['id']) },
    class: textOf(partOf(doc, 'foghorn', 'remediation')['class']),
    host: textOf(partOf(doc, 'host')['name']),
    provider: textOf(event['provider']),
    eventId: textOf(event['code']),
    channel: textOf(partOf(doc, 'winlog')['channel']),
    params: { ...(incident['params'] as Labelled['params'] | undefined) },
  };
}

/** A matcher takes a missing label for an empty one. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const PAGE_SIZE = 1000;

/** The incidents that the messages of a group listed. */
async function incidentsOfGroup({ searchActions }: Lookup, group: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const query = {
    bool: { filter: [{ term: { 'foghorn.action.group_id': group } }, { term: { 'event.action': 'notified' } }] },
  };
  const sources = { id: { terms: { field: 'foghorn.incident.id' } } };
  for await (const page of bucketPages(searchActions, { query, sources, aggs: {}, pageSize: PAGE_SIZE }))
    ids.push(...page.map(({ key }) => String(key['id'])));
  return ids;
}
