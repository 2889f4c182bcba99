// What the API shows of incidents, activity entries, events and silences, made of the documents in
// Elasticsearch. Pure.
import { z } from '@hono/zod-openapi';
import {
  decodeIncidentDocument,
  decodeIncidentFields,
  type IncidentDocument,
  type IncidentFields,
} from '../../../shared/contracts/incident-document.ts';
import { presentFields } from '../../../shared/contracts/present-fields.ts';
import type { Decoded } from '../../../shared/contracts/record.ts';
import { Refusal } from '../../../shared/http/refusal.ts';

const text = z.string();
const time = z.iso.datetime().meta({ description: 'UTC' });

const noteView = z.object({ at: time, author: text, text });

/** An incident in a list. */
export const incidentView = z
  .object({
    id: text,
    episode: z.int(),
    revision: z.int(),
    state: z.enum(['open', 'acknowledged', 'resolved']),
    severity: text,
    rule: z.object({ id: text, name: text.optional(), version: text.optional(), reference: text.optional() }),
    class: text.optional(),
    host: text,
    provider: text,
    eventId: text,
    channel: text.optional(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    title: text,
    summary: text.optional(),
    message: text,
    episodeCount: z.int(),
    totalCount: z.int(),
    firstSeen: time,
    lastSeen: time,
    lastReceived: time.optional(),
    clock: z.enum(['ahead', 'behind', 'late_or_behind']).optional(),
    clockSkewMs: z.int().optional(),
    senders: z.array(text).optional(),
    opened: time,
    updated: time,
    acknowledged: time.optional(),
    acknowledgedBy: text.optional(),
    resolved: time.optional(),
    resolvedBy: text.optional(),
    clearedBy: text.optional(),
    resolution: text.optional().meta({ description: 'Why it was resolved: what the person wrote, or the evidence.' }),
    timeToAcknowledgeMs: z.int().optional(),
    timeToResolveMs: z.int().optional(),
    assignee: text.optional(),
    snoozedUntil: time.optional(),
    staleSince: time.optional(),
    escalationStep: z.int().optional(),
    likelyHolder: text.optional().meta({ description: 'Of a port conflict: who probably has the port.' }),
    likelyHolderBy: z.enum(['evidence', 'catalogue']).optional().meta({
      description: 'What says so: another event of the host, or the catalogue alone.',
    }),
    silencedBy: z.array(text).optional().meta({
      description:
        'The ids of silences that match now, by what the console knows: neither the addresses of the host nor labels of notifier.labels.',
    }),
    recovering: z.object({ since: time, due: time, reason: text }).optional(),
    flapping: z.object({ since: time, count: z.int(), quietForMs: z.int() }).optional().meta({
      description:
        'It began again and again: since when, how often, and without what span of quiet nobody is notified.',
    }),
    notes: z.array(noteView),
    stepsDone: z
      .array(z.object({ step: text, text, by: text, at: time }))
      .optional()
      .meta({ description: 'Steps of the repair that somebody ticked in this episode, in that order.' }),
    lastEventId: text,
  })
  .openapi('Incident');

/** See `incidentView`. */
export type IncidentView = z.infer<typeof incidentView>;

/** The part of an incident that a command needs. */
export type IncidentRef = Pick<IncidentView, 'id' | 'episode'>;

/** A silence; `state` is what it is now. */
export const silenceView = z
  .object({
    id: text,
    state: z.enum(['pending', 'active', 'expired']),
    matchers: z.array(text),
    author: text,
    comment: text,
    startsAt: time,
    endsAt: time,
    revision: z.int(),
    matches: z
      .int()
      .optional()
      .meta({ description: 'How many unresolved incidents it matches now; asked for by counts.' }),
  })
  .openapi('Silence');

/** See `silenceView`. */
export type SilenceView = z.infer<typeof silenceView>;

/** A document as Elasticsearch gives it. */
export interface Hit {
  readonly _id: string;
  readonly _source: Doc;
  readonly sort?: readonly unknown[];
}

/** A document in the incident index. */
type IncidentHit = Pick<Hit, '_source'> & Partial<Pick<Hit, '_id'>>;

/** Any part of a document. */
export type Doc = Readonly<Record<string, unknown>>;

/** The part of a document at a path of names; an empty one where there is none. */
export function partOf(doc: unknown, ...path: readonly string[]): Doc {
  let place = doc;
  for (const name of path) place = (place as Doc | undefined)?.[name];
  return typeof place === 'object' && place !== null ? (place as Doc) : {};
}

/** The incident of a document in the incident index. Throws what `incidentDocumentIn` throws. */
export function toIncidentView(hit: IncidentHit): IncidentView {
  return viewOfDocument(incidentDocumentIn(hit));
}

/** The document of a hit in the incident index. Throws a Refusal for a malformed one. */
export function incidentDocumentIn({ _id, _source }: IncidentHit): IncidentDocument {
  return readable(decodeIncidentDocument(_source), _id);
}

/**
 * The part of an incident that a command needs, from a hit with `foghorn.incident`. Throws a
 * Refusal for a document that the indexer did not write.
 */
export function toIncidentRef({ _id, _source }: IncidentHit): IncidentRef {
  const { id, episode } = readable(decodeIncidentFields(_source), _id);
  return { id, episode };
}

/** The code of the refusal of a document that the indexer did not write. */
export const UNREADABLE = 'unreadable_document';

function readable<T>(decoded: Decoded<T>, id = 'without an id'): T {
  if (decoded.kind === 'value') return decoded.value;
  const detail = decoded.kind === 'bad' ? decoded.detail : 'it is empty';
  throw new Refusal(
    500,
    UNREADABLE,
    `The document ${id} in the incident index is not as the indexer writes it: ${detail}. Upgrade the console if the indexer is newer; else correct the document.`,
  );
}

/** The incident of a document, as the API shows it. */
export function viewOfDocument({ message, event, rule, host, winlog, foghorn }: IncidentDocument): IncidentView {
  const { incident, remediation } = foghorn;
  const { id, name, version, reference } = rule;
  return presentFields({
    id: incident.id,
    episode: incident.episode,
    revision: incident.revision,
    state: incident.state,
    severity: incident.severity,
    rule: { id, name, version, reference },
    class: remediation.class,
    host: host.name,
    provider: event.provider,
    eventId: event.code,
    channel: winlog.channel,
    params: { ...incident.params },
    title: remediation.title,
    summary: remediation.summary,
    message,
    episodeCount: incident.episode_count,
    totalCount: incident.total_count,
    firstSeen: incident.first_seen,
    lastSeen: incident.last_seen,
    lastReceived: incident.last_received,
    clock: incident.clock,
    clockSkewMs: incident.clock_skew_ms,
    senders: incident.senders && [...incident.senders],
    opened: incident.opened,
    updated: incident.updated,
    ...courseOf(incident),
    notes: [...(incident.notes ?? [])],
    stepsDone: incident.steps_done && [...incident.steps_done],
    lastEventId: incident.last_event_id,
  });
}

/** Its changes by people and timers. */
function courseOf(incident: IncidentFields) {
  const { flapping } = incident;
  return {
    acknowledged: incident.acknowledged,
    acknowledgedBy: incident.acknowledged_by,
    resolved: incident.resolved,
    resolvedBy: incident.resolved_by,
    clearedBy: incident.cleared_by,
    resolution: incident.resolution,
    timeToAcknowledgeMs: incident.time_to_acknowledge_ms,
    timeToResolveMs: incident.time_to_resolve_ms,
    assignee: incident.assignee,
    snoozedUntil: incident.snoozed_until,
    staleSince: incident.stale_since,
    escalationStep: incident.escalation_step,
    likelyHolder: incident.likely_holder,
    likelyHolderBy: incident.likely_holder_by,
    recovering: incident.recovering,
    flapping: flapping && { since: flapping.since, count: flapping.count, quietForMs: flapping.quiet_for_ms },
  };
}

/** The silence in an entry of the activity stream. */
export function toSilenceView({ _source: doc }: Pick<Hit, '_source'>, nowMs: number): SilenceView {
  const silence = partOf(doc, 'foghorn', 'silence');
  const [startsAtMs, endsAtMs] = [Number(silence['startsAtMs']), Number(silence['endsAtMs'])];
  return {
    id: String(silence['id']),
    state: endsAtMs <= nowMs ? 'expired' : startsAtMs > nowMs ? 'pending' : 'active',
    matchers: (silence['matchers'] ?? []) as readonly string[] as string[],
    author: String(silence['author']),
    comment: String(silence['comment']),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
    revision: Number(silence['revision']),
  };
}
