// Lists sources from their index: filter, order, pages, and how many there are in each state.
import { z } from '@hono/zod-openapi';
import { presentFields } from '../../../shared/contracts/present-fields.ts';
import { SOURCE_COMPLETENESS, SOURCE_STATES, SOURCE_WATCHES } from '../../../shared/contracts/source.ts';
import { decodeSourceDocument, type SourceDocument } from '../../../shared/contracts/source-document.ts';
import { wholeNumber } from '../fields.ts';
import type { SearchIn } from './buckets.ts';
import { anyOf, type Json, patternQuery } from './filter-fields.ts';
import { cursorText, readCursor } from './page.ts';
import { type Doc, partOf } from './views.ts';

const text = z.string();
const time = z.iso.datetime().meta({ description: 'UTC' });

/** A source in the API. */
export const sourceView = z
  .object({
    id: text,
    host: text,
    channel: text.optional(),
    state: z.enum(SOURCE_STATES).meta({
      description:
        'silent: it sends nothing any more; late: its events come late; clock_off: the clock of its host is wrong; dropped: not seen for long.',
    }),
    agent: z.object({ name: text, version: text.optional() }).optional(),
    input: text.meta({ description: 'The input by which its latest event came.' }),
    sender: text.meta({ description: 'Who sent its latest event: a certificate, a token, or an address.' }),
    firstSeen: time,
    lastSeen: time,
    lastEvent: time.optional().meta({ description: "The latest event's own time, by the host's clock; UTC." }),
    events: z.int(),
    lagMs: z.int().optional().meta({ description: 'How long before its receipt the latest event was written.' }),
    clock: z.enum(['ahead', 'behind', 'late_or_behind']).optional(),
    clockSkewMs: z.int().optional().meta({ description: 'With clock: by how much; below 0: behind.' }),
    watch: z.enum(SOURCE_WATCHES).meta({
      description:
        'How its silence is checked: by a limit of the settings, by its rhythm, or not (learning: not known for long enough; irregular: it is quiet for hours anyway; off).',
    }),
    silentAfterMs: z.int().optional().meta({ description: 'With limit and rhythm: the quiet that counts as silence.' }),
    silentSince: time.optional().meta({ description: 'With silent: its latest event. UTC.' }),
    lateSince: time.optional(),
    clockOffSince: time.optional(),
    longestGapMs: z.int().meta({ description: 'The longest gap between its events lately.' }),
    completeness: z.enum(SOURCE_COMPLETENESS).optional().meta({
      description:
        'Whether all of its records are expected: it is declared complete, its record ids were dense, neither (unknown), or it is declared filtered.',
    }),
    missingRecords: z.int().optional().meta({ description: 'Records that did not come, by their ids.' }),
    missingIds: z.array(text).optional().meta({ description: 'The latest of their ids, e.g. 8101 or 9000-9010.' }),
    logCleared: time.optional(),
    logRenumbered: time.optional(),
    updated: time,
  })
  .openapi('Source');

/** See `sourceView`. */
export type SourceView = z.infer<typeof sourceView>;

const SORT_FIELDS = {
  host: { field: 'host.name', type: 'keyword' },
  last_seen: { field: 'foghorn.source.last_seen', type: 'date' },
  first_seen: { field: 'foghorn.source.first_seen', type: 'date' },
  events: { field: 'foghorn.source.events', type: 'long' },
  lag: { field: 'foghorn.source.lag_ms', type: 'long' },
} as const;

const LISTED = SOURCE_STATES.filter((state) => state !== 'dropped');
const ID = 'foghorn.source.id';
const STATE = 'foghorn.source.state';
const MAX_CURSOR_CHARACTERS = 4000;

const MAX_LIST = 50;
const word = text.min(1).max(300);

/** Values separated by commas, or a name that is given several times. */
function listOf<T extends z.ZodType<string, string>>(item: T, description: string) {
  return z
    .union([text, z.array(text)])
    .transform((given) => [given].flat().flatMap((part) => part.split(',').map((value) => value.trim())))
    .pipe(z.array(item).min(1).max(MAX_LIST))
    .optional()
    .meta({ description, type: 'string' });
}

/** The query: what to list, in which order, after which place. */
export const sourceQuery = z.strictObject({
  state: listOf(
    z.enum(SOURCE_STATES),
    `One or more of ${SOURCE_STATES.join(', ')}, separated by commas. Default: all but dropped.`,
  ),
  host: listOf(word, 'Hosts; upper and lower case are the same, and * stands for anything.'),
  channel: listOf(word, 'Channels; * stands for anything.'),
  agent: listOf(word, 'Names of agents, e.g. winlogbeat; * stands for anything.'),
  input: listOf(word, 'Inputs, e.g. http; * stands for anything.'),
  sender: listOf(word, 'Senders; * stands for anything.'),
  sort: z
    .enum(Object.keys(SORT_FIELDS).flatMap((name) => [name, `-${name}`]))
    .default('host')
    .meta({ description: 'The order; with - the other way round. Default: host.' }),
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 100 }, 'The most sources in one answer'),
  cursor: text
    .max(MAX_CURSOR_CHARACTERS)
    .optional()
    .meta({ description: 'The nextCursor of the page before, with the same sort and filter.' }),
});

