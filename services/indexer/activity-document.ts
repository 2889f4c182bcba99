// The ECS document of an activity entry.
import type { EntryFields } from '../../shared/contracts/activity.ts';
import type { EcsDocument } from '../../shared/contracts/enriched-event.ts';
import { ECS_VERSION } from '../../shared/ecs/ecs-fields.ts';

/**
 * The document of an entry; what is undefined is left out when it is written as JSON. Throws a
 * RangeError for an entry whose time is no time.
 */
export function activityDocument(entry: EntryFields): EcsDocument {
  return {
    '@timestamp': new Date(entry.atMs).toISOString(),
    ecs: { version: ECS_VERSION },
    event: { kind: 'event', id: entry.id, action: entry.type, reason: entry.reason },
    ...(entry.ruleId === undefined ? {} : { rule: { id: entry.ruleId, name: entry.ruleName } }),
    ...(entry.host === undefined ? {} : { host: { name: entry.host } }),
    ...(entry.error === undefined ? {} : { error: { message: entry.error } }),
    foghorn: {
      ...(entry.incidentId === undefined ? {} : { incident: incidentFields(entry) }),
      ...(entry.faultClass === undefined ? {} : { remediation: { class: entry.faultClass } }),
      action: {
        subject: entry.subject,
        actor: entry.actor,
        receiver: entry.receiver,
        delivery_id: entry.deliveryId,
        group_id: entry.group?.id ?? entry.groupId,
        provider_reference: entry.providerReference,
        time_to_alert_ms: entry.timeToAlertMs,
        command_id: entry.commandId,
        audience: entry.audience,
      },
      // As it is in Kafka: the list of silences is read from these documents.
      ...silenceFields(entry),
    },
  };
}

function incidentFields(entry: EntryFields): EcsDocument {
  return {
    id: entry.incidentId,
    episode: entry.episode,
    revision: entry.revision,
    severity: entry.severity,
    time_to_acknowledge_ms: entry.timeToAcknowledgeMs,
    time_to_resolve_ms: entry.timeToResolveMs,
  };
}

function silenceFields({ silence, silenceId }: EntryFields): EcsDocument {
  if (silence !== undefined) return { silence };
  return silenceId === undefined ? {} : { silence: { id: silenceId } };
}
