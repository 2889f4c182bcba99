// The template of the data stream of dead letters: where and why, searchable; the original, kept.
import { DEAD_LETTERS_DATASET } from '../../../shared/elasticsearch/names.ts';
import { dataStreamTemplate } from './data-stream.ts';
import {
  dataStreamFields,
  FLATTENED,
  type IndexTemplate,
  keywords,
  LONG,
  object,
  PROSE,
  TIMESTAMP,
} from './field-types.ts';

/** The documents: `dead-letter-document.ts`. */
export function deadLetterStreamTemplate(): IndexTemplate {
  return dataStreamTemplate(DEAD_LETTERS_DATASET, {
    version: 1,
    description: 'What Foghorn could not take, and why.',
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
  });
}
