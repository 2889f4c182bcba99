// What there is to know around an incident: its host's events, what changed before, earlier
// episodes here and on other hosts with what ended them, and where the same is now.
import { z } from '@hono/zod-openapi';
import { incidentInDocument } from '../../../shared/contracts/incident-from-document.ts';
import { suspectedCauses } from '../../../shared/contracts/suspected-cause.ts';
import type { SearchIn } from './buckets.ts';
import { CHANGES } from './changes.ts';
import { eventView, toActivityEntryView, toEventView, type EventView } from './entry-views.ts';
import type { Json } from './filter-fields.ts';
import { eventsAround, type Part } from './history.ts';
import { typedWord } from './incident-groups.ts';
import { kibanaLinks, type KibanaSubject } from './kibana-links.ts';
import { incidentDocumentIn, type IncidentView, toIncidentView, type Hit } from './views.ts';

const text = z.string();
const time = z.iso.datetime();

/** An earlier end of the same fault, here or elsewhere. */
const earlierView = z.object({
  incidentId: text,
  host: text,
  episode: z.int(),
  opened: time.optional(),
  resolved: time.optional(),
  resolvedBy: text.optional(),
  resolution: text.optional(),
  notes: z.array(z.object({ at: time, author: text, text })).optional(),
  stepsDone: z.array(z.object({ step: text, text, by: text, at: time })).optional(),
});

/** The context. */
export const incidentContextView = z
  .object({
    around: z.array(eventView).meta({ description: 'The events of the host nearest to the last event, oldest first.' }),
    aroundTotal: z.int(),
    changesBefore: z.array(eventView).meta({
      description:
        'What was changed on the host in the time before the first event, the latest first: services, installations, updates, restarts, firewall, IIS; as far as such events are sent.',
    }),
    changesTotal: z.int(),
    evidence: z
      .array(z.object({ incidentId: text, text, event: text, lastSeen: time }))
      .meta({ description: 'Incidents of the host that name the cause, the latest first.' }),
    earlierHere: z.array(earlierView).meta({ description: 'Earlier episodes of this incident, the latest first.' }),
    earlierElsewhere: z.array(earlierView).meta({
      description: 'The same rule on other hosts, resolved, the latest first, with what people left.',
    }),
    sameNow: z
      .object({ incidents: z.int(), hosts: z.int(), q: text })
      .meta({ description: 'Unresolved ones of the same rule, port and likely holder, this one included.' }),
    kibana: z.object({ events: text, dashboard: text }).optional().meta({
      description: 'Addresses in Kibana, about the host in that time; missing without console.kibanaUrl.',
    }),
  })
  .openapi('IncidentContext');

/** See `incidentContextView`. */
export type IncidentContext = z.infer<typeof incidentContextView>;

/** How far to look. */
export interface ContextRequest {
  readonly minutes: number;
  readonly minutesBefore: number;
  readonly limit: number;
  /** Empty: no links to it. */
  readonly kibanaUrl: string;
}

/** Where to look. */
export interface ContextSearches {
  readonly incidents: SearchIn;
  readonly actions: SearchIn;
  readonly events: SearchIn;
}

const MINUTE_MS = 60_000;
const MAX_EARLIER = 20;
const MAX_ROWS = 500;
const MAX_OTHERS = 50;

/** Looks it up. Throws Unavailable, and Refusal 400 for what Elasticsearch refuses. */
export async function contextAround(
  hit: Hit,
  { minutes, minutesBefore, limit, kibanaUrl }: ContextRequest,
  searches: ContextSearches,
): Promise<IncidentContext> {
  const incident = toIncidentView(hit);
  const near = {
    host: incident.host,
    at: incident.lastSeen,
    withinMs: minutes * MINUTE_MS,
    limit: Math.ceil(limit / 2),
  };
  const [around, changes, evidence, earlierHere, earlierElsewhere, sameNow] = await Promise.all([
    eventsAround(searches.events, near),
    changesBefore(searches.events, incident, { minutes: minutesBefore, limit }),
    evidenceFor(searches.incidents, hit),
    episodesOf(searches.actions, incident),
    resolvedElsewhere(searches.incidents, incident),
    sameAsNow(searches.incidents, incident),
  ]);
  return {
    around: [...around.items],
    aroundTotal: around.total,
    changesBefore: [...changes.items],
    changesTotal: changes.total,
    evidence,
    earlierHere,
    earlierElsewhere,
    sameNow,
    ...(kibanaUrl === '' ? {} : { kibana: kibanaLinks(kibanaUrl, subjectOf(incident, minutes)) }),
  };
}

function subjectOf({ host, class: faultClass, firstSeen, lastSeen }: IncidentView, minutes: number): KibanaSubject {
  const near = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();
  return { host, faultClass, from: near(firstSeen, -minutes * MINUTE_MS), to: near(lastSeen, minutes * MINUTE_MS) };
}

async function changesBefore(
  search: SearchIn,
  { host, firstSeen }: IncidentView,
  { minutes, limit }: { readonly minutes: number; readonly limit: number },
): Promise<Part<EventView>> {
  const from = new Date(Date.parse(firstSeen) - minutes * MINUTE_MS).toISOString();
  const { total, hits } = await search({
    size: limit,
    track_total_hits: true,
    query: {
      bool: {
        filter: [hostIs(host), { range: { '@timestamp': { gte: from, lte: firstSeen } } }, CHANGES],
      },
    },
    sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }],
  });
  return { total, items: hits.map(toEventView) };
}

