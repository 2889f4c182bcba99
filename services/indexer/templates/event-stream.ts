// The template of the data stream of events: ECS and Winlogbeat's types, and a mapping that stays bounded whatever arrives.
import {
  dataStreamFields,
  DATE,
  FLATTENED,
  type IndexTemplate,
  KEYWORD,
  keywords,
  LONG,
  type Mapping,
  object,
  OWNER,
  PRIORITY,
  PROSE,
  TIMESTAMP,
} from './field-types.ts';

/** Grows with every change of the template. */
const VERSION = 5;
const MAX_FIELDS = 2000;

/** How Elasticsearch keeps the documents: as they came, or put together again from its columns, the latter also in its own mode for logs. */
export type IndexMode = 'standard' | 'synthetic_source' | 'logsdb';

/** Sorting by host and time beside a synthetic source was measured too: it takes more disk, not less, where many hosts write at once. */
const MODE_SETTINGS: Readonly<Record<IndexMode, Mapping>> = {
  standard: {},
  synthetic_source: { source: { mode: 'synthetic' } },
  logsdb: {},
};

const WINLOG: Mapping = object({
  ...keywords('api', 'channel', 'provider_name', 'provider_guid', 'event_id', 'record_id', 'computer_name', 'opcode'),
  ...keywords('task', 'keywords', 'activity_id', 'related_activity_id'),
  version: LONG,
  time_created: DATE,
  process: object({ pid: LONG, thread: object({ id: LONG }) }),
  user: object(keywords('identifier', 'name', 'domain', 'type')),
  event_data: FLATTENED,
  user_data: FLATTENED,
});

const EVENT: Mapping = object({
  ...keywords('kind', 'code', 'provider', 'id', 'action', 'outcome', 'category', 'type', 'reference'),
  created: DATE,
  ingested: DATE,
  severity: LONG,
  original: { type: 'keyword', index: false, doc_values: false },
});

const FOGHORN: Mapping = object({
  received: DATE,
  enriched: DATE,
  lag_ms: LONG,
  clock_skew_ms: LONG,
  ...keywords('input', 'sender', 'sender_host', 'agent', 'form', 'port_source'),
  // Read with the document, never searched by.
  content: { type: 'keyword', index: false, doc_values: false },
  remediation: object(keywords('id', 'version', 'title', 'class', 'severity')),
});

/**
 * Names and types: https://www.elastic.co/docs/reference/ecs/ecs-field-reference and Winlogbeat's. Fields that agents bring beyond these are mapped
 * as they come (by Elastic's own ECS rules where the cluster has them) up to a limit, beyond which they are kept and not searchable.
 */
export function eventStreamTemplate(dataset: string, indexMode: IndexMode = 'standard'): IndexTemplate {
  return {
    name: `logs-${dataset}`,
    body: {
      index_patterns: [`logs-${dataset}-*`],
      priority: PRIORITY,
      version: VERSION,
      _meta: { managed_by: OWNER, description: 'Windows events read by Foghorn.' },
      data_stream: {},
      allow_auto_create: true,
      composed_of: ['ecs@mappings'],
      ignore_missing_component_templates: ['ecs@mappings'],
      template: {
        // Refused documents go to Foghorn's dead letters with their reason; the failure store would take them in silence.
        data_stream_options: { failure_store: { enabled: false } },
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
          dynamic_templates: [{ strings_as_keyword: { match_mapping_type: 'string', mapping: KEYWORD } }],
          properties: {
            '@timestamp': TIMESTAMP,
            message: PROSE,
            tags: KEYWORD,
            event: EVENT,
            winlog: WINLOG,
            host: object(keywords('name')),
            log: object({ level: KEYWORD }),
            agent: object(keywords('id', 'name', 'type', 'version', 'ephemeral_id')),
            ecs: object(keywords('version')),
            error: object({ code: KEYWORD, message: PROSE }),
            rule: object(keywords('id', 'name', 'version', 'ruleset', 'reference')),
            server: object({ port: LONG }),
            network: object(keywords('transport')),
            data_stream: dataStreamFields(dataset),
            foghorn: FOGHORN,
          },
        },
      },
    },
  };
}
