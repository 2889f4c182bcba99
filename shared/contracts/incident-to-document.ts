// How an incident becomes its document in Elasticsearch.
import type { FilledIncident, Incident } from './incident.ts';
import { SEVERITIES } from './remediation.ts';
import { latestOf } from './incident-reducer.ts';
import { clockStateOf } from './moment.ts';
import type { IncidentDocument, IncidentFields, RemediationFields } from './incident-document.ts';

/** Within what the mapping takes as a keyword, which counts characters. */
const MAX_CHARACTERS = 500;

/**
 * The document of a snapshot.
 * `event.kind: alert` is ECS's word for alerts of rules outside the Elastic Stack:
 * https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-kind. Throws a RangeError for
 * a snapshot whose times are no times.
 */
export function toIncidentDocument(incident: FilledIncident): IncidentDocument {
  const { entity } = incident;
  const { port } = entity.params;
  return {
    '@timestamp': isoTime(incident.updatedAtMs),
    message: incident.lastMessage,
    event: {
      kind: 'alert',
      code: String(entity.eventId),
      provider: entity.provider,
      reference: entity.reference,
      created: isoTime(incident.openedAtMs),
      start: isoTime(incident.firstSeenMs),
      end: isoTime(incident.lastSeenMs),
    },
    rule: {
      id: entity.ruleId,
      name: entity.ruleName,
      version: String(entity.ruleVersion),
      ruleset: 'foghorn',
      reference: entity.reference,
    },
    host: { name: entity.host },
    server: typeof port === 'number' ? { port } : undefined,
    winlog: {
      provider_name: entity.provider,
      event_id: String(entity.eventId),
      channel: entity.channel,
    },
    foghorn: { incident: incidentFields(incident), remediation: remediationFields(incident) },
  };
}

function incidentFields(incident: FilledIncident): IncidentFields {
  return {
    id: incident.id,
    episode: incident.episode,
    revision: incident.revision,
    state: incident.state,
    severity: incident.severity,
    severity_rank: SEVERITIES.indexOf(incident.severity),
    episode_count: incident.episodeCount,
    total_count: incident.totalCount,
    first_seen: isoTime(incident.firstSeenMs),
    last_seen: isoTime(incident.lastSeenMs),
    last_seen_corrected: isoTime(latestOf(incident).correctedMs),
    last_event_id: incident.lastEventId,
    last_received: optionalTime(incident.lastReceivedMs),
    ...clockFields(incident),
    senders: incident.senders?.map(({ name }) => name),
    sender_agents: incident.senders?.flatMap(({ agent }) => agent ?? []),
    opened: isoTime(incident.openedAtMs),
    updated: isoTime(incident.updatedAtMs),
    acknowledged: optionalTime(incident.acknowledgedAtMs),
    resolved: optionalTime(incident.resolvedAtMs),
    time_to_acknowledge_ms: incident.timeToAcknowledgeMs,
    time_to_resolve_ms: incident.timeToResolveMs,
    acknowledged_by: incident.acknowledgedBy,
    resolved_by: incident.resolvedBy,
    cleared_by: incident.clearedBy?.evidence,
    resolution: incident.resolution,
    steps_done: incident.stepsDone?.map(({ atMs, ...done }) => ({ ...done, at: isoTime(atMs) })),
    assignee: incident.assignee,
    snoozed_until: optionalTime(incident.snoozedUntilMs),
    escalation_step: incident.escalationStep,
    escalated: optionalTime(incident.escalatedAtMs),
    stale_since: optionalTime(incident.staleSinceMs),
    ...likelyHolderFields(incident),
    recovering: recoveringFields(incident),
    flapping: flappingFields(incident),
    notes: incident.notes?.map(({ atMs, author, text }) => ({ at: isoTime(atMs), author, text })),
    params: incident.entity.params,
  };
}

/** Nothing while the host's clock is about right. */
function clockFields({ clock }: Incident): Pick<IncidentFields, 'clock' | 'clock_skew_ms'> {
  const state = clock === undefined ? undefined : clockStateOf(clock);
  return clock === undefined || state === undefined ? {} : { clock: state, clock_skew_ms: Math.round(clock.skewMs) };
}

function recoveringFields({ recovering }: Incident): IncidentFields['recovering'] {
  if (recovering === undefined) return undefined;
  const { sinceMs, dueAtMs, reason } = recovering;
  return { since: isoTime(sinceMs), due: isoTime(dueAtMs), reason };
}

function flappingFields({ flapping }: Incident): IncidentFields['flapping'] {
  if (flapping === undefined) return undefined;
  const { sinceMs, count, quietForMs } = flapping;
  return { since: isoTime(sinceMs), count, quiet_for_ms: quietForMs };
}

function remediationFields({ remediation, entity }: FilledIncident): RemediationFields {
  return {
    id: remediation.ruleId,
    version: String(remediation.ruleVersion),
    title: remediation.title,
    first_step: firstStepOf(remediation),
    summary: remediation.summary,
    explanation: remediation.explanation,
    about: remediation.about,
    class: entity.faultClass,
    severity: remediation.severity,
    causes: remediation.causes,
    options: remediation.options,
    verification: remediation.verification,
    notes: remediation.notes,
    clearing: remediation.clearing,
    related: remediation.related,
    references: remediation.references,
  };
}

/** Always there: a table by it would leave out an incident that has none. */
function firstStepOf({ options, causes }: FilledIncident['remediation']): string {
  return shortened(options[0]?.steps[0]?.text ?? causes[0]?.check ?? causes[0]?.text ?? 'No repair is known.');
}

/**
 * Who probably has the port, by a short name where the catalogue has one: as another fault of the
 * host says, else the likeliest cause for this very port. Of conflicts only.
 */
function likelyHolderFields({
  entity,
  suspectedCause,
  remediation: { causes, related = [] },
}: FilledIncident): Pick<IncidentFields, 'likely_holder' | 'likely_holder_by'> {
  if (entity.faultClass !== 'address-in-use') return {};
  if (suspectedCause !== undefined) {
    const { holder = suspectedCause } = related.find(({ text }) => text === suspectedCause) ?? {};
    return { likely_holder: inFewWords(holder), likely_holder_by: 'evidence' };
  }
  const cause = causes.find(({ isSpecific }) => isSpecific === true) ?? causes[0];
  const holder = cause?.holder ?? cause?.text ?? 'not known';
  return { likely_holder: inFewWords(holder), likely_holder_by: 'catalogue' };
}

/** As long as a short name in the catalogue may be. */
const MAX_NAME = 60;

/** A sentence that stands for a missing name is cut between words. */
function inFewWords(text: string): string {
  const name = text.replace(/\.$/u, '');
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 1).replace(/\s+\S*$/u, '')}…`;
}

function shortened(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 1)}…`;
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function optionalTime(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : isoTime(epochMs);
}
