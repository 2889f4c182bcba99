// The document of an incident in Elasticsearch: its fields, each spelled here alone, and how a
// document is read. Names follow ECS where it has one.
import { z } from 'zod';
import type { Decoded } from './record.ts';
import { remediationParts, severity } from './remediation-schema.ts';
import { problemsIn } from './schema.ts';

/** RFC 3339, in UTC. */
const time = z.iso.datetime();
const text = z.string();

const event = z.object({
  kind: z.literal('alert'),
  code: text,
  provider: text,
  reference: text,
  created: time,
  start: time,
  end: time,
});

const rule = z.object({ id: text, name: text, version: text, ruleset: z.literal('foghorn'), reference: text });

const incident = z.object({
  id: text,
  episode: z.int(),
  revision: z.int(),
  state: z.enum(['open', 'acknowledged', 'resolved']),
  severity,
  /** From 0 for info to 3 for critical, to order by; missing in documents of earlier versions. */
  severity_rank: z.int().optional(),
  episode_count: z.int(),
  total_count: z.int(),
  first_seen: time,
  /**
   * By the host's clock; what is ordered and searched by is the corrected time, no later than the
   * receipt.
   */
  last_seen: time,
  last_seen_corrected: time,
  last_event_id: text,
  last_received: time.optional(),
  /** Both missing while the host's clock is about right. */
  clock: z.enum(['ahead', 'behind', 'late_or_behind']).optional(),
  clock_skew_ms: z.int().optional(),
  senders: z.array(text).optional(),
  sender_agents: z.array(text).optional(),
  opened: time,
  updated: time,
  acknowledged: time.optional(),
  resolved: time.optional(),
  time_to_acknowledge_ms: z.int().optional(),
  time_to_resolve_ms: z.int().optional(),
  acknowledged_by: text.optional(),
  resolved_by: text.optional(),
  /** The evidence, for people. */
  cleared_by: text.optional(),
  /** Why it was resolved. */
  resolution: text.optional(),
  steps_done: z.array(z.object({ step: text, text, by: text, at: time })).optional(),
  assignee: text.optional(),
  snoozed_until: time.optional(),
  escalation_step: z.int().optional(),
  escalated: time.optional(),
  stale_since: time.optional(),
  /** Of a port conflict. */
  likely_holder: text.optional(),
  /** What says so; missing in documents of earlier versions. */
  likely_holder_by: z.enum(['evidence', 'catalogue']).optional(),
  recovering: z.object({ since: time, due: time, reason: text }).optional(),
  flapping: z.object({ since: time, count: z.int(), quiet_for_ms: z.int() }).optional(),
  notes: z.array(z.object({ at: time, author: text, text })).optional(),
  params: z.record(z.string(), z.union([text, z.number()])),
});

const remediation = z.object({
  id: text,
  version: text,
  class: text,
  /** For tables, because the steps are stored and not indexed. */
  first_step: text,
  ...remediationParts,
  about: remediationParts.about.optional(),
  explanation: remediationParts.explanation.optional(),
  clearing: remediationParts.clearing.optional(),
  related: remediationParts.related.optional(),
});

const document = z.object({
  /** The time of the last change, so that what changes stays in the time range of a dashboard. */
  '@timestamp': time,
  message: text,
  event,
  rule,
  host: z.object({ name: text }),
  server: z.object({ port: z.number() }).optional(),
  winlog: z.object({ provider_name: text, event_id: text, channel: text.optional() }),
  foghorn: z.object({ incident, remediation }),
});

const incidentPart = z.object({ foghorn: z.object({ incident }) });

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** An incident's document. What is undefined is left out when it is written as JSON. */
export type IncidentDocument = DeepReadonly<z.output<typeof document>>;

/** `foghorn.incident` of a document. */
export type IncidentFields = IncidentDocument['foghorn']['incident'];

/** `foghorn.remediation` of a document. */
export type RemediationFields = IncidentDocument['foghorn']['remediation'];

/**
 * Reads a document. `bad` says which fields are wrong, where the indexer did not write it. Other
 * fields, such as `ecs`, are left out.
 */
export function decodeIncidentDocument(source: unknown): Decoded<IncidentDocument> {
  return decoded(document.safeParse(source));
}

/** Reads `foghorn.incident` of a document that was fetched without its other fields. */
export function decodeIncidentFields(source: unknown): Decoded<IncidentFields> {
  const found = decoded(incidentPart.safeParse(source));
  return found.kind === 'value' ? { kind: 'value', value: found.value.foghorn.incident } : found;
}

function decoded<T>(parsed: z.ZodSafeParseResult<T>): Decoded<T> {
  return parsed.success ? { kind: 'value', value: parsed.data } : { kind: 'bad', detail: problemsIn(parsed.error) };
}
