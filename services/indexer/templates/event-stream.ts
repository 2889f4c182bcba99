// The template of the data stream of events: ECS and Winlogbeat's types, and a mapping that stays
// bounded whatever arrives.
import { dataStreamTemplate } from './data-stream.ts';
import { declaredFields, dynamicTemplates } from './known-fields.ts';
import {
  dataStreamFields,
  DATE,
  FLATTENED,
  type IndexTemplate,
  keywords,
  LONG,
  type Mapping,
  object,
  TIMESTAMP,
} from './field-types.ts';

/**
 * All of ECS and the known event data at once, 2,730, and room: no field can take another's place.
 */
const MAX_FIELDS = 3500;

/**
 * How Elasticsearch stores the documents: as received (`standard`) or as synthetic `_source`, the
 * latter also in its own mode for logs.
 */
export type IndexMode = 'standard' | 'synthetic_source' | 'logsdb';

/**
 * Sorting by host and time beside a synthetic source was measured too: it takes more disk, not
 * less, where many hosts write at once.
 */
const MODE_SETTINGS: Readonly<Record<IndexMode, Mapping>> = {
  standard: {},
  synthetic_source: { source: { mode: 'synthetic' } },
  logsdb: {},
};

const FOGHORN: Mapping = object({
  received: DATE,
  lag_ms: LONG,
  clock_skew_ms: LONG,
  ...keywords('input', 'sender', 'sender_kind', 'sender_address', 'sender_host', 'agent', 'form', 'port_source'),
  // Read with the document, never searched by.
  content: { type: 'keyword', index: false, doc_values: false },
  place: { type: 'keyword', index: false, doc_values: false },
  event_data: FLATTENED,
  user_data: FLATTENED,
  misplaced: FLATTENED,
  unmapped: FLATTENED,
  unmapped_rest: { type: 'keyword', index: false, doc_values: false },
  remediation: object(keywords('id', 'version', 'title', 'class', 'severity')),
  incident: object(keywords('id')),
});

/**
 * Every object of ECS and of Winlogbeat's fields is declared, and the type of every field below is
 * settled by its path, so that no document decides how another is mapped; a field of ECS is in the
 * mapping once a document has it. Unknown fields go into one flattened field (`settle-fields.ts`).
 */
export function eventStreamTemplate(dataset: string, indexMode: IndexMode = 'standard'): IndexTemplate {
  return dataStreamTemplate(dataset, {
    version: 9,
    description: 'Windows events read by Foghorn.',
    settings: {
      index: {
        ...(indexMode === 'logsdb' ? { mode: 'logsdb' } : {}),
        mapping: {
          ...MODE_SETTINGS[indexMode],
          ignore_malformed: true,
          total_fields: { limit: MAX_FIELDS, ignore_dynamic_beyond_limit: true },
        },
      },
    },
    mappings: {
      date_detection: false,
      dynamic: false,
      dynamic_templates: dynamicTemplates(),
      properties: {
        ...declaredFields(),
        '@timestamp': TIMESTAMP,
        data_stream: dataStreamFields(dataset),
        foghorn: FOGHORN,
      },
    },
  });
}