function hostIs(host: string): Json {
  return { term: { 'host.name': { value: host, case_insensitive: true } } };
}

/** As messages find it, among the unresolved incidents of the host. */
async function evidenceFor(search: SearchIn, hit: Hit): Promise<IncidentContext['evidence']> {
  const own = incidentInDocument(incidentDocumentIn(hit));
  const { hits } = await search({
    size: MAX_OTHERS,
    query: {
      bool: {
        filter: [hostIs(own.entity.host)],
        must_not: [{ term: { 'foghorn.incident.state': 'resolved' } }, { term: { 'foghorn.incident.id': own.id } }],
      },
    },
    sort: [{ 'foghorn.incident.updated': { order: 'desc', unmapped_type: 'date' } }],
  });
  const others = hits.map((other) => incidentInDocument(incidentDocumentIn(other)));
  return suspectedCauses(own, others).map(({ lastSeenMs, ...cause }) => ({
    ...cause,
    lastSeen: new Date(lastSeenMs).toISOString(),
  }));
}

async function episodesOf(search: SearchIn, incident: IncidentView): Promise<IncidentContext['earlierHere']> {
  if (incident.episode === 1) return [];
  const { hits } = await search({
    size: MAX_ROWS,
    query: {
      bool: {
        filter: [
          { term: { 'foghorn.incident.id': incident.id } },
          { terms: { 'event.action': ['opened', 'reopened', 'resolved', 'note_added', 'step_done'] } },
        ],
      },
    },
    sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }],
  });
  const rows = hits.map(toActivityEntryView).filter(({ episode }) => episode < incident.episode);
  const episodes = [...new Set(rows.map(({ episode }) => episode))].sort((left, right) => right - left);
  return episodes.slice(0, MAX_EARLIER).map((episode) => {
    const own = rows.filter((row) => row.episode === episode).reverse();
    const opened = own.find(({ type }) => type === 'opened' || type === 'reopened');
    const resolved = own.find(({ type }) => type === 'resolved');
    const notes = own.filter(({ type }) => type === 'note_added');
    return {
      incidentId: incident.id,
      host: incident.host,
      episode,
      ...(opened === undefined ? {} : { opened: opened.at }),
      ...(resolved === undefined
        ? {}
        : { resolved: resolved.at, resolvedBy: resolved.actor, resolution: resolved.reason }),
      ...(notes.length === 0
        ? {}
        : { notes: notes.map(({ at, actor, reason }) => ({ at, author: actor, text: reason })) }),
    };
  });
}

async function resolvedElsewhere(
  search: SearchIn,
  { rule, host, id }: IncidentView,
): Promise<IncidentContext['earlierElsewhere']> {
  const { hits } = await search({
    size: MAX_EARLIER,
    query: {
      bool: {
        filter: [{ term: { 'rule.id': rule.id } }, { term: { 'foghorn.incident.state': 'resolved' } }],
        must_not: [{ term: { 'foghorn.incident.id': id } }, hostIs(host)],
      },
    },
    sort: [{ 'foghorn.incident.resolved': { order: 'desc', unmapped_type: 'date' } }],
  });
  return hits.map((hit) => {
    const {
      id: incidentId,
      host: where,
      episode,
      opened,
      resolved,
      resolvedBy,
      resolution,
      notes,
      stepsDone,
    } = toIncidentView(hit);
    return {
      incidentId,
      host: where,
      episode,
      opened,
      ...(resolved === undefined ? {} : { resolved }),
      ...(resolvedBy === undefined ? {} : { resolvedBy }),
      ...(resolution === undefined ? {} : { resolution }),
      ...(notes.length === 0 ? {} : { notes }),
      ...(stepsDone === undefined ? {} : { stepsDone }),
    };
  });
}

async function sameAsNow(search: SearchIn, incident: IncidentView): Promise<IncidentContext['sameNow']> {
  const { rule, likelyHolder, params } = incident;
  const { port } = params;
  const same = [
    { term: { 'rule.id': rule.id } },
    ...(typeof port === 'number' ? [{ term: { 'server.port': port } }] : []),
    ...(likelyHolder === undefined ? [] : [{ term: { 'foghorn.incident.likely_holder': likelyHolder } }]),
  ];
  const { total, aggregations } = await search({
    size: 0,
    track_total_hits: true,
    query: { bool: { filter: same, must_not: [{ term: { 'foghorn.incident.state': 'resolved' } }] } },
    aggs: { hosts: { cardinality: { field: 'host.name' } } },
  });
  const words = [
    '-state:resolved',
    typedWord('rule', rule.id),
    ...(typeof port === 'number' ? [typedWord('port', String(port))] : []),
    ...(likelyHolder === undefined ? [] : [typedWord('holder', likelyHolder)]),
  ];
  const { value = 0 } = (aggregations['hosts'] ?? {}) as { readonly value?: number };
  return { incidents: total, hosts: value, q: words.join(' ') };
}
