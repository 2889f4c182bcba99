// The incident of a document in Elasticsearch, as far as messages need it.
import type { FilledIncident, IncidentEntity } from './incident.ts';
import type { Remediation } from './remediation.ts';
import type { IncidentDocument, IncidentFields, RemediationFields } from './incident-document.ts';
import { presentFields } from './present-fields.ts';

/**
 * The incident of a document. A document has no addresses of the host, programs of senders, ids of
 * counted events or places in time: it is enough for a message, not for the reducer.
 */
export function incidentInDocument(document: IncidentDocument): FilledIncident {
  const { incident, remediation } = document.foghorn;
  return {
    id: incident.id,
    episode: incident.episode,
    revision: incident.revision,
    state: incident.state,
    severity: incident.severity,
    entity: entityIn(document),
    remediation: remediationIn(remediation),
    episodeCount: incident.episode_count,
    totalCount: incident.total_count,
    firstSeenMs: Date.parse(incident.first_seen),
    lastSeenMs: Date.parse(incident.last_seen),
    lastMessage: document.message,
    lastEventId: incident.last_event_id,
    recentEventIds: [],
    openedAtMs: Date.parse(incident.opened),
    updatedAtMs: Date.parse(incident.updated),
    ...presentFields({ ...originIn(incident), ...handlingIn(incident), ...courseIn(incident) }),
  };
}

function entityIn({ event, rule, host, winlog, foghorn }: IncidentDocument): IncidentEntity {
  return {
    ruleId: rule.id,
    ruleName: rule.name,
    ruleVersion: Number(rule.version),
    reference: rule.reference,
    faultClass: foghorn.remediation.class,
    host: host.name,
    provider: event.provider,
    eventId: Number(event.code),
    params: foghorn.incident.params,
    ...presentFields({ channel: winlog.channel }),
  };
}

function remediationIn(fields: RemediationFields): Remediation {
  return {
    ruleId: fields.id,
    ruleVersion: Number(fields.version),
    title: fields.title,
    summary: fields.summary,
    faultClass: fields.class,
    severity: fields.severity,
    causes: fields.causes,
    options: fields.options,
    verification: fields.verification,
    notes: fields.notes,
    references: fields.references,
    ...presentFields({
      about: fields.about,
      explanation: fields.explanation,
      clearing: fields.clearing,
      related: fields.related,
    }),
  };
}

/** Some fields of an incident; undefined is as good as missing. */
type SomeFields = { readonly [Key in keyof FilledIncident]?: FilledIncident[Key] | undefined };

/** Who sent its events, and by which clock. */
function originIn(fields: IncidentFields): SomeFields {
  const { clock, clock_skew_ms: skewMs, senders, last_received: received } = fields;
  return {
    lastReceivedMs: timeIn(received),
    clock: skewMs === undefined ? undefined : { skewMs, isSettled: clock !== 'late_or_behind' },
    senders: senders?.map((name) => ({ name })),
  };
}

/** What people did. */
function handlingIn(fields: IncidentFields): SomeFields {
  return {
    acknowledgedAtMs: timeIn(fields.acknowledged),
    acknowledgedBy: fields.acknowledged_by,
    timeToAcknowledgeMs: fields.time_to_acknowledge_ms,
    stepsDone: fields.steps_done?.map(({ at, ...done }) => ({ ...done, atMs: Date.parse(at) })),
    assignee: fields.assignee,
    snoozedUntilMs: timeIn(fields.snoozed_until),
    escalationStep: fields.escalation_step,
    escalatedAtMs: timeIn(fields.escalated),
    // A document has no ids of notes.
    notes: fields.notes?.map(({ at, author, text }, index) => ({
      id: String(index),
      atMs: Date.parse(at),
      author,
      text,
    })),
  };
}

/** Its course and its end. */
function courseIn({
  recovering,
  flapping,
  resolved,
  cleared_by: evidence,
  episode,
  ...fields
}: IncidentFields): SomeFields {
  const resolvedAtMs = timeIn(resolved);
  return {
    resolvedAtMs,
    resolvedBy: fields.resolved_by,
    resolution: fields.resolution,
    timeToResolveMs: fields.time_to_resolve_ms,
    staleSinceMs: timeIn(fields.stale_since),
    recovering: recovering && {
      sinceMs: Date.parse(recovering.since),
      dueAtMs: Date.parse(recovering.due),
      reason: recovering.reason,
    },
    flapping: flapping && {
      sinceMs: Date.parse(flapping.since),
      count: flapping.count,
      episode,
      quietForMs: flapping.quiet_for_ms,
    },
    // The evidence's own time is not in a document; the end that it proved stands for it.
    clearedBy:
      evidence === undefined || resolvedAtMs === undefined
        ? undefined
        : { evidence, atMs: resolvedAtMs, receivedAtMs: resolvedAtMs, correctedMs: resolvedAtMs },
  };
}

function timeIn(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
