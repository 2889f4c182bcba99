// The template of the index of sources: one document per source, all of its fields ours.
import { DATE, type IndexTemplate, keywords, LONG, object, OWNER, PRIORITY } from './field-types.ts';

/** Grows with every change of the template. */
const VERSION = 1;

/** The documents: `shared/contracts/source-document.ts`. */
export function sourceIndexTemplate(index: string): IndexTemplate {
  return {
    name: index,
    body: {
      index_patterns: [index],
      priority: PRIORITY,
      version: VERSION,
      _meta: { managed_by: OWNER, description: 'Sources of Foghorn: who sends what, one document each.' },
      allow_auto_create: true,
      template: {
        mappings: {
          dynamic: false,
          properties: {
            '@timestamp': DATE,
            host: object(keywords('name')),
            winlog: object(keywords('channel')),
            agent: object(keywords('type', 'version')),
            ecs: object(keywords('version')),
            foghorn: object({
              source: object({
                ...keywords('id', 'state', 'input', 'sender', 'clock', 'watch', 'completeness', 'missing_ids'),
                first_seen: DATE,
                last_seen: DATE,
                last_event: DATE,
                events: LONG,
                lag_ms: LONG,
                clock_skew_ms: LONG,
                silent_after_ms: LONG,
                silent_since: DATE,
                late_since: DATE,
                clock_off_since: DATE,
                longest_gap_ms: LONG,
                missing_records: LONG,
                log_cleared: DATE,
                log_renumbered: DATE,
                updated: DATE,
              }),
            }),
          },
        },
      },
    },
  };
}
