// Incidents counted by group: one row for all that share rule, port, likely holder or what else is
// asked, whatever page a list shows.
import { z } from '@hono/zod-openapi';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { type Bucket, bucketPages, type SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import { type Doc, partOf } from './views.ts';

const FIELDS = {
  rule: 'rule.id',
  class: 'foghorn.remediation.class',
  provider: 'event.provider',
  eventId: 'event.code',
  port: 'server.port',
  holder: 'foghorn.incident.likely_holder',
  host: 'host.name',
  state: 'foghorn.incident.state',
  severity: 'foghorn.incident.severity',
  assignee: 'foghorn.incident.assignee',
} as const;

/**
 * What incidents can be grouped by: names of the filter, and the day (UTC) on which they opened.
 */
export type GroupKey = keyof typeof FIELDS | 'day';

/** See `GroupKey`. */
export const GROUP_KEYS: readonly GroupKey[] = [...(Object.keys(FIELDS) as (keyof typeof FIELDS)[]), 'day'];

const OPENED = 'foghorn.incident.opened';

function sourceOf(key: GroupKey): Json {
  if (key === 'day') return { date_histogram: { field: OPENED, calendar_interval: 'day', format: 'yyyy-MM-dd' } };
  return { terms: { field: FIELDS[key], missing_bucket: true } };
}

const count = z.int();

/** A group. */
export const incidentGroupView = z
  .object({
    key: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).meta({
      description: 'The value of each key that was asked for; null where its incidents have none.',
    }),
    q: z.string().meta({
      description: 'The typed filter of its incidents, to be added to the filter of the summary.',
    }),
    title: z.string().meta({ description: 'The name of the rule that most of its incidents have.' }),
    severity: z.enum(SEVERITIES).optional().meta({ description: 'The worst.' }),
    total: count,
    open: count,
    acknowledged: count,
    resolved: count,
    hosts: count.meta({ description: 'The number of hosts; above 3,000 nearly exact.' }),
    events: count.meta({ description: 'Events of the episodes that they are in.' }),
    new: count.meta({ description: 'Opened in the last 5 minutes.' }),
    recent: z.array(count).meta({ description: 'Opened in each 5 minutes of the last hour, the oldest first.' }),
    evidenced: count.meta({ description: 'Of how many another event of the host names the likely holder.' }),
    unassigned: count.meta({ description: 'How many nobody takes care of.' }),
    assignees: z.array(z.string()).meta({ description: 'Who takes care of most of the others, at most 3.' }),
    firstSeen: z.iso.datetime(),
    lastSeen: z.iso.datetime().meta({ description: 'No later than its receipt.' }),
  })
  .openapi('IncidentGroup');

/** See `incidentGroupView`. */
export type IncidentGroup = z.infer<typeof incidentGroupView>;

