// Incidents counted by group: one row for all that share rule, port, likely holder or what else is
// asked, whatever page a list shows.
import { z } from '@hono/zod-openapi';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { type Bucket, bucketPages, type SearchIn } from './buckets.ts';
import type { Json } from './filter-fields.ts';
import { type Doc, partOf } from './views.ts';

/** What incidents can be grouped by; but for the day each is a name of the filter too. */
export const GROUP_KEYS = {
  rule: terms('rule.id'),
  class: terms('foghorn.remediation.class'),
  provider: terms('event.provider'),
  eventId: terms('event.code'),
  port: terms('server.port'),
  holder: terms('foghorn.incident.likely_holder'),
  host: terms('host.name'),
  state: terms('foghorn.incident.state'),
  severity: terms('foghorn.incident.severity'),
  assignee: terms('foghorn.incident.assignee'),
  day: { date_histogram: { field: 'foghorn.incident.opened', calendar_interval: 'day', format: 'yyyy-MM-dd' } },
} as const satisfies Readonly<Record<string, Json>>;

/** See `GROUP_KEYS`. */
export type GroupKey = keyof typeof GROUP_KEYS;

const count = z.int();

/** A group. */
export const incidentGroupView = z
  .object({
    key: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).meta({
      description: 'The value of each key that was asked for; null where its incidents have none.',
    }),
    q: z.string().optional().meta({
      description: 'The typed filter of its incidents, to be added to the filter of the summary; missing by day.',
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

/** The groups, the worst and largest first. */
export interface Groups {
  readonly groups: readonly IncidentGroup[];
  /** There are more groups than are counted. */
  readonly isCut: boolean;
}

const MINUTE_MS = 60_000;
/** What counts as new. */
export const NEW_MS = 5 * MINUTE_MS;
const STEPS = 12;
const PAGE_SIZE = 500;
const MAX_GROUPS = 5000;
const MAX_ASSIGNEES = 3;
const PRECISE_HOSTS = 3000;

function terms(field: string): Json {
  return { terms: { field, missing_bucket: true } };
}

/** Counts the groups of what `query` matches; `search` reads the incident index. */
export async function incidentGroups(
  search: SearchIn,
  query: Json,
  { by, nowMs }: { readonly by: readonly GroupKey[]; readonly nowMs: number },
): Promise<Groups> {
  const sources = Object.fromEntries(by.map((key) => [key, GROUP_KEYS[key]]));
  const groups: IncidentGroup[] = [];
  for await (const page of bucketPages(search, { query, sources, aggs: partsOf(nowMs), pageSize: PAGE_SIZE })) {
    if (groups.length >= MAX_GROUPS) return { groups: groups.sort(worstFirst), isCut: true };
    groups.push(...page.map((bucket) => groupOf(bucket, nowMs)));
  }
  return { groups: groups.sort(worstFirst), isCut: false };
}

const OPENED = 'foghorn.incident.opened';

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

/** The name of an aggregation is that of what is made of it. */
function partsOf(nowMs: number): Json {
  const steps = { date_histogram: { field: OPENED, fixed_interval: '5m', min_doc_count: 1 } };
  return {
    ...partsOfAll(nowMs),
    severities: { terms: { field: 'foghorn.incident.severity' } },
    events: { sum: { field: 'foghorn.incident.episode_count' } },
    recent: { filter: openedSince(nowMs - STEPS * NEW_MS), aggs: { steps } },
    evidenced: { filter: { term: { 'foghorn.incident.likely_holder_by': 'evidence' } } },
    unassigned: { missing: { field: 'foghorn.incident.assignee' } },
    assignees: { terms: { field: 'foghorn.incident.assignee', size: MAX_ASSIGNEES } },
    titles: { terms: { field: 'rule.name', size: 1 } },
    firstSeen: { min: { field: 'foghorn.incident.first_seen' } },
    lastSeen: { max: { field: 'foghorn.incident.last_seen_corrected' } },
  };
}

function groupOf({ key, parts }: Bucket, nowMs: number): IncidentGroup {
  const severities = countsIn(parts, 'severities');
  const severity = SEVERITIES.toReversed().find((one) => severities.has(one));
  const q = wordsOf(key);
  return {
    key,
    ...(q === undefined ? {} : { q }),
    title: [...countsIn(parts, 'titles').keys()][0] ?? '',
    ...(severity === undefined ? {} : { severity }),
    total: Number(parts['doc_count']),
    ...countsOfAll(parts),
    events: numberIn(parts, 'events'),
    recent: recentOf(parts, nowMs),
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

/** Elasticsearch's steps are those of the clock, so that they are filled in from now back. */
function recentOf(parts: Doc, nowMs: number): number[] {
  const last = Math.floor(nowMs / NEW_MS);
  const recent = Array.from({ length: STEPS }, () => 0);
  for (const [atMs, opened] of countsIn(partOf(parts, 'recent'), 'steps')) {
    const index = STEPS - 1 - (last - Math.floor(Number(atMs) / NEW_MS));
    if (index in recent) recent[index] = opened;
  }
  return recent;
}

function wordsOf(key: Bucket['key']): string | undefined {
  if ('day' in key) return undefined;
  return Object.entries(key)
    .map(([name, value]) => typedWord(name, value === null ? '' : String(value)))
    .join(' ');
}

/** A condition as people type it. */
export function typedWord(name: string, value: string): string {
  const isPlain = /^[\w.@/-]*$/u.test(value);
  return `${name}:${isPlain ? value : `"${value.replaceAll(/["\\]/gu, String.raw`\$&`)}"`}`;
}

function worstFirst(left: IncidentGroup, right: IncidentGroup): number {
  const rank = ({ severity }: IncidentGroup): number => (severity === undefined ? -1 : SEVERITIES.indexOf(severity));
  return rank(right) - rank(left) || right.open - left.open || right.total - left.total;
}