/** A checked query. */
export type SourceQuery = z.output<typeof sourceQuery>;

/** The answer. */
export const sourcePage = z.object({
  total: z.int().meta({ description: 'How many match, listed or not.' }),
  states: z
    .object(Object.fromEntries(SOURCE_STATES.map((state) => [state, z.int()])) as Record<SourceView['state'], z.ZodInt>)
    .meta({ description: 'How many there are in each state that match the other parts of the query.' }),
  sources: z.array(sourceView),
  nextCursor: text.optional(),
  unreadable: z
    .array(text)
    .optional()
    .meta({ description: 'Documents of this page that are not as the indexer writes them.' }),
});

/** See `sourcePage`. */
export type SourcePage = z.infer<typeof sourcePage>;

/**
 * A page of the list. `search` reads the index of sources. Throws Refusal 400 for a foreign cursor.
 */
export async function listSources(search: SearchIn, query: SourceQuery): Promise<SourcePage> {
  const { state = LISTED, sort, limit, cursor } = query;
  const after = cursor === undefined ? undefined : readCursor(place, cursor);
  const { total, hits, aggregations } = await search({
    // One more than requested shows whether there is a next page.
    size: limit + 1,
    track_total_hits: true,
    query: { bool: { filter: clausesOf(query) } },
    // The states are counted before this filter.
    post_filter: { terms: { [STATE]: state } },
    aggs: {
      states: { terms: { field: STATE, size: SOURCE_STATES.length } },
      matching: { filter: { terms: { [STATE]: state } } },
    },
    sort: sortOf(sort),
    ...(after === undefined ? {} : { search_after: after }),
  });
  const page = hits.slice(0, limit);
  const read = page.map(({ _id, _source }) => ({ id: _id, decoded: decodeSourceDocument(_source) }));
  const unreadable = read.filter(({ decoded }) => decoded.kind !== 'value').map(({ id }) => id);
  const last = hits.length > limit ? page.at(-1)?.sort : undefined;
  return {
    total: total === 0 ? 0 : Number(partOf(aggregations, 'matching')['doc_count'] ?? 0),
    states: countsOf(aggregations),
    sources: read.flatMap(({ decoded }) => (decoded.kind === 'value' ? [viewOf(decoded.value)] : [])),
    ...(last === undefined ? {} : { nextCursor: cursorText(last) }),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

function clausesOf({ host, channel, agent, input, sender }: SourceQuery): readonly Json[] {
  return [
    patterns('host.name', host),
    patterns('winlog.channel', channel),
    patterns('agent.type', agent),
    patterns('foghorn.source.input', input),
    patterns('foghorn.source.sender', sender),
  ].filter((clause) => clause !== undefined);
}

function patterns(field: string, values: readonly string[] | undefined): Json | undefined {
  return values === undefined ? undefined : anyOf(values, (value) => patternQuery(field, value));
}

function sortOf(sort: string): readonly Json[] {
  const { field, type } = SORT_FIELDS[sort.replace('-', '') as keyof typeof SORT_FIELDS];
  const order = sort.startsWith('-') ? 'desc' : 'asc';
  return [{ [field]: { order, unmapped_type: type } }, { [ID]: { order: 'asc', unmapped_type: 'keyword' } }];
}

const place = z.tuple([z.union([z.string(), z.number(), z.null()]), z.string()]);

function countsOf(aggregations: Doc): SourcePage['states'] {
  const buckets = (partOf(aggregations, 'states')['buckets'] ?? []) as readonly {
    readonly key: string;
    readonly doc_count: number;
  }[];
  const byState = new Map(buckets.map(({ key, doc_count: count }) => [key, count]));
  return Object.fromEntries(SOURCE_STATES.map((state) => [state, byState.get(state) ?? 0])) as SourcePage['states'];
}

function viewOf({ host, winlog, agent, foghorn }: SourceDocument): SourceView {
  const { source } = foghorn;
  return presentFields({
    id: source.id,
    host: host.name,
    channel: winlog?.channel,
    state: source.state,
    agent: agent && presentFields({ name: agent.type, version: agent.version }),
    input: source.input,
    sender: source.sender,
    firstSeen: source.first_seen,
    lastSeen: source.last_seen,
    lastEvent: source.last_event,
    events: source.events,
    lagMs: source.lag_ms,
    clock: source.clock,
    clockSkewMs: source.clock_skew_ms,
    watch: source.watch,
    silentAfterMs: source.silent_after_ms,
    silentSince: source.silent_since,
    lateSince: source.late_since,
    clockOffSince: source.clock_off_since,
    longestGapMs: source.longest_gap_ms,
    completeness: source.completeness,
    missingRecords: source.missing_records,
    missingIds: source.missing_ids && [...source.missing_ids],
    logCleared: source.log_cleared,
    logRenumbered: source.log_renumbered,
    updated: source.updated,
  });
}
