// The frame of a data stream's template.
import { type IndexTemplate, type Mapping, OWNER, PRIORITY } from './field-types.ts';

/** What the template of one data stream has of its own. */
interface DataStreamParts {
  /** Grows with every change of the template. */
  readonly version: number;
  readonly description: string;
  readonly settings?: Mapping;
  readonly mappings: Mapping;
}

/**
 * The template of `logs-<dataset>-*`. Fields without a mapping stay in the document and are not
 * searchable.
 */
export function dataStreamTemplate(dataset: string, parts: DataStreamParts): IndexTemplate {
  const { version, description, settings, mappings } = parts;
  return {
    name: `logs-${dataset}`,
    body: {
      index_patterns: [`logs-${dataset}-*`],
      priority: PRIORITY,
      version,
      _meta: { managed_by: OWNER, description },
      data_stream: {},
      allow_auto_create: true,
      template: {
        // Refused documents go to Foghorn's dead letters with their reason; the failure store would
        // take them silently.
        data_stream_options: { failure_store: { enabled: false } },
        ...(settings === undefined ? {} : { settings }),
        mappings,
      },
    },
  };
}
