// The template of the activity log's data stream: one document for each activity entry.
import { ACTIONS_DATASET } from '../../../shared/elasticsearch/names.ts';
import { dataStreamTemplate } from './data-stream.ts';
import {
  dataStreamFields,
  type IndexTemplate,
  keywords,
  LONG,
  object,
  PROSE,
  STORED_ONLY,
  TIMESTAMP,
} from './field-types.ts';

/** The fields of an entry besides its incident. */
const ACTION = object({
  ...keywords('subject', 'actor', 'receiver', 'delivery_id', 'group_id', 'provider_reference', 'command_id'),
  time_to_alert_ms: LONG,
  audience: STORED_ONLY,
});

/** The documents: `activity-document.ts`. */
export function activityStreamTemplate(): IndexTemplate {
  return dataStreamTemplate(ACTIONS_DATASET, {
    version: 7,
    description: 'The activity log of Foghorn: changes of incidents and silences, notifications, refused commands.',
    mappings: {
      dynamic: false,
      properties: {
        '@timestamp': TIMESTAMP,
        event: object(keywords('kind', 'id', 'action', 'reason')),
        rule: object(keywords('id', 'name')),
        host: object(keywords('name')),
        error: object({ message: PROSE }),
        ecs: object(keywords('version')),
        data_stream: dataStreamFields(ACTIONS_DATASET),
        foghorn: object({
          incident: object({
            ...keywords('id', 'severity'),
            episode: LONG,
            revision: LONG,
            time_to_acknowledge_ms: LONG,
            time_to_resolve_ms: LONG,
          }),
          remediation: object(keywords('class')),
          action: ACTION,
          silence: object({ ...keywords('id'), revision: LONG }),
        }),
      },
    },
  });
}
