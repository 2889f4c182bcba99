// The template of the data stream of dead letters: where and why, searchable; the original, kept.
import { DEAD_LETTERS_DATASET } from '../../../shared/elasticsearch/names.ts';
import {
  dataStreamFields,
  FLATTENED,
  type IndexTemplate,
  keywords,
  LONG,
  object,
  OWNER,
  PRIORITY,
  PROSE,
  TIMESTAMP,
} from './field-types.ts';

/** Grows with every change of the template. */
const VERSION = 1;

/** The documents: `dead-letter-document.ts`. */
export function deadLetterStreamTemplate(): IndexTemplate {
  return {
    name: `logs-${DEAD_LETTERS_DATASET}`,
    body: {
      index_patterns: [`logs-${DEAD_LETTERS_DATASET}-*`],
      priority: PRIORITY,
      version: VERSION,
      _meta: { managed_by: OWNER, description: 'What Foghorn could not take, and why.' },
      data_stream: {},
      allow_auto_create: true,
      template: {
        data_stream_options: { failure_store: { enabled: false } },
        mappings: {
          dynamic: false,
          properties: {
            '@timestamp': TIMESTAMP,
            message: PROSE,
            event: object({
              ...keywords('kind', 'id'),
              original: { type: 'keyword', index: false, doc_values: false },
            }),
            ecs: object(keywords('version')),
            data_stream: dataStreamFields(DEAD_LETTERS_DATASET),
            foghorn: object({
              ...keywords('input', 'sender'),
              dead_letter: object({
                ...keywords('stage', 'reason', 'topic', 'encoding', 'key'),
                detail: PROSE,
                partition: LONG,
                offset: LONG,
                bytes: LONG,
                is_truncated: { type: 'boolean' },
                headers: FLATTENED,
              }),
            }),
          },
        },
      },
    },
  };
}