/** The worst and largest groups first. */
export interface Groups {
  readonly groups: readonly IncidentGroup[];
  /** How many there are, listed or not. */
  readonly total: number;
  /** There are more groups than are counted. */
  readonly isCut: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What counts as new. */
export const NEW_MS = 5 * MINUTE_MS;
/** So many steps of `NEW_MS` are shown. */
export const STEPS = 12;
const PAGE_SIZE = 500;
const RANK_PAGE_SIZE = 2500;
const MAX_GROUPS = 5000;
const MAX_ASSIGNEES = 3;
const PRECISE_HOSTS = 3000;

/** Which groups to count. */
interface GroupsRequest {
  readonly by: readonly GroupKey[];
  /** The most groups in the answer. */
  readonly limit: number;
  readonly nowMs: number;
}

/**
 * Counts the groups of what `query` matches; `search` reads the incident index. All groups are
 * counted as far as their order needs, and those that are listed in full.
 */
export async function incidentGroups(
  search: SearchIn,
  query: Json,
  { by, limit, nowMs }: GroupsRequest,
): Promise<Groups> {
  const sources = Object.fromEntries(by.map((key) => [key, sourceOf(key)]));
  const { ranked, isCut } = await rankedGroups(search, query, sources);
  const listed = ranked.slice(0, limit).map(({ key }) => key);
  const places = new Map(listed.map((key, place) => [JSON.stringify(key), place]));
  if (listed.length === 0) return { groups: [], total: 0, isCut };
  const pages = bucketPages(search, {
    query: { bool: { filter: [query, ...narrowed(by, listed)] } },
    sources,
    aggs: partsOf(nowMs),
    pageSize: PAGE_SIZE,
  });
  const found: { readonly place: number; readonly group: IncidentGroup }[] = [];
  for await (const page of pages)
    for (const bucket of page) {
      const place = places.get(JSON.stringify(bucket.key));
      if (place !== undefined) found.push({ place, group: groupOf(bucket, nowMs) });
    }
  const groups = found.toSorted((left, right) => left.place - right.place).map(({ group }) => group);
  return { groups, total: ranked.length, isCut };
}

interface Ranked {
  readonly key: Bucket['key'];
  readonly rank: number;
  readonly open: number;
  readonly total: number;
}

/** All groups by what their order needs. */
async function rankedGroups(search: SearchIn, query: Json, sources: Readonly<Record<string, Json>>) {
  const aggs = {
    severities: { terms: { field: FIELDS.severity } },
    open: { filter: { term: { [FIELDS.state]: 'open' } } },
  };
  const ranked: Ranked[] = [];
  for await (const page of bucketPages(search, { query, sources, aggs, pageSize: RANK_PAGE_SIZE })) {
    if (ranked.length >= MAX_GROUPS) return { ranked: ranked.sort(worstFirst), isCut: true };
    ranked.push(
      ...page.map(({ key, parts }) => {
        const severity = worstIn(parts);
        return {
          key,
          rank: severity === undefined ? -1 : SEVERITIES.indexOf(severity),
          open: Number(partOf(parts, 'open')['doc_count']),
          total: Number(parts['doc_count']),
        };
      }),
    );
  }
  return { ranked: ranked.sort(worstFirst), isCut: false };
}

function worstFirst(left: Ranked, right: Ranked): number {
  return right.rank - left.rank || right.open - left.open || right.total - left.total;
}

function worstIn(parts: Doc): (typeof SEVERITIES)[number] | undefined {
  const severities = countsIn(parts, 'severities');
  return SEVERITIES.toReversed().find((one) => severities.has(one));
}

/** For each key the values of these groups: more than they are, and far fewer than all. */
function narrowed(by: readonly GroupKey[], keys: readonly Bucket['key'][]): readonly Json[] {
  return by.flatMap((name) => {
    if (name === 'day') return [];
    const field = FIELDS[name];
    const values = [...new Set(keys.map((key) => key[name] ?? null))];
    const present = values.filter((value) => value !== null);
    const missing = { bool: { must_not: [{ exists: { field } }] } };
    const should = [{ terms: { [field]: present } }, ...(present.length < values.length ? [missing] : [])];
    return [{ bool: { should, minimum_should_match: 1 } }];
  });
}

function openedSince(epochMs: number): Json {
  return { range: { [OPENED]: { gte: new Date(epochMs).toISOString() } } };
}

/** What is counted of all incidents, and of each group. */
export function partsOfAll(nowMs: number): Json {
  return {
    states: { terms: { field: 'foghorn.incident.state' } },
    hosts: { cardinality: { field: 'host.name', precision_threshold: PRECISE_HOSTS } },
    new: { filter: openedSince(nowMs - NEW_MS) },
  };
}

/** The counts of the aggregations of `partsOfAll`. */
export function countsOfAll(parts: Doc) {
  const states = countsIn(parts, 'states');
  return {
    open: states.get('open') ?? 0,
    acknowledged: states.get('acknowledged') ?? 0,
    resolved: states.get('resolved') ?? 0,
    hosts: numberIn(parts, 'hosts'),
    new: Number(partOf(parts, 'new')['doc_count'] ?? 0),
  };
}

/** The aggregation that `recentOf` reads, as `steps`. */
export function stepsBy(field: string): Json {
  return { date_histogram: { field, fixed_interval: '5m', min_doc_count: 1 } };
}

/** The name of an aggregation is that of what is made of it. */
function partsOf(nowMs: number): Json {
  return {
    ...partsOfAll(nowMs),
    severities: { terms: { field: 'foghorn.incident.severity' } },
    events: { sum: { field: 'foghorn.incident.episode_count' } },
    recent: { filter: openedSince(nowMs - STEPS * NEW_MS), aggs: { steps: stepsBy(OPENED) } },
    evidenced: { filter: { term: { 'foghorn.incident.likely_holder_by': 'evidence' } } },
    unassigned: { missing: { field: 'foghorn.incident.assignee' } },
    assignees: { terms: { field: 'foghorn.incident.assignee', size: MAX_ASSIGNEES } },
    titles: { terms: { field: 'rule.name', size: 1 } },
    firstSeen: { min: { field: 'foghorn.incident.first_seen' } },
    lastSeen: { max: { field: 'foghorn.incident.last_seen_corrected' } },
  };
}

function groupOf({ key, parts }: Bucket, nowMs: number): IncidentGroup {
  const severity = worstIn(parts);
  return {
    key,
    q: wordsOf(key),
    title: [...countsIn(parts, 'titles').keys()][0] ?? '',
    ...(severity === undefined ? {} : { severity }),
    total: Number(parts['doc_count']),
    ...countsOfAll(parts),
    events: numberIn(parts, 'events'),
    recent: recentOf(partOf(parts, 'recent'), nowMs),
    evidenced: Number(partOf(parts, 'evidenced')['doc_count']),
    unassigned: Number(partOf(parts, 'unassigned')['doc_count']),
    assignees: [...countsIn(parts, 'assignees').keys()],
    firstSeen: timeIn(parts, 'firstSeen'),
    lastSeen: timeIn(parts, 'lastSeen'),
  };
}

/** The counts of an aggregation by terms, the largest first. */
export function countsIn(parts: Doc, name: string): ReadonlyMap<string, number> {
  const buckets = (partOf(parts, name)['buckets'] ?? []) as readonly { key: string | number; doc_count: number }[];
  return new Map(buckets.map((bucket) => [String(bucket.key), bucket.doc_count]));
}

function numberIn(parts: Doc, name: string): number {
  return Number(partOf(parts, name)['value'] ?? 0);
}

function timeIn(parts: Doc, name: string): string {
  return new Date(numberIn(parts, name)).toISOString();
}

/**
 * The counts of the last `STEPS` steps, the oldest first. Elasticsearch's steps are those of the
 * clock, so that they are filled in from now back.
 */
export function recentOf(parts: Doc, nowMs: number): number[] {
  const last = Math.floor(nowMs / NEW_MS);
  const recent = Array.from({ length: STEPS }, () => 0);
  for (const [atMs, opened] of countsIn(parts, 'steps')) {
    const index = STEPS - 1 - (last - Math.floor(Number(atMs) / NEW_MS));
    if (index in recent) recent[index] = opened;
  }
  return recent;
}

function wordsOf(key: Bucket['key']): string {
  return Object.entries(key)
    .map(([name, value]) => (name === 'day' ? dayWords(String(value)) : typedWord(name, String(value ?? ''))))
    .join(' ');
}

function dayWords(day: string): string {
  const next = new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, day.length);
  return `opened:>=${day}T00:00Z opened:<${next}T00:00Z`;
}

/** A condition as people type it. */
export function typedWord(name: string, value: string): string {
  const isPlain = /^[\w.@/-]*$/u.test(value);
  return `${name}:${isPlain ? value : `"${value.replaceAll(/["\\]/gu, String.raw`\$&`)}"`}`;
}
