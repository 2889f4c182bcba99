// The ECS document of an incident, made from its snapshot.
import { toIncidentDocument } from '../../shared/contracts/incident-to-document.ts';
import type { EcsDocument } from '../../shared/contracts/enriched-event.ts';
import type { FilledIncident } from '../../shared/contracts/incident.ts';
import { ECS_VERSION } from '../../shared/ecs/ecs-fields.ts';

/**
 * The document in the incident index, with the version of ECS that it follows. Throws a RangeError
 * for a snapshot whose times are no times.
 */
export function incidentDocument(incident: FilledIncident): EcsDocument {
  return { ...toIncidentDocument(incident), ecs: { version: ECS_VERSION } };
}
