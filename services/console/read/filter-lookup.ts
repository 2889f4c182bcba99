// What a filter asks that no document of an incident holds: which incidents a silence covers now,
// and which a group notified of.
import { allHits } from './all-hits.ts';
import { bucketPages, type SearchIn } from './buckets.ts';
import type { FilterContext } from './filter-fields.ts';
import type { Conditions } from './incident-filter.ts';
import { activeSilences, type Labelled, labelsOfView, type ReadSilence, silencesOf } from './labels.ts';
import { silencesNow } from './silences.ts';
import { type Hit, partOf } from './views.ts';

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
  const silences = await silencesActive(lookup);
  if (silences.length === 0) return [];
  const ids: string[] = [];
  const unresolved = { bool: { must_not: [{ term: { 'foghorn.incident.state': 'resolved' } }] } };
  for await (const page of allHits(lookup.searchIncidents, unresolved, LABEL_PARTS))
    for (const hit of page) {
      const labelled = labelledIn(hit);
      if (silencesOf(labelsOfView(labelled), silences).length > 0) ids.push(labelled.id);
    }
  return ids;
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
