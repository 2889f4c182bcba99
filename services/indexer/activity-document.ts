// The ECS document of one row of the action stream.
import type { EcsDocument } from '../../shared/contracts/enriched-event.ts';
import { ECS_VERSION } from '../../shared/ecs/ecs-fields.ts';
import type { ActivityEntry } from '../../shared/contracts/incident.ts';

/** The document of an action. Throws a RangeError for an action whose time is no time. */
export function activityDocument(action: ActivityEntry): EcsDocument {
  return {
    '@timestamp': new Date(action.atMs).toISOString(),
    ecs: { version: ECS_VERSION },
    event: { kind: 'event', id: action.id, action: action.type, reason: action.reason },
    rule: { id: action.ruleId, name: action.ruleName },
    host: { name: action.host },
    ...(action.error === undefined ? {} : { error: { message: action.error } }),
    foghorn: {
      incident: {
        id: action.incidentId,
        episode: action.episode,
        revision: action.revision,
        severity: action.severity,
        time_to_acknowledge_ms: action.timeToAcknowledgeMs,
        time_to_resolve_ms: action.timeToResolveMs,
      },
      remediation: { class: action.faultClass },
      // What is undefined is left out when the document is written as JSON.
      action: {
        actor: action.actor,
        receiver: action.receiver,
        delivery_id: action.deliveryId,
        provider_reference: action.providerReference,
        time_to_alert_ms: action.timeToAlertMs,
        command_id: action.commandId,
      },
      // As it is in Kafka, kept and not searchable: a list of silences is read from these rows.
      ...(action.silence === undefined ? {} : { silence: action.silence }),
    },
  };
}
